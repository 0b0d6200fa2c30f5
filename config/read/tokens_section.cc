// `portcullis.tokens`: what a token must claim, and whom it speaks for.
#include <algorithm>
#include <array>

#include "config/read/nearest.h"
#include "config/read/sections.h"

namespace portcullis {
namespace {

constexpr std::string_view kAny = "any";
constexpr std::string_view kApplication = "application/";

/// Issuers or audiences: `["any"]` is an answer, and means that none is checked.
std::vector<std::string> accepted(Section& tokens, std::string_view name, bool& answered) {
  auto written = tokens.texts(name);
  answered = tokens.has(name) && !(written && written->empty());
  if (!written) return {};
  const bool any = std::find(written->begin(), written->end(), kAny) != written->end();
  if (any && written->size() > 1) tokens.error(name, "\"any\" stands alone: beside it the other members would mean nothing");
  if (any) written->clear();
  return std::move(*written);
}

std::string prefix(Section& tokens, std::string_view name) {
  const auto text = tokens.text(name);
  if (!text) return {};
  if (text->size() > defaults::kPrefixBytes) tokens.error(name, "must have at most " + std::to_string(defaults::kPrefixBytes) + " bytes");
  return *text;
}

/// `typ` as it is compared: small letters, without `application/` (RFC 7515 section 4.1.9).
std::vector<std::string> read_types(Section& tokens) {
  std::vector<std::string> types;
  if (tokens.is_empty_list("types")) tokens.error("types", "names no type; leave it out where typ is not looked at");
  for (const std::string& written : tokens.texts("types").value_or(std::vector<std::string>{})) {
    std::string type = lower_case(written);
    if (type.starts_with(kApplication)) type.erase(0, kApplication.size());
    if (type.empty()) tokens.error("types", in_quotes(written) + " names no type");
    types.push_back(std::move(type));
  }
  return types;
}

}  // namespace

void read_tokens(Section& tokens, Draft& draft) {
  TokensConfig& config = draft.config.tokens;
  config.issuers = accepted(tokens, "issuers", draft.issuers_answered);
  config.audiences = accepted(tokens, "audiences", draft.audiences_answered);
  config.require_expiry = tokens.boolean("requireExpiry").value_or(true);
  if (!config.require_expiry) tokens.warning("requireExpiry", "a token without exp is good until its key is removed");
  config.leeway = tokens.duration("leeway", defaults::kLeewayBounds).value_or(defaults::kLeeway);
  if (!tokens.is_null("maxLifetime")) config.max_lifetime = tokens.duration("maxLifetime", defaults::kMaxLifetimeBounds);
  draft.access_claim = tokens.word("accessClaim", {"required", "optional", "ignored"});
  if (draft.access_claim == "optional") config.access_claim = AccessClaimRule::optional;
  if (draft.access_claim == "ignored") config.access_claim = AccessClaimRule::ignored;
  config.policy_enforced = tokens.word("policy", {"enforced", "ignored"}) != "ignored";
  config.types = read_types(tokens);
  tokens.object("claimMapping", [&](Section& mapping) { read_claim_mapping(mapping, config.claim_mapping); });
  config.username_prefix = prefix(tokens, "usernamePrefix");
  config.groups_prefix = prefix(tokens, "groupsPrefix");
  config.revocations = tokens.file("revocations");
}

}  // namespace portcullis
