#include "plugin/authorize.h"

#include <utility>

#include "policy/access_claim.h"

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

/// The only place that makes an allow.
Decision allow(Access access, CheckedToken checked, bool drop_mount) {
  Decision decision;
  decision.refusal.reset();
  decision.access = std::move(access);
  decision.token = std::move(checked.token);
  decision.from_cache = checked.from_cache;
  decision.drop_mount = drop_mount;
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
                          TimePoint now, Trace* trace, Deferral* deferral) {
  if (trace != nullptr) trace->add("route", access.ok(), access.ok() ? explain_route(*access) : access.error().detail);
  if (!access) return refuse(std::move(access).error(), std::nullopt);
  if (trace != nullptr) trace->add("credential", token.has_value(), token ? "a bearer token was sent" : "no bearer token was sent");
  if (!token) return refuse({Reason::token_missing, "no bearer token was sent"}, std::move(access).value());
  auto checked = check_token(*token, state, cache, now, trace, deferral);
  if (!checked) return refuse(std::move(checked).error(), std::move(access).value());
  auto granted = check_access_claim(*checked->token, *access, now, trace);
  const bool mount_only = !granted && granted.error().reason == Reason::mount_source_denied;
  if (granted || (mount_only && state.rules.strips_mount)) {
    return allow(std::move(access).value(), std::move(checked).value(), !granted.ok());
  }
  Decision decision = refuse(granted.error(), std::move(access).value());
  decision.token = std::move(checked->token);
  decision.from_cache = checked->from_cache;
  return decision;
}

Decision authorize(const AuthRequest& request, const State& state, TokenCache* cache, TimePoint now, Trace* trace, Deferral* deferral) {
  return authorize_access(requested_access(request.method, request.uri, state.rules.extra_routes, state.rules.route_limits), request.token,
                          state, cache, now, trace, deferral);
}

}  // namespace portcullis
