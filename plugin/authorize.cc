#include "plugin/authorize.h"

#include <utility>

#include "plugin/rights.h"

namespace portcullis {
namespace {

/// For the trace: which row of the table it is, and what that needs.
std::string explain_route(const Access& access) {
  std::string text(access.route);
  if (access.needs.empty()) return text.append(" needs a valid token");
  text.append(" needs");
  for (const Need& need : access.needs) text.append(" ").append(need.type).append(":").append(need.name).append(":").append(need.action);
  return text;
}

/// The only place that makes an allow: of a verified token, or of nobody where a policy grants that.
Decision allow(Access&& access, CheckedToken&& checked, const Rights& rights) {
  Decision decision;
  decision.refusal.reset();
  decision.access = std::move(access);
  decision.anonymous = checked.token == nullptr;
  decision.token = std::move(checked.token);
  decision.from_cache = checked.from_cache;
  decision.drop_mount = rights.drop_mount;
  decision.rule = rights.rule;
  return decision;
}

Decision decide_by(Rights&& rights, Access&& access, CheckedToken&& checked) {
  if (!rights.refusal) return allow(std::move(access), std::move(checked), rights);
  Decision decision = refuse(*std::move(rights.refusal), std::move(access));
  decision.token = std::move(checked.token);
  decision.from_cache = checked.from_cache;
  decision.rule = rights.rule;
  decision.policy_message = rights.message;
  decision.wants_tags = rights.wants_tags;
  return decision;
}

}  // namespace

Decision refuse(Error error, std::optional<Access> access) {
  Decision decision;
  decision.refusal = std::move(error);
  decision.access = std::move(access);
  return decision;
}

Decision authorize_access(Result<Access> access, std::optional<std::string_view> token, const State& state, TokenCache* cache,
                          TimePoint now, Trace* trace, Deferral* deferral, const RequestFacts& facts) {
  if (trace != nullptr) trace->add("route", access.ok(), access.ok() ? explain_route(*access) : access.error().detail);
  if (!access) return refuse(std::move(access).error(), std::nullopt);
  if (token == kAnonymousToken) token.reset();
  if (trace != nullptr) trace->add("credential", token.has_value(), token ? "a bearer token was sent" : "no bearer token was sent");
  if (!token) {
    Rights rights = rights_of_nobody(*access, rights_rules(state), facts, now, trace);
    return decide_by(std::move(rights), *std::move(access), {nullptr, false});
  }
  std::optional<std::size_t> judge;
  auto checked = check_token(*token, state, cache, now, trace, deferral, &judge);
  if (!checked) {
    Decision decision = refuse(std::move(checked).error(), std::move(access).value());
    decision.judge = judge;
    return decision;
  }
  Rights rights = rights_of(*checked->token, *access, state, facts, now, trace);
  return decide_by(std::move(rights), std::move(access).value(), std::move(checked).value());
}

Decision authorize(const AuthRequest& request, const State& state, TokenCache* cache, TimePoint now, Trace* trace, Deferral* deferral) {
  RequestFacts facts = request.facts;
  facts.method = request.method;
  return authorize_access(requested_access(request.method, request.uri, state.rules.extra_routes, state.rules.route_limits), request.token,
                          state, cache, now, trace, deferral, facts);
}

}  // namespace portcullis
