// Conditions of policies: CEL over `req`, compiled once, and the values that it reads, made when some condition wants them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "policy/cel/expression.h"
#include "policy/cel/value.h"
#include "policy/request_facts.h"
#include "policy/route.h"

namespace portcullis {

/// Members of `req`, as bits.
using RequestFields = std::uint32_t;

struct Condition {
  cel::Expression expression;
  std::string message;   ///< for the client where it does not hold; may be empty
  RequestFields fields;  ///< members of `req` that it may read
};

/// Compiles one condition. `Reason::compile_error`: what CEL says, or that the expression can never be a bool.
Result<Condition> compile_condition(std::string_view expression, std::string message);
/// Members that the condition reads and that `req` does not have, one sentence each, with the place and a caret: reading one is an error at
/// every request.
std::vector<std::string> unknown_members(const Condition& condition);
/// Whether it reads claims, and which ones cannot be told from its text: `req.claims[x]`, `size(req.claims)`.
bool reads_unnamed_claims(const Condition& condition);
/// Whether `fields` holds `req.claims`.
bool reads_claims(RequestFields fields) noexcept;
/// Whether `fields` holds `req.time`.
bool reads_time(RequestFields fields) noexcept;

/// What a request says of itself, for one right that it needs. Views outlive the values.
struct RequestView {
  Action action = Action::none;
  std::string_view repository;
  std::string_view reference;  ///< tag or digest
  bool is_blob = false;        ///< an upload: addressed by a digest, whether or not it is known yet
  std::string_view username;
  std::span<const std::string> groups;        ///< of the token
  std::span<const std::string_view> members;  ///< groups that the configuration adds
  bool admin = false;
  const cel::Value* claims = nullptr;  ///< null: an empty map
  TimePoint now;
};

/// `req`, made in parts as they are read. One for each request view.
class RequestValues {
 public:
  RequestValues(const RequestView& view, const RequestFacts& facts) : view_(view), facts_(facts) {}

  /// Bindings that hold at least `fields` of `req`.
  const cel::Bindings& with(RequestFields fields);

 private:
  const RequestView& view_;
  const RequestFacts& facts_;
  RequestFields made_ = 0;
  std::optional<cel::Bindings> bindings_;
};

/// "read", "create", "update", "delete", "create or update", "none".
std::string_view action_name(Action action) noexcept;

}  // namespace portcullis
