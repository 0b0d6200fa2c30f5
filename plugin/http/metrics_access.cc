#include "plugin/http/metrics_access.h"

#include <string>
#include <utility>

#include "config/address.h"
#include "plugin/authorize.h"
#include "plugin/http/request.h"
#include "plugin/http/respond.h"
#include "plugin/token_check.h"

namespace portcullis {
namespace {

bool is_open(const State& state) {
  if (state.policy == nullptr || !state.policy->has_metrics()) return !state.config.access_control || !state.config.access_control->metrics;
  const auto& admin = state.config.admin;
  return !admin || admin->kind == ListenAddress::Kind::unix_socket || is_loopback(*admin) || state.policy->may_read_metrics({});
}

HttpAnswer refusal(Error error, const State& state) {
  Decision decision = refuse(std::move(error), std::nullopt);
  return respond(decision, state.rules, Endpoint::unknown, "-");
}

}  // namespace

std::optional<HttpAnswer> refuse_reader(const HttpRequest& request, const State& state, TimePoint now) {
  if (is_open(state)) return std::nullopt;
  const auto token = bearer_token(request);
  if (!token) return refusal(token.error(), state);
  if (!*token) return refusal({Reason::token_missing, "metrics need a token here"}, state);
  auto checked = check_token(**token, state, nullptr, now, nullptr);
  if (!checked) return refusal(std::move(checked).error(), state);
  if (state.policy == nullptr) return refusal({Reason::internal_error, "the policies were not compiled"}, state);
  const std::string& username = checked->token->identity.username;
  if (!username.empty() && state.policy->may_read_metrics(username)) return std::nullopt;
  return refusal({Reason::policy_denied, "accessControl.metrics does not list the user"}, state);
}

}  // namespace portcullis
