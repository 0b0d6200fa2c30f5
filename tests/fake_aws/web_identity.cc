// AssumeRoleWithWebIdentity: the token is verified against the keys of its provider, then its claims against the role's trust policy.
#include <algorithm>

#include "tests/fake_aws/services.h"
#include "verifier/verify.h"

namespace portcullis::fake_aws {
namespace {

constexpr std::size_t kLongestToken = 20000;

Outcome bad_token(std::string message) { return Outcome::refused(400, "InvalidIdentityToken", std::move(message)); }

/// The issuer that the token claims: nothing is believed yet, it only chooses the keys.
std::string claimed_issuer(std::string_view token) {
  const auto parsed = parse_token(token, {.bytes = kLongestToken});
  if (!parsed) return {};
  const auto payload = parse_payload(parsed->payload);
  return payload ? std::string(payload->root().get("iss").string().value_or("")) : std::string();
}

/// The first audience that is one of `listed`.
std::optional<std::string> audience_of(std::string_view token, const std::vector<std::string>& listed) {
  const auto parsed = parse_token(token, {.bytes = kLongestToken});
  const auto payload = parsed ? parse_payload(parsed->payload) : Result<JsonDocument>(parsed.error());
  const auto claims = payload ? read_claims(payload->root()) : Result<Claims>(payload.error());
  if (!claims || !claims->audiences) return std::nullopt;
  for (const std::string& audience : *claims->audiences) {
    if (std::find(listed.begin(), listed.end(), audience) != listed.end()) return audience;
  }
  return std::nullopt;
}

Outcome refusal_of(const Error& error) {
  if (error.reason == Reason::token_expired) {
    return Outcome::refused(400, "ExpiredTokenException", "Token expired: current date/time must be before the expiration date/time");
  }
  if (error.reason == Reason::audience_mismatch) return bad_token("Incorrect token audience");
  if (error.reason == Reason::token_malformed)
    return bad_token("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
  return bad_token(
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for "
      "requirements");
}

bool is_trusted(const Role& role, const IdentityProvider& provider, const std::string& audience, const std::string& subject) {
  return std::any_of(role.trust.begin(), role.trust.end(), [&](const Trust& trust) {
    return trust.provider == provider.url && (trust.audiences.empty() || matches_any(trust.audiences, audience)) &&
           (trust.subjects.empty() || matches_any(trust.subjects, subject));
  });
}

}  // namespace

Outcome assume_role_with_web_identity(World& world, const Caller& /*caller*/, const Form& input) {
  if (const auto other = input.other_than({"Action", "Version", "RoleArn", "RoleSessionName", "WebIdentityToken", "DurationSeconds"})) {
    return Outcome::refused(501, "NotImplemented", "this cloud does not evaluate " + *other);
  }
  const std::string token = input.get("WebIdentityToken").value_or("");
  const std::string session = input.get("RoleSessionName").value_or("");
  if (token.size() < 4 || token.size() > kLongestToken || session.size() < 2 || session.size() > 64) {
    return Outcome::refused(400, "ValidationError", "RoleSessionName and WebIdentityToken are needed, within their bounds");
  }
  const std::string issuer = claimed_issuer(token);
  const auto provider =
      std::find_if(world.providers.begin(), world.providers.end(), [&](const IdentityProvider& one) { return one.url == issuer; });
  if (issuer.empty()) return refusal_of({Reason::token_malformed, {}});
  if (provider == world.providers.end()) return bad_token("No OpenIDConnect provider found in your account for " + issuer);

  TokenRules rules;
  rules.limits = {.bytes = kLongestToken};
  rules.claims.issuers = {provider->url};
  rules.claims.audiences = provider->audiences;
  const auto verified =
      verify_token(token, {.keys = &provider->keys, .kid_required = true, .generation = 1}, rules, Revocations(), world.now(), nullptr);
  if (!verified) return refusal_of(verified.error());

  const std::string audience = audience_of(token, provider->audiences).value_or("");
  const Role* role = world.find_role(input.get("RoleArn").value_or(""));
  if (role == nullptr || !is_trusted(*role, *provider, audience, verified->subject)) {
    return Outcome::refused(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
  }
  std::chrono::seconds life{};
  if (auto fault = read_duration(input, role, false, life)) return {.refusal = *fault, .json = {}, .xml = {}};
  return session_answer(
      world, *role, session, life,
      {leaf("SubjectFromWebIdentityToken", verified->subject), leaf("Audience", audience), leaf("Provider", provider->url)});
}

}  // namespace portcullis::fake_aws
