#include "plugin/http/verify_route.h"

#include <string>
#include <utility>

#include "base/codec/json_writer.h"
#include "plugin/decisions/original.h"
#include "plugin/http/header_scan.h"
#include "plugin/http/respond.h"
#include "plugin/http/verify_question.h"

namespace portcullis {
namespace {

bool is_unavailable(Reason reason) noexcept {
  const Outcome outcome = reason_row(reason).outcome;
  return outcome == Outcome::unavailable;
}

GateAnswer answer_refusal(Error error, const State& state, Endpoint endpoint, std::string_view id) {
  Decision decision = refuse(std::move(error), std::nullopt);
  HttpAnswer http = respond(decision, state.rules, endpoint, id);
  return {std::move(http), endpoint, std::move(decision)};
}

void write_access(JsonWriter& json, const std::vector<AccessEntry>& entries) {
  json.key("access").begin_array();
  for (const AccessEntry& entry : entries) {
    json.begin_object().key("type").string(entry.type).key("name").string(entry.name).key("actions").begin_array();
    for (const std::string& action : entry.actions) json.string(action);
    json.end_array();
    if (entry.expires) json.key("exp").integer(entry.expires->time_since_epoch().count());
    json.end_object();
  }
  json.end_array();
}

void write_token(JsonWriter& json, const VerifiedToken& token) {
  if (!token.subject.empty()) json.key("subject").string(token.subject);
  json.key("username").string(token.identity.username);
  json.key("groups").begin_array();
  for (const std::string& group : token.identity.groups) json.string(group);
  json.end_array();
  if (!token.issuer.empty()) json.key("issuer").string(token.issuer);
  json.key("kid").string(token.key_id);
  json.key("alg").string(algorithm_name(token.algorithm));
  if (token.expires) json.key("expires").integer(token.expires->time_since_epoch().count());
  if (token.access) write_access(json, *token.access);
  json.key("source").string(token.source == 0 ? "traditional" : "oidc");
}

void write_trace(JsonWriter& json, const Trace& trace) {
  json.key("trace").begin_array();
  for (const TraceStep& step : trace.steps()) {
    json.begin_object().key("step").string(step.step).key("passed").boolean(step.passed).key("detail").string(step.detail).end_object();
  }
  json.end_array();
}

/// What the question asks access to. Without an access: is the token good? That is what the base route asks.
Result<Access> access_of(const VerifyQuestion& question, const State& state) {
  if (question.repository && question.action) return asked_access(*question.repository, *question.action);
  const std::string_view method = question.method ? std::string_view(*question.method) : "GET";
  const std::string_view uri = question.uri ? std::string_view(*question.uri) : "/v2/";
  return requested_access(method, uri, state.rules.extra_routes, state.rules.route_limits);
}

/// The method that a client would send for an action that was asked by its name.
std::string_view usual_method(std::string_view action) noexcept {
  if (action == "push" || action == "create" || action == "update") return "PUT";
  return action == "delete" ? "DELETE" : "GET";
}

/// What conditions see. `bad_request` where a header that would be believed came twice.
Result<RequestFacts> facts_of(const HttpRequest& request, const VerifyQuestion& question, const GateRules& rules,
                              std::span<const TagFact> tags) {
  const HeaderScan headers = scan_headers(request, rules);
  for (const Fact fact : {Fact::client_address, Fact::scheme})
    if (headers[fact].count > 1) return Error{Reason::bad_request, "the header of the client's address or of its scheme came twice"};
  RequestFacts facts = original_facts(request, headers, Endpoint::verify, tags);
  facts.method = question.method ? std::string_view(*question.method) : usual_method(question.action.value_or(std::string()));
  return facts;
}

std::string verdict_text(const VerifyQuestion& question, const Decision& decision, const VerifiedToken* token, const Trace& trace) {
  JsonWriter json;
  json.begin_object().key("active").boolean(token != nullptr);
  if (question.uri || question.repository) json.key("decision").string(decision.allowed() ? "allow" : "deny");
  json.key("reason").string(reason_name(decision.reason()));
  if (token != nullptr) write_token(json, *token);
  if (question.explain) write_trace(json, trace);
  json.end_object();
  return std::move(json).text();
}

}  // namespace

GateAnswer answer_verify(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                         Deferral* deferral, std::span<const TagFact> tags) {
  const auto peer = check_peer(request, state.rules);
  if (!peer) return answer_refusal(peer.error(), state, Endpoint::verify, id);
  if (request.body.size() > kVerifyBodyBytes)
    return {respond_error(413, "the body is larger than 64 KiB", id), Endpoint::verify, std::nullopt};
  const auto question = read_verify_question(request);
  if (!question) return {respond_error(400, question.error().detail, id), Endpoint::verify, std::nullopt};
  auto access = access_of(*question, state);
  if (!access && access.error().reason == Reason::bad_request) {
    return {respond_error(400, access.error().detail, id), Endpoint::verify, std::nullopt};
  }
  const auto facts = facts_of(request, *question, state.rules, tags);
  if (!facts) return {respond_error(400, facts.error().detail, id), Endpoint::verify, std::nullopt};
  Trace trace;
  Trace* asked = question->explain ? &trace : nullptr;
  const bool route_read = access.ok();
  Decision decision = authorize_access(std::move(access), question->token, state, cache, now, asked, deferral, *facts);
  if (!route_read) {
    // The answer is no whatever the token says; `active` speaks of the token all the same.
    auto checked = check_token(question->token, state, cache, now, asked, deferral);
    if (checked) {
      decision.token = std::move(checked->token);
    } else if (is_unavailable(checked.error().reason)) {
      return answer_refusal(checked.error(), state, Endpoint::verify, id);
    }
  }
  if (is_unavailable(decision.reason())) return answer_refusal(*decision.refusal, state, Endpoint::verify, id);
  HttpAnswer http = respond_json(verdict_text(*question, decision, decision.token.get(), trace), decision.allowed(), id);
  return {std::move(http), Endpoint::verify, std::move(decision)};
}

}  // namespace portcullis
