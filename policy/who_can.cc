#include "policy/who_can.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace portcullis {
namespace {

using Who = GrantLine::Who;
using Kind = RuleRef::Kind;

constexpr std::array<std::string_view, 5> kActions = {"read", "create", "update", "delete", "detectManifestCollision"};

std::vector<std::string> words_of(ActionSet set) {
  std::vector<std::string> words;
  for (const std::string_view word : kActions) {
    if ((set & action_bit(word)) != 0) words.emplace_back(word);
  }
  return words;
}

std::vector<std::string> conditions_of(const PolicyRule& rule) {
  std::vector<std::string> texts;
  for (const Condition& condition : rule.conditions) texts.push_back(condition.expression.source());
  return texts;
}

/// The segment of `name` with this number, from 0.
std::string segment_of(std::string_view name, std::size_t number) {
  for (; number > 0; --number) name.remove_prefix(std::min(name.size(), name.find('/') + 1));
  return std::string(name.substr(0, name.find('/')));
}

/// Writes the lines of one rule after another.
class Lines {
 public:
  explicit Lines(const Policy& policy) : policy_(policy) {}

  /// The lines of one pattern are for this user alone from now on; nothing: for all again.
  void reserve_for(std::optional<std::string> user) { only_user_ = std::move(user); }

  /// All whom `rule` names.
  void add_named(const PolicyRule& rule, const RuleRef& ref) {
    for (const std::uint32_t user : rule.users) {
      if (!only_user_ || policy_.user_names()[user] == *only_user_) add(Who::user, policy_.user_names()[user], rule, ref);
    }
    for (const std::uint32_t group : rule.groups) add(Who::group, policy_.group_names()[group], rule, ref);
    if (rule.everyone) add(Who::everyone, {}, rule, ref);
  }

  void add(Who who, std::string name, const PolicyRule& rule, const RuleRef& ref) {
    GrantLine line = line_of(who, std::move(name), rule.actions, ref);
    line.conditions = conditions_of(rule);
    (rule.deny ? found_.denies : found_.grants).push_back(std::move(line));
  }

  void add_set(Who who, ActionSet set, const RuleRef& ref) {
    if (set != 0) found_.grants.push_back(line_of(who, {}, set, ref));
  }

  [[nodiscard]] WhoCan take() { return std::move(found_); }
  [[nodiscard]] WhoCan& found() { return found_; }

 private:
  [[nodiscard]] GrantLine line_of(Who who, std::string name, ActionSet set, const RuleRef& ref) const {
    return {.who = who,
            .name = std::move(name),
            .pattern = ref.kind == Kind::admin_policy ? std::string() : policy_.repositories()[ref.repository].pattern,
            .actions = words_of(set),
            .rule = policy_.path_of(ref),
            .conditions = {},
            .only_user = only_user_};
  }

  const Policy& policy_;
  std::optional<std::string> only_user_;
  WhoCan found_;
};

RuleRef policy_ref(std::uint32_t repository, std::size_t policy) { return {Kind::policy, repository, static_cast<std::uint32_t>(policy)}; }

/// Whom `rule` names of a user and the groups of that user: the name of what it is, user or group.
std::optional<std::pair<Who, std::string>> naming(const Policy& policy, const PolicyRule& rule, std::optional<std::uint32_t> user,
                                                  const std::vector<std::uint32_t>& groups) {
  if (rule.everyone) return std::pair(Who::everyone, std::string());
  if (user && rule.users.contains(*user)) return std::pair(Who::user, policy.user_names()[*user]);
  for (const std::uint32_t group : groups) {
    if (rule.groups.contains(group)) return std::pair(Who::group, policy.group_names()[group]);
  }
  return std::nullopt;
}

void add_denies(const Policy& policy, ActionSet wanted, const PatternMatches& matches, Lines& lines) {
  std::vector<std::uint32_t> seen;
  for (const PatternMatch& match : matches) {
    if (std::find(seen.begin(), seen.end(), match.pattern) != seen.end()) continue;
    seen.push_back(match.pattern);
    const std::span<const PolicyRule> policies = policy.repositories()[match.pattern].policies();
    for (std::size_t i = 0; i < policies.size(); ++i) {
      if (policies[i].deny && (policies[i].actions & wanted) != 0) lines.add_named(policies[i], policy_ref(match.pattern, i));
    }
  }
}

}  // namespace

std::span<const std::string_view> action_words() noexcept { return kActions; }

WhoCan who_can(const Policy& policy, std::string_view action, std::string_view repository) {
  const ActionSet wanted = action_bit(action);
  Lines lines(policy);
  PatternMatches matches;
  policy.find(repository, {}, matches);
  add_denies(policy, wanted, matches, lines);
  if (const PatternMatch* ruling = policy.ruling(matches)) {
    const RepositoryRules& rules = policy.repositories()[ruling->pattern];
    lines.found().pattern = rules.pattern;
    const bool reserved = ruling->placeholder != PatternMatch::kNoPlaceholder;
    if (reserved) lines.reserve_for(segment_of(repository, ruling->placeholder));
    for (std::size_t i = 0; i < rules.policies().size(); ++i) {
      const PolicyRule& rule = rules.policies()[i];
      if (!rule.deny && (rule.actions & wanted) != 0) lines.add_named(rule, policy_ref(ruling->pattern, i));
    }
    lines.add_set(Who::known_users, rules.default_policy & wanted ? rules.default_policy : ActionSet{0},
                  {Kind::default_policy, ruling->pattern, 0});
    if (!reserved) {
      lines.add_set(Who::anonymous, rules.anonymous_policy & wanted ? rules.anonymous_policy : ActionSet{0},
                    {Kind::anonymous_policy, ruling->pattern, 0});
    }
    lines.reserve_for(std::nullopt);
  }
  const PolicyRule* admin = policy.admin();
  if (admin != nullptr && (admin->actions & wanted) != 0) lines.add_named(*admin, {Kind::admin_policy, 0, 0});
  return lines.take();
}

WhoCan what_can(const Policy& policy, std::string_view name, std::span<const std::string> groups) {
  const std::optional<std::uint32_t> user = policy.user_number(name);
  std::vector<std::uint32_t> member = user ? policy.memberships(*user) : std::vector<std::uint32_t>();
  for (const std::string& group : groups) {
    if (const auto number = policy.group_number(group)) member.push_back(*number);
  }
  Lines lines(policy);
  for (std::uint32_t number = 0; number < policy.repositories().size(); ++number) {
    const RepositoryRules& rules = policy.repositories()[number];
    const bool reserved = rules.pattern.find("${user}") != std::string::npos;
    lines.reserve_for(reserved ? std::optional<std::string>(name) : std::nullopt);
    for (std::size_t i = 0; i < rules.policies().size(); ++i) {
      if (const auto named = naming(policy, rules.policies()[i], user, member)) {
        lines.add(named->first, named->second, rules.policies()[i], policy_ref(number, i));
      }
    }
    lines.add_set(Who::known_users, rules.default_policy, {Kind::default_policy, number, 0});
  }
  lines.reserve_for(std::nullopt);
  if (const PolicyRule* admin = policy.admin()) {
    if (const auto named = naming(policy, *admin, user, member)) lines.add(named->first, named->second, *admin, {Kind::admin_policy, 0, 0});
  }
  return lines.take();
}

}  // namespace portcullis
