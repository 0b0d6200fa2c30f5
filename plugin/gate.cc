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

/// The answer to `/auth`, `/forward` and `/envoy/`. A credential that cannot be read is refused with the route's scope in the challenge; a
/// route that cannot be read is refused first, as `authorize` has it.
GateAnswer answer_question(const HttpRequest& request, Endpoint endpoint, const State& state, TokenCache* cache, std::string_view id,
                           TimePoint now, Deferral* deferral, std::span<const TagFact> tags) {
  AuthRequest partial;
  Secret password;
  auto read = read_request(request, endpoint, state.rules, partial, password);
  Decision decision;
  if (read) {
    read->facts.tags = tags;
    decision = authorize(*read, state, cache, now, nullptr, deferral);
  } else if (reason_row(read.error().reason).outcome == Outcome::challenge) {
    auto access = requested_access(partial.method, partial.uri, state.rules.extra_routes, state.rules.route_limits);
    decision = access ? refuse(read.error(), std::move(access).value()) : refuse(access.error(), std::nullopt);
  } else {
    decision = refuse(read.error(), std::nullopt);
  }
  HttpAnswer http = respond(decision, state.rules, endpoint, id);
  return {std::move(http), endpoint, std::move(decision)};
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
    case Endpoint::verify: return answer_verify(request, state, cache, id, now, deferral);
    case Endpoint::introspect: return answer_introspect(request, state, cache, id, now, deferral);
    case Endpoint::exchange: return answer_exchange(request, state, cache, id, now, deferral);
    case Endpoint::unknown: break;
  }
  return answer_unknown(request, id);
}

}  // namespace

GateAnswer answer(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now, Deferral* deferral,
                  std::span<const TagFact> tags) noexcept {
  GateAnswer given;
  try {
    given = dispatch(request, state, cache, id, now, deferral, tags);
  } catch (...) {
    // A failure inside the gate is never an allow.
    Decision decision = refuse({Reason::internal_error, "the decision ended in an exception"}, std::nullopt);
    HttpAnswer http = respond(decision, state.rules, Endpoint::unknown, id);
    given = {std::move(http), Endpoint::unknown, std::move(decision)};
  }
  if (request.method == "HEAD") given.http.body.clear();
  return given;
}

}  // namespace portcullis
