#include "verifier/identity.h"

#include <algorithm>
#include <utility>

#include "verifier/claims.h"

namespace portcullis {
namespace {

/// The claim that zot's traditional tokens may lack: then there is no name, and that is no fault.
constexpr std::string_view kDefaultClaim = "sub";

Result<std::string> map_username(JsonView payload, const IdentityRules& rules) {
  const JsonView claim = payload.get(rules.username_claim);
  std::string name;
  if (claim.exists()) {
    auto text = read_text(rules.username_claim, claim);
    if (!text) return text.error();
    name = std::move(*text);
  }
  if (!name.empty()) return rules.username_prefix + name;
  if (rules.username_claim == kDefaultClaim) return name;
  return Error{Reason::identity_empty, "claim '" + rules.username_claim + "' gives no user name"};
}

Result<std::vector<std::string>> map_groups(JsonView payload, const IdentityRules& rules) {
  if (!rules.groups_claim) return std::vector<std::string>();
  const JsonView claim = payload.get(*rules.groups_claim);
  if (!claim.exists()) return std::vector<std::string>();
  std::vector<std::string> groups;
  if (claim.string()) {
    auto one = read_text(*rules.groups_claim, claim);
    if (!one) return one.error();
    groups.push_back(std::move(*one));
  } else {
    auto all = read_texts(*rules.groups_claim, claim);
    if (!all) return all.error();
    groups = std::move(*all);
  }
  if (std::any_of(groups.begin(), groups.end(), [](const std::string& group) { return group.empty(); })) {
    return Error{Reason::claim_invalid, "claim '" + *rules.groups_claim + "' holds an empty group"};
  }
  for (std::string& group : groups) group.insert(0, rules.groups_prefix);
  return groups;
}

}  // namespace

Result<Identity> map_identity(JsonView payload, const IdentityRules& rules) {
  auto username = map_username(payload, rules);
  if (!username) return username.error();
  auto groups = map_groups(payload, rules);
  if (!groups) return groups.error();
  return Identity{std::move(*username), std::move(*groups)};
}

}  // namespace portcullis
