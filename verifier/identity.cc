#include "verifier/identity.h"

#include <cstdlib>
#include <utility>

#include "verifier/claims.h"
#include "verifier/control_characters.h"

namespace portcullis {
namespace {

constexpr std::string_view kSubject = "sub";

Error has_control_character(std::string_view what) {
  return {Reason::claim_invalid, "the claim mapping gave a " + std::string(what) + " with a control character"};
}

/// zot's traditional tokens may lack `sub`: then there is no name, and that is no fault.
Result<Identity> subject_alone(JsonView payload) {
  Identity identity;
  const JsonView claim = payload.get(kSubject);
  if (!claim.exists()) return identity;
  auto text = read_text(kSubject, claim);
  if (!text) return text.error();
  identity.username = std::move(*text);
  return identity;
}

Result<Identity> mapped(const ClaimProgram& mapping, const cel::Value* claims) {
  if (claims == nullptr) std::abort();  // the caller made them, because there is a mapping
  auto identity = mapping.run(*claims);
  if (!identity) return identity;
  if (identity->username.empty() && mapping.names_user()) return Error{Reason::identity_empty, "the claim mapping gave an empty user name"};
  if (has_control(identity->username)) return has_control_character("user name");
  for (const std::string& group : identity->groups) {
    if (group.empty()) return Error{Reason::claim_invalid, "the claim mapping gave an empty group"};
    if (has_control(group)) return has_control_character("group");
  }
  return identity;
}

}  // namespace

Result<Identity> map_identity(JsonView payload, const cel::Value* claims, const IdentityRules& rules) {
  auto identity = rules.mapping == nullptr ? subject_alone(payload) : mapped(*rules.mapping, claims);
  if (!identity) return identity;
  if (!identity->username.empty()) identity->username.insert(0, rules.username_prefix);
  for (std::string& group : identity->groups) group.insert(0, rules.groups_prefix);
  return identity;
}

}  // namespace portcullis
