// `POST /introspect` (RFC 7662): the words of OAuth for what `/v1/verify` answers.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/codec/json_writer.h"
#include "plugin/http/respond.h"
#include "plugin/http/verify_question.h"
#include "plugin/http/verify_route.h"
#include "verifier/claims.h"
#include "verifier/token.h"

namespace portcullis {
namespace {

constexpr Endpoint kEndpoint = Endpoint::introspect;

/// `scope-token` of RFC 6749 section 3.3. What does not fit would be read as something else, and is left out.
bool fits_scope(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
}

std::string scope_of(const std::vector<AccessEntry>& entries) {
  std::string scope;
  for (const AccessEntry& entry : entries) {
    std::string one = entry.type + ":" + entry.name + ":";
    for (std::size_t i = 0; i < entry.actions.size(); ++i) one += (i == 0 ? "" : ",") + entry.actions[i];
    if (entry.actions.empty() || !fits_scope(one)) continue;
    if (!scope.empty()) scope += ' ';
    scope += one;
  }
  return scope;
}

void write_time(JsonWriter& json, std::string_view name, const std::optional<std::chrono::sys_seconds>& time) {
  if (time) json.key(name).integer(time->time_since_epoch().count());
}

void write_audiences(JsonWriter& json, const std::vector<std::string>& audiences) {
  json.key("aud");
  if (audiences.size() == 1) {
    json.string(audiences.front());
    return;
  }
  json.begin_array();
  for (const std::string& audience : audiences) json.string(audience);
  json.end_array();
}

/// The claims that `VerifiedToken` does not keep. The text has been verified already.
std::optional<Claims> claims_of(std::string_view text, const TokenLimits& limits) {
  const auto token = parse_token(text, limits);
  if (!token) return std::nullopt;
  const auto payload = parse_payload(token->payload);
  if (!payload) return std::nullopt;
  auto claims = read_claims(payload->root());
  if (!claims) return std::nullopt;
  return std::move(claims).value();
}

std::string active_text(const VerifiedToken& token, const Claims& claims) {
  JsonWriter json;
  json.begin_object().key("active").boolean(true);
  if (token.access) json.key("scope").string(scope_of(*token.access));
  if (!token.identity.username.empty()) json.key("username").string(token.identity.username);
  json.key("token_type").string("Bearer");
  write_time(json, "exp", claims.expires);
  write_time(json, "iat", claims.issued_at);
  write_time(json, "nbf", claims.not_before);
  if (claims.subject) json.key("sub").string(*claims.subject);
  if (claims.audiences) write_audiences(json, *claims.audiences);
  if (claims.issuer) json.key("iss").string(*claims.issuer);
  if (claims.token_id) json.key("jti").string(*claims.token_id);
  json.end_object();
  return std::move(json).text();
}

/// RFC 6749 section 5.2.
HttpAnswer invalid_request(int status, std::string_view text, std::string_view id) {
  HttpAnswer answer = respond_error(status, text, id);
  JsonWriter json;
  json.begin_object().key("error").string("invalid_request").key("error_description").string(text).end_object();
  answer.body = std::move(json).text();
  return answer;
}

}  // namespace

GateAnswer answer_introspect(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                             Deferral* deferral) {
  const auto peer = check_peer(request, state.rules);
  if (!peer) {
    Decision decision = refuse(peer.error(), std::nullopt);
    HttpAnswer http = respond(decision, state.rules, kEndpoint, id);
    return {std::move(http), kEndpoint, std::move(decision)};
  }
  if (request.body.size() > kVerifyBodyBytes) return {invalid_request(413, "the body is larger than 64 KiB", id), kEndpoint, std::nullopt};
  const auto token = read_introspect_token(request.body);
  if (!token) return {invalid_request(400, token.error().detail, id), kEndpoint, std::nullopt};
  // A token is active where the base route would let it in.
  auto base = requested_access("GET", "/v2/", {}, state.rules.route_limits);
  Decision decision = authorize_access(std::move(base), *token, state, cache, now, nullptr, deferral);
  if (reason_row(decision.reason()).outcome == Outcome::unavailable) {
    HttpAnswer http = respond(decision, state.rules, kEndpoint, id);
    return {std::move(http), kEndpoint, std::move(decision)};
  }
  std::string body = R"({"active":false})";
  if (decision.allowed()) {
    const auto claims = claims_of(*token, state.rules.tokens.limits);
    if (claims) body = active_text(*decision.token, *claims);
  }
  HttpAnswer http = respond_json(std::move(body), decision.allowed(), id);
  return {std::move(http), kEndpoint, std::move(decision)};
}

}  // namespace portcullis
