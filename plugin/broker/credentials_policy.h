// Who may ask for a login (`portcullis.broker.policy`), compiled.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/access.h"
#include "config/broker.h"
#include "policy/condition.h"
#include "policy/decide.h"
#include "policy/request_facts.h"

namespace portcullis {

/// Immutable. Safe from many threads.
class CredentialsPolicy {
 public:
  enum class Grant {
    none,
    limited,  ///< a login that is limited to the caller's repositories
    wide,     ///< also one that cannot be limited
  };

  /// `groups`: those of `http.accessControl`, whose members are in them beside what tokens say. `Reason::config_invalid` for a condition
  /// that does not compile; the detail begins with its path.
  static Result<std::shared_ptr<const CredentialsPolicy>> compile(const BrokerConfig& config, const std::vector<GroupConfig>& groups);

  /// The most that any rule grants: one that names the registry, or none, and the user or a group, or neither and has conditions; and whose
  /// conditions all hold, with the registry's host as `req.repository` and the action `read`. A condition that errs grants nothing.
  [[nodiscard]] Grant decide(const Caller& caller, std::string_view registry, const RequestFacts& facts, TimePoint now) const;

  [[nodiscard]] bool reads_claims() const noexcept { return reads_claims_; }

 private:
  struct Rule {
    std::vector<std::string> registries;
    std::vector<std::string> users;
    std::vector<std::string> groups;
    std::vector<Condition> conditions;
    RequestFields fields = 0;
    bool wide = false;
  };

  CredentialsPolicy() = default;

  std::vector<Rule> rules_;
  std::vector<GroupConfig> groups_;
  bool reads_claims_ = false;
};

}  // namespace portcullis
