// The policies read backwards: whom they let do what. Read from the rules, not asked of them: what a condition would say is not known.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.h"

namespace portcullis {

/// One rule that grants, or denies, and to whom.
struct GrantLine {
  enum class Who { user, group, known_users, anonymous, everyone };  ///< everyone: of denies alone

  Who who = Who::user;
  std::string name;                      ///< of the user or the group; empty for the others
  std::string pattern;                   ///< empty for `adminPolicy`
  std::vector<std::string> actions;      ///< all that the rule is about, in the words of the configuration
  std::string rule;                      ///< its path in the configuration
  std::vector<std::string> conditions;   ///< all must hold; empty: none
  std::optional<std::string> only_user;  ///< of a pattern with `${user}`: who alone may use it
};

struct WhoCan {
  std::optional<std::string> pattern;  ///< the one that rules; nothing where none matches
  std::vector<GrantLine> grants;
  std::vector<GrantLine> denies;  ///< of every pattern that matches; each takes away what `grants` say
};

/// Words that `who_can` takes for an action.
std::span<const std::string_view> action_words() noexcept;
/// Who may do `action`, one of `action_words`, to `repository`.
WhoCan who_can(const Policy& policy, std::string_view action, std::string_view repository);
/// What the user called `name`, whose token names `groups` beside those of the configuration, may do, pattern by pattern. A longer pattern
/// that matches a repository rules alone, as always: the lines are not to be added up.
WhoCan what_can(const Policy& policy, std::string_view name, std::span<const std::string> groups);

}  // namespace portcullis
