#include "plugin/gate.h"

#include <string>
#include <utility>

#include "base/secret.h"
#include "plugin/broker/credentials_route.h"
#include "plugin/broker/login_answer.h"
#include "plugin/exchange/exchange_route.h"
#include "plugin/http/respond.h"
#include "plugin/http/verify_route.h"

namespace portcullis {
namespace {

/// What the proxy asks about, judged. A credential that cannot be read is refused with the route's scope in the challenge; a route that
/// cannot be read is refused first, as `authorize` has it.
Decision judge_question(const HttpRequest& request, Endpoint endpoint, const State& state, TokenCache* cache, TimePoint now,
                        Deferral* deferral, std::span<const TagFact> tags) {
  AuthRequest partial;
  Secret password;
  auto read = read_request(request, endpoint, state.rules, partial, password);
  if (read) {
    read->facts.tags = tags;
    return authorize(*read, state, cache, now, nullptr, deferral);
  }
  if (reason_row(read.error().reason).outcome != Outcome::challenge) return refuse(read.error(), std::nullopt);
  auto access = requested_access(partial.method, partial.uri, state.rules.extra_routes, state.rules.route_limits);
  return access ? refuse(read.error(), std::move(access).value()) : refuse(access.error(), std::nullopt);
}

/// The answer to `/auth`, `/forward` and `/envoy/`.
GateAnswer answer_question(const HttpRequest& request, Endpoint endpoint, const State& state, TokenCache* cache, std::string_view id,
                           TimePoint now, Deferral* deferral, std::span<const TagFact> tags) {
  GateAnswer given{.http = {}, .endpoint = endpoint, .decision = judge_question(request, endpoint, state, cache, now, deferral, tags)};
  given.http = respond(*given.decision, state.rules, endpoint, id);
  given.login = wanted_login(*given.decision, state.rules);
  return given;
}

GateAnswer answer_unknown(const HttpRequest& request, std::string_view id) {
  const std::string_view methods = allowed_methods(request.raw_uri);
  if (methods.empty()) return {respond_error(404, "no such endpoint", id), Endpoint::unknown, std::nullopt};
  HttpAnswer http = respond_error(405, "the endpoint does not know this method", id);
  http.headers.emplace_back("Allow", methods);
  return {std::move(http), Endpoint::unknown, std::nullopt};
}

GateAnswer dispatch(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                    Deferral* deferral, std::span<const TagFact> tags) {
  const Endpoint endpoint = endpoint_of(request.method, request.raw_uri);
  switch (endpoint) {
    case Endpoint::auth:
    case Endpoint::forward:
    case Endpoint::envoy: return answer_question(request, endpoint, state, cache, id, now, deferral, tags);
    case Endpoint::verify: return answer_verify(request, state, cache, id, now, deferral, tags);
    case Endpoint::introspect: return answer_introspect(request, state, cache, id, now, deferral);
    case Endpoint::exchange: return answer_exchange(request, state, cache, id, now, deferral);
    case Endpoint::credentials: return answer_credentials(request, state, cache, id, now, deferral);
    case Endpoint::unknown: break;
  }
  return answer_unknown(request, id);
}

/// RFC 9110 section 9.3.2: an answer to HEAD has no body.
void drop_body_of_head(const HttpRequest& request, GateAnswer& given) noexcept {
  if (request.method == "HEAD") given.http.body.clear();
}

/// A refusal without a decision: with its words, or without where there is no memory for them.
GateAnswer refuse_undecided(const HttpRequest& request, Reason reason, const char* why, const State& state, std::string_view id) noexcept {
  GateAnswer given = bare_refusal();
  try {
    const Endpoint endpoint = reason == Reason::internal_error ? Endpoint::unknown : endpoint_of(request.method, request.raw_uri);
    Decision decision = refuse({reason, why}, std::nullopt);
    HttpAnswer http = respond(decision, state.rules, endpoint, id);
    given = {std::move(http), endpoint, std::move(decision)};
  } catch (...) {
    // `given` is a refusal without words.
  }
  drop_body_of_head(request, given);
  return given;
}

}  // namespace

GateAnswer bare_refusal() noexcept {
  GateAnswer given;
  given.http.status = http_status(Outcome::unavailable);
  given.endpoint = Endpoint::unknown;
  given.decision.emplace();
  return given;
}

GateAnswer answer(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now, Deferral* deferral,
                  std::span<const TagFact> tags) noexcept {
  const auto decide = [&] {  // returns what it makes in place: an answer is large
    GateAnswer given = dispatch(request, state, cache, id, now, deferral, tags);
    drop_body_of_head(request, given);
    return given;
  };
  try {
    return decide();
  } catch (...) {
    // A failure inside the gate is never an allow.
    if (deferral != nullptr) *deferral = {};
  }
  return refuse_undecided(request, Reason::internal_error, "the decision ended in an exception", state, id);
}

GateAnswer answer_in_turn(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                          std::chrono::nanoseconds waited, std::span<const TagFact> tags) noexcept {
  if (waited <= state.config.limits.decision) return answer(request, state, cache, id, now, nullptr, tags);
  return refuse_undecided(request, Reason::overloaded, "its turn came later than portcullis.limits.decision", state, id);
}

}  // namespace portcullis
