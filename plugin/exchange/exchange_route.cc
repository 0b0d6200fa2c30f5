#include "plugin/exchange/exchange_route.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/codec/json_writer.h"
#include "base/report/log.h"
#include "plugin/exchange/exchange_question.h"
#include "plugin/exchange/token_owner.h"
#include "plugin/exchange/upstream_call.h"
#include "plugin/http/respond.h"

namespace portcullis {
namespace {

constexpr Endpoint kEndpoint = Endpoint::exchange;
/// After how many seconds a client without credentials asks again.
constexpr std::int64_t kAnonymousSeconds = 300;

/// Some clients know HTTP/1.0 alone (RFC 9111 section 5.4).
GateAnswer given(HttpAnswer http, std::optional<Decision> decision) {
  http.headers.emplace_back("Pragma", "no-cache");
  return {.http = std::move(http), .endpoint = kEndpoint, .decision = std::move(decision)};
}

/// As any refusal, but that the challenge is for Basic: a better password could help.
GateAnswer refusal(Decision decision, const State& state, std::string_view id) {
  HttpAnswer http = respond(decision, state.rules, kEndpoint, id);
  for (auto& [name, value] : http.headers) {
    if (name == "WWW-Authenticate") value = state.rules.basic_challenge;
  }
  return given(std::move(http), std::move(decision));
}

GateAnswer refusal(Error error, const State& state, std::string_view id) {
  return refusal(refuse(std::move(error), std::nullopt), state, id);
}

/// What a client reads of a token. `issued_at` is now, because `expires_in` counts from it (distribution's token specification).
std::string token_text(std::string_view token, std::int64_t expires_in, TimePoint now) {
  JsonWriter json;
  json.begin_object().key("token").string(token).key("access_token").string(token);
  json.key("expires_in").integer(expires_in).key("issued_at").string(to_rfc3339(now)).end_object();
  return std::move(json).text();
}

std::int64_t seconds_left(const VerifiedToken& token, TimePoint now) {
  if (!token.expires) return 0;
  return std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(*token.expires - now).count());
}

GateAnswer anonymous(std::string_view id, TimePoint now) {
  GateAnswer answer = given(respond_json(token_text(kAnonymousToken, kAnonymousSeconds, now), true, id), std::nullopt);
  answer.exchange = GateAnswer::Exchange::anonymous;
  return answer;
}

/// OPTIONS, as a browser asks before it sends a form from another site. Which sites may read the answer is the proxy's to say.
GateAnswer preflight(std::string_view id) {
  HttpAnswer http;
  http.status = 204;
  http.headers = {{"Cache-Control", "no-store"},
                  {"Access-Control-Allow-Methods", "GET, POST, OPTIONS"},
                  {"Access-Control-Allow-Headers", "Authorization, Content-Type"},
                  {"X-Portcullis-Id", std::string(id)}};
  return {.http = std::move(http), .endpoint = kEndpoint, .decision = std::nullopt, .exchange = GateAnswer::Exchange::preflight};
}

/// Whether anything that the client sent is, or may be, a token of ours: wherever it stands, another endpoint does not see it.
bool holds_ours(const ExchangeQuestion& question, const State& state) {
  const auto ours = [&](std::string_view text) { return says_it_is_ours(text, state); };
  const auto any = [&](const FormFields& fields) {
    return std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return ours(field.second) || ours(field.first); });
  };
  const auto ours_too = [&](const Secret& credential) { return ours(credential.reveal()); };
  return std::any_of(question.credentials.begin(), question.credentials.end(), ours_too) || (question.user && ours(*question.user)) ||
         any(question.query) || (question.form && any(*question.form));
}

/// What became of trying the credentials.
struct Trial {
  std::optional<Decision> good;
  std::string_view token;             ///< the good one
  std::optional<Decision> refused;    ///< the first refusal
  std::optional<Decision> undecided;  ///< one could not be judged now
  bool ours = false;                  ///< one is ours, by its signature
};

Trial try_credentials(const ExchangeQuestion& question, const State& state, TokenCache* cache, TimePoint now, Deferral* deferral) {
  Trial trial;
  for (const Secret& credential : question.credentials) {
    const std::string_view text = credential.reveal();
    if (!looks_like_token(text)) continue;
    // A token is good where the base route would let it in.
    auto base = requested_access("GET", "/v2/", {}, state.rules.route_limits);
    Decision decision = authorize_access(std::move(base), text, state, cache, now, nullptr, deferral);
    if (decision.allowed()) {
      trial.good = std::move(decision);
      trial.token = text;
      return trial;
    }
    trial.ours = trial.ours || proves_ours(decision.reason(), state);
    const bool later = reason_row(decision.reason()).outcome == Outcome::unavailable;
    std::optional<Decision>& slot = later ? trial.undecided : trial.refused;
    if (!slot) slot = std::move(decision);
    if (deferral != nullptr && deferral->wanted) return trial;
  }
  return trial;
}

/// No credential is good. The refusal stands for a client that names a key which may be on its way, and where nobody else is asked. Ours is
/// never shown to another endpoint, nor is one that cannot be judged: it may be ours.
GateAnswer pass_on_or_refuse(const HttpRequest& request, const ExchangeQuestion& question, Trial trial, const State& state,
                             std::string_view id) {
  if (trial.undecided) return refusal(std::move(*trial.undecided), state, id);
  Decision decision = refuse({Reason::token_malformed, "no credential is a token"}, std::nullopt);
  if (trial.refused) {
    decision = std::move(*trial.refused);
  } else if (question.credentials.empty()) {
    decision = refuse({Reason::token_missing, "no credential was sent"}, std::nullopt);
  }
  GateAnswer answer = refusal(std::move(decision), state, id);
  const auto& upstream = state.config.bearer.upstream;
  if (upstream && !trial.ours && !holds_ours(question, state))
    answer.upstream = std::make_shared<const OutgoingRequest>(upstream_call(request, question, *upstream));
  return answer;
}

GateAnswer malformed_answer(const Error& error, const State& state, std::string_view id) {
  if (error.reason == Reason::bad_request) return given(respond_error(400, error.detail, id), std::nullopt);
  return refusal(error, state, id);
}

}  // namespace

GateAnswer answer_exchange(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                           Deferral* deferral) {
  if (!state.rules.offers_exchange)
    return {.http = respond_error(404, "no such endpoint", id), .endpoint = kEndpoint, .decision = std::nullopt};
  const auto peer = check_peer(request, state.rules);
  if (!peer) return refusal(peer.error(), state, id);
  if (request.method == "OPTIONS") return preflight(id);
  if (request.body.size() > kExchangeBodyBytes) return given(respond_error(413, "token request body too large", id), std::nullopt);
  const auto question = read_exchange_question(request, state.rules);
  if (!question) return malformed_answer(question.error(), state, id);
  if (question->credentials.empty() && state.rules.anonymous_exchange) return anonymous(id, now);
  Trial trial = try_credentials(*question, state, cache, now, deferral);
  if (trial.good) {
    const std::int64_t left = seconds_left(*trial.good->token, now);
    return given(respond_json(token_text(trial.token, left, now), true, id), std::move(trial.good));
  }
  return pass_on_or_refuse(request, *question, std::move(trial), state, id);
}

}  // namespace portcullis
