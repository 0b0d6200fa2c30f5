#include "policy/judge.h"

#include <algorithm>
#include <utility>

#include "base/codec/percent.h"

namespace portcullis {
namespace {

using Kind = RuleRef::Kind;

RuleRef policy_ref(std::uint32_t repository, std::size_t policy) noexcept {
  return {Kind::policy, repository, static_cast<std::uint32_t>(policy)};
}

constexpr RuleRef kAdmin{Kind::admin_policy, 0, 0};

}  // namespace

Judge::Judge(const Policy& policy, const Caller& caller, const RequestFacts& facts, TimePoint now, Trace* trace)
    : policy_(policy), caller_(caller), facts_(facts), trace_(trace), user_hash_(LabelTable::hash_of(caller.username)) {
  policy.foresee_user(user_hash_);
  view_.username = caller.username;
  view_.groups = caller.groups;
  view_.claims = caller.claims;
  view_.now = now;
}

bool Judge::grants(const AskedRight& right) {
  look_up(right.repository);
  know_user();
  wanted_ = action_bit(right.action);
  view_.action = right.action;
  view_.repository = right.repository;
  view_.reference = right.reference;
  view_.is_blob = right.is_blob;
  values_.reset();
  rule_ = {};
  message_ = {};
  flip_.clear();
  nearest_ = Miss::none;
  if (ruling_ == nullptr) miss(Miss::pattern, {}, "a pattern that matches the repository");
  if (ruling_ != nullptr && !ruling_->for_caller) {
    miss(Miss::pattern, {Kind::repository, ruling_->pattern, 0}, "to the user whose name stands in the place of ${user}");
  }
  if (is_denied()) return false;
  if (!is_granted()) return false;
  message_ = {};
  return true;
}

void Judge::look_up(std::string_view repository) {
  if (looked_up_ == repository) return;
  looked_up_ = repository;
  matches_.clear();
  ruling_ = nullptr;
  if (!repository.empty()) {
    policy_.find(repository, caller_.username, matches_);
  } else if (policy_.everything()) {
    matches_.push_back({*policy_.everything(), true, PatternMatch::kNoPlaceholder, 0, 0});
  }
  for (const PatternMatch& match : matches_) policy_.foresee(match);
  ruling_ = policy_.ruling(matches_);
  if (trace_ != nullptr) note_patterns();
}

/// Late: what it reads was asked for before the patterns were.
void Judge::know_user() {
  if (std::exchange(knows_user_, true) || caller_.username.empty()) return;
  user_ = policy_.user_number(caller_.username, user_hash_);
}

/// The denies of every matching pattern, before any grant.
bool Judge::is_denied() {
  for (const PatternMatch& match : matches_) {
    const RepositoryRules& rules = policy_.repositories()[match.pattern];
    if (!rules.has_denies || !match.for_caller) continue;
    for (std::size_t i = 0; i < rules.policies().size(); ++i) {
      const PolicyRule& rule = rules.policies()[i];
      const RuleRef ref = policy_ref(match.pattern, i);
      if (!rule.deny || (rule.actions & wanted_) == 0) continue;
      if (!rule.everyone && !names_caller(rule)) {
        note("deny", true, ref, "does not name the caller");
        continue;
      }
      const Held held = hold(rule);
      note_condition("deny", ref, held, true);
      if (held == Held::no) continue;
      miss(Miss::denied, ref, "without it");
      // What its conditions tell is said because they hold, not because they do not.
      message_ = rule.conditions.empty() ? std::string_view() : std::string_view(rule.conditions.back().message);
      rule_ = ref;
      return true;
    }
  }
  message_ = {};
  return false;
}

bool Judge::is_granted() {
  const bool known = !caller_.username.empty();
  const bool rules = ruling_ != nullptr && ruling_->for_caller;
  const std::uint32_t number = rules ? ruling_->pattern : 0;
  if (rules && is_granted_by_policies(number, false)) return true;
  if (rules && is_granted_by_policies(number, true)) return true;
  if (rules && known) {
    const ActionSet set = policy_.repositories()[number].default_policy;
    if (is_granted_by_set(set, Kind::default_policy, number, "default_policy")) return true;
  }
  if (is_granted_by_admin()) return true;
  if (!rules || known || view_.repository.empty()) return false;
  return is_granted_by_set(policy_.repositories()[number].anonymous_policy, Kind::anonymous_policy, number, "anonymous_policy");
}

bool Judge::is_granted_by_policies(std::uint32_t repository, bool by_group) {
  const std::span<const PolicyRule> policies = policy_.repositories()[repository].policies();
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const PolicyRule& rule = policies[i];
    const RuleRef ref = policy_ref(repository, i);
    if (rule.deny) continue;
    if (by_group ? !names_group(rule) : !names_user(rule)) {
      // Said once: the groups come last.
      if (trace_ != nullptr && by_group && !names_user(rule)) {
        note("policy", false, ref, "names neither the user nor a group of the user");
        miss(Miss::caller, ref, "if it named the user or a group of the user");
      }
      continue;
    }
    if ((rule.actions & wanted_) == 0) {
      note("policy", false, ref, by_group ? "names a group of the user, and not the action" : "names the user, and not the action");
      miss(Miss::action, ref, "if it listed the action");
      continue;
    }
    const Held held = hold(rule);
    note_condition("policy", ref, held, false);
    if (held == Held::yes) return decide_by(ref);
  }
  return false;
}

bool Judge::is_granted_by_admin() {
  const PolicyRule* admin = policy_.admin();
  if (admin == nullptr) return false;
  if (!names_caller(*admin)) {
    note("admin_policy", false, kAdmin, "does not name the caller");
    return false;
  }
  if ((admin->actions & wanted_) == 0) {
    note("admin_policy", false, kAdmin, "names the caller, and not the action");
    miss(Miss::action, kAdmin, "if it listed the action");
    return false;
  }
  const Held held = hold(*admin);
  note_condition("admin_policy", kAdmin, held, false);
  return held == Held::yes && decide_by(kAdmin);
}

bool Judge::is_granted_by_set(ActionSet set, RuleRef::Kind kind, std::uint32_t repository, std::string_view step) {
  const RuleRef ref{kind, repository, 0};
  const bool granted = (set & wanted_) != 0;
  if (set != 0) note(step, granted, ref, granted ? "grants the action" : "does not list the action");
  return granted && decide_by(ref);
}

bool Judge::names_user(const PolicyRule& rule) const noexcept { return user_ && rule.users.contains(*user_); }

bool Judge::names_group(const PolicyRule& rule) {
  if (rule.groups.empty()) return false;
  collect_groups();
  return std::any_of(groups_.begin(), groups_.end(), [&](std::uint32_t group) { return rule.groups.contains(group); });
}

/// The token's groups that some rule names, and those that the configuration adds.
void Judge::collect_groups() {
  if (std::exchange(collected_, true)) return;
  for (const std::string& name : caller_.groups) {
    if (const auto number = policy_.group_number(name)) groups_.push_back(*number);
  }
  if (!user_) return;
  for (const std::uint32_t group : policy_.memberships(*user_)) {
    groups_.push_back(group);
    members_.push_back(policy_.group_names()[group]);
  }
}

Judge::Held Judge::hold(const PolicyRule& rule) {
  if (!rule.conditional) return Held::yes;
  if (!values_) {
    collect_groups();
    view_.members = {members_.begin(), members_.size()};
    view_.admin = policy_.admin() != nullptr && names_caller(*policy_.admin());
    values_.emplace(view_, facts_);
  }
  const cel::Bindings& bindings = values_->with(rule.fields);
  for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
    failed_condition_ = i;
    const auto held = rule.conditions[i].expression.evaluate_bool(bindings);
    if (!held) {
      if (trace_ != nullptr) condition_error_ = held.error().detail;
      return Held::error;
    }
    if (!*held) {
      if (!rule.conditions[i].message.empty()) message_ = rule.conditions[i].message;
      return Held::no;
    }
  }
  return Held::yes;
}

bool Judge::decide_by(const RuleRef& rule) noexcept {
  rule_ = rule;
  return true;
}

void Judge::note_patterns() {
  if (matches_.empty()) {
    trace_->add("pattern", false, looked_up_->empty() ? "there is no pattern **" : "no pattern matches " + std::string(*looked_up_));
    return;
  }
  std::vector<std::uint32_t> told;
  for (const PatternMatch& match : matches_) {
    if (std::find(told.begin(), told.end(), match.pattern) != told.end()) continue;
    told.push_back(match.pattern);
    const bool rules = match.pattern == ruling_->pattern;
    std::string text = policy_.repositories()[match.pattern].pattern;
    text += rules ? " rules: of the patterns that match it is the longest" : " matches, and is not the one that rules";
    if (rules && !ruling_->for_caller) text += "; it keeps the place for another user";
    trace_->add("pattern", rules, std::move(text));
  }
}

void Judge::note(std::string_view step, bool passed, const RuleRef& rule, std::string_view what) {
  if (trace_ != nullptr) trace_->add(step, passed, policy_.path_of(rule) + " " + std::string(what));
}

void Judge::note_condition(std::string_view step, const RuleRef& rule, Held held, bool deny) {
  if (trace_ == nullptr) return;
  const std::string which = "conditions[" + std::to_string(failed_condition_) + "]";
  switch (held) {
    case Held::yes: return note(step, !deny, rule, deny ? "denies" : "grants");
    case Held::no:
      note(step, deny, rule, "does not apply: " + which + " does not hold");
      if (!deny) miss(Miss::condition, rule, "if its " + which + " held");
      return;
    case Held::error:
      note(step, false, rule, (deny ? "denies: " : "does not apply: ") + which + " cannot be evaluated: " + condition_error_);
      if (!deny) miss(Miss::error, rule, "if its " + which + " could be evaluated");
      return;
  }
}

void Judge::miss(Miss how, const RuleRef& rule, std::string_view what) {
  if (trace_ == nullptr || how >= nearest_) return;
  nearest_ = how;
  flip_ = rule.kind == Kind::none ? std::string(what) : policy_.path_of(rule) + ": " + std::string(what);
}

}  // namespace portcullis
