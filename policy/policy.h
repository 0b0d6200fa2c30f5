// The rules of `accessControl`, compiled: patterns in one index, users and groups as numbers, actions as bits, conditions as programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/condition.h"
#include "policy/number_set.h"
#include "policy/pattern/index.h"
#include "policy/pattern/label_table.h"
#include "policy/route.h"

namespace portcullis {

/// Actions as bits.
using ActionSet = std::uint8_t;
/// The bit of one action; 0 for `none` and `create_or_update`, which nobody grants as such.
ActionSet action_bit(Action action) noexcept;
/// The bit of an action's word in the configuration, `detectManifestCollision` included; 0 for any other word.
ActionSet action_bit(std::string_view word) noexcept;

/// One policy: whom it names, and what it gives or takes.
struct PolicyRule {
  ActionSet actions = 0;
  bool deny = false;
  bool everyone = false;     ///< a deny that names neither users nor groups
  bool conditional = false;  ///< it has conditions
  RequestFields fields = 0;  ///< what its conditions read
  NumberSet users;
  NumberSet groups;
  std::vector<Condition> conditions;
};

/// What stands below one pattern. What most decisions read of it is one line of memory: all but the conditions of an only policy.
class alignas(64) RepositoryRules {
 public:
  ActionSet default_policy = 0;
  ActionSet anonymous_policy = 0;
  bool has_denies = false;

 private:
  std::uint32_t policy_count_ = 0;
  PolicyRule only_policy_;
  std::vector<PolicyRule> policies_;  ///< empty where there is one, as there mostly is

 public:
  std::string pattern;

  /// In the order of the configuration.
  [[nodiscard]] std::span<const PolicyRule> policies() const noexcept {
    return {policy_count_ == 1 ? &only_policy_ : policies_.data(), policy_count_};
  }
  void set_policies(std::vector<PolicyRule> policies);
};

/// Where a rule stands in the configuration.
struct RuleRef {
  enum class Kind : std::uint8_t { none, policy, default_policy, anonymous_policy, admin_policy, repository };
  Kind kind = Kind::none;
  std::uint32_t repository = 0;  ///< of `Policy::repositories()`
  std::uint32_t policy = 0;      ///< of its `policies`

  friend bool operator==(const RuleRef&, const RuleRef&) = default;
};

/// Immutable, shared by all threads. Made by `compile_policy` alone.
class Policy {
 public:
  [[nodiscard]] const std::vector<RepositoryRules>& repositories() const noexcept { return repositories_; }
  /// Null where there is none.
  [[nodiscard]] const PolicyRule* admin() const noexcept { return admin_ ? &*admin_ : nullptr; }

  /// Every pattern that `repository` matches, for the caller called `username`; one perhaps more than once.
  void find(std::string_view repository, std::string_view username, PatternMatches& matches) const;
  /// The one match that rules alone: the longest pattern in bytes, of equally long ones the lexicographically smaller; but where that has
  /// the placeholder, the longest of those that write out the segment in its place. Null where `matches` is empty.
  [[nodiscard]] const PatternMatch* ruling(const PatternMatches& matches) const noexcept;
  /// The rules below the pattern `**`, by which an identity may read what is no repository; nothing where there is no such pattern.
  [[nodiscard]] std::optional<std::uint32_t> everything() const noexcept { return everything_; }

  /// Ask for memory that is going to be read: what is known of a match's pattern, and the number of a user. Hash: `LabelTable::hash_of`.
  void foresee(const PatternMatch& match) const noexcept { __builtin_prefetch(&repositories_[match.pattern]); }
  void foresee_user(std::uint64_t hash) const noexcept { users_.foresee(0, LabelTable::Kind::literal, hash); }
  /// Numbers of names; nothing for one that no rule names.
  [[nodiscard]] std::optional<std::uint32_t> user_number(std::string_view name) const;
  [[nodiscard]] std::optional<std::uint32_t> user_number(std::string_view name, std::uint64_t hash) const;
  [[nodiscard]] std::optional<std::uint32_t> group_number(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& user_names() const noexcept { return user_names_; }
  [[nodiscard]] const std::vector<std::string>& group_names() const noexcept { return group_names_; }
  /// Groups that the configuration puts a user into, by number; sorted.
  [[nodiscard]] const std::vector<std::uint32_t>& memberships(std::uint32_t user) const noexcept { return memberships_[user]; }

  /// The JSON path of a rule: `http.accessControl.repositories["team/**"].policies[0]`. Empty for none.
  [[nodiscard]] std::string path_of(const RuleRef& rule) const;
  /// What all conditions read, as bits.
  [[nodiscard]] RequestFields fields() const noexcept { return fields_; }
  /// Whether some `anonymousPolicy` grants something.
  [[nodiscard]] bool has_anonymous() const noexcept { return has_anonymous_; }
  /// `metrics`: whether it is configured, and whom it lets read; nobody's name is empty.
  [[nodiscard]] bool has_metrics() const noexcept { return has_metrics_; }
  [[nodiscard]] bool may_read_metrics(std::string_view username) const;
  /// Bytes of the pattern index, about.
  [[nodiscard]] std::size_t index_bytes() const noexcept { return index_.bytes(); }

 private:
  friend class PolicyCompiler;

  std::string path_;  ///< `http.accessControl`
  PatternIndex index_;
  std::vector<RepositoryRules> repositories_;
  std::optional<std::uint32_t> everything_;
  std::optional<PolicyRule> admin_;
  LabelTable users_;  ///< numbers of names, as literals of owner 0
  LabelTable groups_;
  std::vector<std::string> user_names_;
  std::vector<std::string> group_names_;
  std::vector<std::vector<std::uint32_t>> memberships_;  ///< by user
  RequestFields fields_ = 0;
  bool has_anonymous_ = false;
  bool has_metrics_ = false;
  bool anonymous_metrics_ = false;
  std::vector<std::uint32_t> metrics_users_;  ///< sorted
};

}  // namespace portcullis
