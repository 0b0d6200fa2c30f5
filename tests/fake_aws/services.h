// The services of this cloud: each is a table of operations on the world.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/codec/json.h"
#include "tests/fake_aws/protocol.h"
#include "tests/fake_aws/world.h"

namespace portcullis::fake_aws {

/// Who calls, checked, and where.
struct Caller {
  Principal principal;
  std::string region;
};

/// An operation of a JSON service: `input` is an object.
using JsonOperation = Outcome (*)(World& world, const Caller& caller, JsonView input);

/// A form's values by name; each name once.
class Form {
 public:
  explicit Form(std::vector<std::pair<std::string, std::string>> values) : values_(std::move(values)) {}
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
  /// A name that is none of `known`, or nothing: what this cloud would have to ignore, it refuses.
  [[nodiscard]] std::optional<std::string> other_than(std::initializer_list<std::string_view> known) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

using QueryOperation = Outcome (*)(World& world, const Caller& caller, const Form& input);

struct Operation {
  std::string_view service;  ///< as faults and counts name it: `secretsmanager`, `sts`, `ecr`, `ecr-public`, `iam`
  std::string_view name;     ///< `GetSecretValue`
  Protocol protocol;
  bool is_signed = true;
  JsonOperation json = nullptr;    ///< of JSON services
  QueryOperation query = nullptr;  ///< of Query services
};

/// The tables.
std::vector<Operation> secrets_manager_operations();
std::vector<Operation> sts_operations();
std::vector<Operation> registry_operations();  ///< ECR, ECR Public, IAM

/// AssumeRoleWithWebIdentity.
Outcome assume_role_with_web_identity(World& world, const Caller& caller, const Form& input);

/// What AssumeRole and its like answer: credentials of a new session.
Outcome session_answer(World& world, const Role& role, std::string_view session_name, std::chrono::seconds life,
                       std::vector<XmlElement> more);
/// The `DurationSeconds` of a form, checked against AWS's bounds and the role's own. `chained`: the caller is a role session.
std::optional<Refusal> read_duration(const Form& input, const Role* role, bool chained, std::chrono::seconds& life);

}  // namespace portcullis::fake_aws
