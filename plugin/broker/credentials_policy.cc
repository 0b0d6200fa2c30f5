#include "plugin/broker/credentials_policy.h"

#include <algorithm>
#include <utility>

namespace portcullis {
namespace {

bool holds(const std::vector<std::string>& list, std::string_view text) { return std::find(list.begin(), list.end(), text) != list.end(); }

/// Groups that the configuration puts `user` into.
std::vector<std::string_view> memberships(const std::vector<GroupConfig>& groups, std::string_view user) {
  std::vector<std::string_view> found;
  if (user.empty()) return found;
  for (const GroupConfig& group : groups) {
    if (holds(group.users, user)) found.emplace_back(group.name);
  }
  return found;
}

}  // namespace

Result<std::shared_ptr<const CredentialsPolicy>> CredentialsPolicy::compile(const BrokerConfig& config,
                                                                            const std::vector<GroupConfig>& groups) {
  std::shared_ptr<CredentialsPolicy> compiled(new CredentialsPolicy());
  compiled->groups_ = groups;
  for (std::size_t i = 0; i < config.policy.size(); ++i) {
    const BrokerPolicyConfig& given = config.policy[i];
    Rule rule{
        .registries = given.registries, .users = given.users, .groups = given.groups, .conditions = {}, .fields = 0, .wide = given.wide};
    for (std::size_t j = 0; j < given.conditions.size(); ++j) {
      auto condition = compile_condition(given.conditions[j].expression, given.conditions[j].message);
      if (!condition) {
        return Error{Reason::config_invalid, "portcullis.broker.policy[" + std::to_string(i) + "].conditions[" + std::to_string(j) +
                                                 "].expression: " + condition.error().detail};
      }
      rule.fields |= condition->fields;
      rule.conditions.push_back(std::move(condition).value());
    }
    compiled->reads_claims_ = compiled->reads_claims_ || portcullis::reads_claims(rule.fields);
    compiled->rules_.push_back(std::move(rule));
  }
  return std::shared_ptr<const CredentialsPolicy>(std::move(compiled));
}

CredentialsPolicy::Grant CredentialsPolicy::decide(const Caller& caller, std::string_view registry, const RequestFacts& facts,
                                                   TimePoint now) const {
  const std::vector<std::string_view> members = memberships(groups_, caller.username);
  const RequestView view{.action = Action::read,
                         .repository = registry,
                         .reference = {},
                         .is_blob = false,
                         .username = caller.username,
                         .groups = caller.groups,
                         .members = members,
                         .admin = false,
                         .claims = caller.claims,
                         .now = now};
  RequestValues values(view, facts);
  const auto in_group = [&](const std::string& group) {
    return std::find(caller.groups.begin(), caller.groups.end(), group) != caller.groups.end() ||
           std::find(members.begin(), members.end(), group) != members.end();
  };
  Grant most = Grant::none;
  for (const Rule& rule : rules_) {
    if (!rule.registries.empty() && !holds(rule.registries, registry)) continue;
    const bool open = rule.users.empty() && rule.groups.empty();
    const bool named = open ? !rule.conditions.empty()
                            : (!caller.username.empty() && holds(rule.users, caller.username)) ||
                                  std::any_of(rule.groups.begin(), rule.groups.end(), in_group);
    if (!named) continue;
    const bool met = std::all_of(rule.conditions.begin(), rule.conditions.end(), [&](const Condition& condition) {
      const auto held = condition.expression.evaluate_bool(values.with(rule.fields));
      return held.ok() && *held;
    });
    if (met) most = std::max(most, rule.wide ? Grant::wide : Grant::limited);
  }
  return most;
}

}  // namespace portcullis
