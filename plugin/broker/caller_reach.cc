#include "plugin/broker/caller_reach.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/codec/percent.h"
#include "plugin/rights.h"
#include "policy/grammar.h"
#include "policy/pattern/pattern.h"

namespace portcullis {
namespace {

using Kind = PatternSegment::Kind;

/// The same names in another order are the same identity, whose login is at hand.
void sort_unique(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

/// One alternative of one pattern, for a user.
struct Branch {
  const PatternSegments* segments;
  std::string_view user;

  /// The text of a segment that is written out; nothing for a wildcard.
  [[nodiscard]] std::optional<std::string_view> written(std::size_t index) const {
    const PatternSegment& segment = (*segments)[index];
    // What no name can hold might be a wildcard of IAM.
    if (segment.kind == Kind::literal && is_name_component(segment.text)) return segment.text;
    if (segment.kind == Kind::placeholder && is_name_component(user)) return user;
    return std::nullopt;
  }
  [[nodiscard]] std::size_t size() const noexcept { return segments->size(); }
  [[nodiscard]] Kind kind(std::size_t index) const { return (*segments)[index].kind; }
};

/// What the caller may do below one pattern.
struct Ground {
  Pattern pattern;
  ActionSet granted = 0;  ///< without condition
  ActionSet denied = 0;   ///< perhaps
  bool all = false;       ///< of the administrators' policy: rules nowhere, and grants everywhere
};

/// False only where no name can match both.
bool may_overlap(const Branch& left, const Branch& right) {
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    const auto l = left.written(i);
    const auto r = right.written(i);
    if (!l || !r) return true;
    if (*l != *r) return false;
  }
  if (left.size() == right.size()) return true;
  const Branch& longer = left.size() > right.size() ? left : right;
  return longer.kind(std::min(left.size(), right.size())) == Kind::deep;
}

bool ends_in(const Branch& branch, Kind kind) { return branch.kind(branch.size() - 1) == kind; }

/// Whether `branch` may match a name that has more segments than `upper`, and all but the last of them in common.
bool reaches_below(const Branch& branch, const Branch& upper) {
  for (std::size_t i = 0; i + 1 < upper.size(); ++i) {
    if (i >= branch.size()) return false;
    if (branch.kind(i) == Kind::deep) return true;
    const auto mine = branch.written(i);
    const auto theirs = upper.written(i);
    if (mine && theirs && *mine != *theirs) return false;
  }
  return branch.size() > upper.size() || ends_in(branch, Kind::deep);
}

/// IAM's pattern for at least all that the branch matches; `a/**` is two, because it matches `a` too.
void add_all_of(const Branch& branch, std::vector<std::string>& out) {
  std::string text;
  for (std::size_t i = 0; i < branch.size(); ++i) {
    const bool behind_deep = i > 0 && branch.kind(i - 1) == Kind::deep;
    if (i > 0 && !behind_deep) text += '/';
    if (const auto written = branch.written(i)) {
      text += *written;
    } else if (!text.ends_with('*')) {
      text += '*';
    }
  }
  if (branch.size() > 1 && ends_in(branch, Kind::deep) && text.ends_with("/*")) out.push_back(text.substr(0, text.size() - 2));
  out.push_back(std::move(text));
}

/// Whether IAM can write exactly what the branch matches: written-out segments, and `**` or `*` at the end; `*` with what is below it taken
/// away.
bool is_writable(const Branch& branch) {
  for (std::size_t i = 0; i < branch.size(); ++i) {
    const bool last = i + 1 == branch.size();
    if (!branch.written(i) && !(last && (branch.kind(i) == Kind::deep || branch.kind(i) == Kind::any))) return false;
  }
  return branch.size() > 0;
}

using Kept = std::vector<std::pair<const Ground*, Branch>>;

class PolicyReach {
 public:
  PolicyReach(const Policy& policy, const std::string& username, std::span<const std::string> groups)
      : policy_(policy), username_(username), user_(policy.user_number(username)) {
    if (user_) groups_ = policy.memberships(*user_);
    for (const std::string& group : groups)
      if (const auto number = policy.group_number(group)) groups_.push_back(*number);
    for (const RepositoryRules& rules : policy.repositories()) add_ground(rules);
    add_administrator();
  }

  /// `wanted`: all of these bits are needed.
  void write(ActionSet wanted, std::vector<std::string>& given, std::vector<std::string>& taken) const {
    Kept kept;
    for (const Ground& ground : grounds_)
      if (grants(ground, wanted)) add_branches(ground, kept);
    drop_hitting(kept);
    for (const auto& [ground, branch] : kept) {
      add_all_of(branch, given);
      if (ends_in(branch, Kind::any)) taken.push_back(given.back() + "/*");
    }
    for (const Ground& ground : grounds_) take_away(ground, wanted, kept, taken);
    sort_unique(given);
    sort_unique(taken);
  }

 private:
  /// `*` at the end needs what is below it taken away; where that would hit what another branch gives, it goes itself.
  static void drop_hitting(Kept& kept) {
    Kept rest;
    for (const auto& one : kept) {
      const bool hits = ends_in(one.second, Kind::any) && std::any_of(kept.begin(), kept.end(), [&one](const auto& other) {
                          return other.second.segments != one.second.segments && reaches_below(other.second, one.second);
                        });
      if (!hits) rest.push_back(one);
    }
    kept = std::move(rest);
  }

  [[nodiscard]] bool names(const PolicyRule& rule) const {
    if (rule.everyone || (user_ && std::binary_search(rule.users.begin(), rule.users.end(), *user_))) return true;
    return std::any_of(groups_.begin(), groups_.end(),
                       [&rule](std::uint32_t group) { return std::binary_search(rule.groups.begin(), rule.groups.end(), group); });
  }

  void add_ground(const RepositoryRules& rules) {
    auto pattern = Pattern::parse(rules.pattern, Placeholders::known);
    if (!pattern) return;  // the policy was compiled from it
    Ground ground{.pattern = std::move(pattern).value()};
    if (!username_.empty()) ground.granted = rules.default_policy;
    for (const PolicyRule& rule : rules.policies()) {
      if (!names(rule)) continue;
      if (rule.deny) ground.denied |= rule.actions;
      if (!rule.deny && rule.conditions.empty()) ground.granted |= rule.actions;
    }
    grounds_.push_back(std::move(ground));
  }

  void add_administrator() {
    const PolicyRule* admin = policy_.admin();
    if (admin == nullptr || !admin->conditions.empty() || !names(*admin)) return;
    administrator_ = admin->actions;
    auto everything = Pattern::parse("**");
    if (everything) grounds_.push_back({.pattern = std::move(everything).value(), .granted = admin->actions, .denied = 0, .all = true});
  }

  [[nodiscard]] bool grants(const Ground& ground, ActionSet wanted) const {
    return ((ground.granted | administrator_) & wanted) == wanted && (ground.denied & wanted) == 0;
  }

  void add_branches(const Ground& ground, Kept& kept) const {
    for (const PatternSegments& segments : ground.pattern.alternatives()) {
      const Branch branch{&segments, username_};
      if (is_writable(branch)) kept.emplace_back(&ground, branch);
    }
  }

  /// Whether `other` could rule over names that `given` was given for: it is as long, or writes out what a placeholder leaves open.
  static bool could_rule(const Ground& other, const Ground& given) {
    if (other.pattern.text().size() >= given.pattern.text().size()) return true;
    return given.pattern.has_placeholder() && other.pattern.text().find_first_not_of("*/") != std::string::npos;
  }

  /// A placeholder grants in the caller's own place, and takes away in everybody else's.
  void take_away(const Ground& ground, ActionSet wanted, const Kept& kept, std::vector<std::string>& taken) const {
    if (grants(ground, wanted) && !ground.pattern.has_placeholder()) return;
    const bool denies = (ground.denied & wanted) != 0;
    for (const PatternSegments& segments : ground.pattern.alternatives()) {
      const Branch branch{&segments, {}};  // of any user
      const bool hits = std::any_of(kept.begin(), kept.end(), [&](const auto& one) {
        const bool rules = one.first != &ground && !one.first->all && could_rule(ground, *one.first);
        return (denies || rules) && may_overlap(branch, one.second);
      });
      if (hits) add_all_of(branch, taken);
    }
  }

  const Policy& policy_;
  const std::string& username_;
  const std::optional<std::uint32_t> user_;
  std::vector<std::uint32_t> groups_;
  std::vector<Ground> grounds_;
  ActionSet administrator_ = 0;
};

SessionReach in_order(SessionReach reach) {
  sort_unique(reach.pull);
  sort_unique(reach.push);
  return reach;
}

/// Whether the gate itself would allow it.
Result<void> may(const VerifiedToken& token, const State& state, const std::string& repository, std::string_view action,
                 const RequestFacts& facts, TimePoint now) {
  const auto access = asked_access(repository, action);
  if (!access) return Error{Reason::bad_request, "'" + escape_for_log(repository) + "' is no repository's name"};
  const Rights rights = rights_of(token, *access, state, facts, now, nullptr);
  return rights.refusal ? Result<void>(*rights.refusal) : Result<void>();
}

/// Adds what may be done to `repository`; the refusal of a pull where that is nothing.
Result<void> add_named(const VerifiedToken& token, const State& state, const std::string& repository, const RequestFacts& facts,
                       TimePoint now, SessionReach& reach) {
  auto pull = may(token, state, repository, "read", facts, now);
  if (!pull && pull.error().reason == Reason::bad_request) return pull;
  const bool push = may(token, state, repository, "create", facts, now).ok() && may(token, state, repository, "update", facts, now).ok();
  if (!pull && !push) return pull;
  if (pull) reach.pull.push_back(repository);
  if (push) reach.push.push_back(repository);
  return {};
}

}  // namespace

SessionReach reach_by_policies(const Policy& policy, const std::string& username, std::span<const std::string> groups) {
  const PolicyReach all(policy, username, groups);
  SessionReach reach;
  all.write(action_bit(Action::read), reach.pull, reach.not_pull);
  all.write(static_cast<ActionSet>(action_bit(Action::create) | action_bit(Action::update)), reach.push, reach.not_push);
  return reach;
}

Result<SessionReach> reach_of(const VerifiedToken& token, const State& state, std::span<const std::string> named, const RequestFacts& facts,
                              TimePoint now) {
  SessionReach reach;
  for (const std::string& repository : named)
    if (auto added = add_named(token, state, repository, facts, now, reach); !added) return added.error();
  if (!named.empty()) return in_order(std::move(reach));
  const bool traditional = token.source == 0;
  if (traditional && token.access && state.rules.access_claim != AccessClaimRule::ignored) {
    for (const AccessEntry& entry : *token.access)
      if (entry.type.starts_with("repository")) (void)add_named(token, state, entry.name, facts, now, reach);
    return in_order(std::move(reach));
  }
  const bool by_policies = state.policy != nullptr && (!traditional || state.rules.policy_enforced) &&
                           !(traditional && state.rules.access_claim == AccessClaimRule::required);
  if (!by_policies) return reach;
  return reach_by_policies(*state.policy, token.identity.username, token.identity.groups);
}

}  // namespace portcullis
