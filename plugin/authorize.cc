#include "plugin/authorize.h"

#include <utility>

#include "base/digest.h"
#include "policy/decide.h"

namespace portcullis {
namespace {

/// Whether the source's keys may be used at all. Never 401: the token is not to blame.
Result<KeyView> usable_keys(const State& state, TimePoint now, Trace* trace) {
  const Freshness freshness = state.source.freshness(now);
  const bool usable = freshness == Freshness::fresh || freshness == Freshness::stale;
  if (trace != nullptr) trace->add("keys", usable, "source " + state.source.name + " is " + std::string(freshness_name(freshness)));
  if (freshness == Freshness::expired) return Error{Reason::keys_stale, "the last good key set is too old"};
  if (!usable || state.source.keys == nullptr) return Error{Reason::keys_not_loaded, "no key set was ever loaded"};
  return KeyView{.keys = state.source.keys.get(), .kid_required = state.source.kid_required, .generation = state.source.generation};
}

/// A cached token is an identity, no decision: its times and the revocations are judged on each use.
Result<CheckedToken> recheck(std::shared_ptr<const VerifiedToken> token, const Sha256& digest, const State& state, TokenCache& cache,
                             TimePoint now) {
  const auto good = recheck_token(*token, state.rules.tokens, *state.revocations, now);
  if (good) return CheckedToken{std::move(token), true};
  if (good.error().reason == Reason::token_expired) cache.erase(digest);
  return good.error();
}

/// Whether checking `text` would take a costly key. A malformed token does not.
bool names_costly_key(std::string_view text, const KeyView& keys, const TokenLimits& limits) {
  const auto token = parse_token(text, limits);
  if (!token) return false;
  const Key* key = nullptr;
  if (!keys.kid_required) {
    key = keys.keys->only();
  } else if (token->key_id) {
    key = keys.keys->find(*token->key_id);
  }
  return key != nullptr && is_costly(*key) && key->algorithms().contains(token->algorithm);
}

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

Result<CheckedToken> check_token(std::string_view text, const State& state, TokenCache* cache, TimePoint now, Trace* trace,
                                 Deferral* deferral) {
  const auto keys = usable_keys(state, now, trace);
  if (!keys) return keys.error();
  // A token beyond the limit is not even hashed.
  const bool cacheable = cache != nullptr && trace == nullptr && text.size() <= state.rules.tokens.limits.bytes;
  Sha256 digest;
  if (cacheable) {
    digest = sha256(text);
    auto cached = cache->find(digest, keys->generation, state.rules.tokens.generation);
    if (cached != nullptr) return recheck(std::move(cached), digest, state, *cache, now);
  }
  if (deferral != nullptr && keys->keys->has_costly_key() && names_costly_key(text, *keys, state.rules.tokens.limits)) {
    deferral->wanted = true;
    return Error{Reason::overloaded, "too many tokens of costly keys are being checked"};
  }
  auto verified = verify_token(text, *keys, state.rules.tokens, *state.revocations, now, trace);
  if (!verified) return verified.error();
  auto token = std::make_shared<const VerifiedToken>(std::move(verified).value());
  if (cacheable) cache->insert(digest, token);
  return CheckedToken{std::move(token), false};
}

Decision authorize_access(Result<Access> access, std::optional<std::string_view> token, const State& state, TokenCache* cache,
                          TimePoint now, Trace* trace, Deferral* deferral) {
  if (trace != nullptr) trace->add("route", access.ok(), access.ok() ? explain_route(*access) : access.error().detail);
  if (!access) return refuse(std::move(access).error(), std::nullopt);
  if (trace != nullptr) trace->add("credential", token.has_value(), token ? "a bearer token was sent" : "no bearer token was sent");
  if (!token) return refuse({Reason::token_missing, "no bearer token was sent"}, std::move(access).value());
  auto checked = check_token(*token, state, cache, now, trace, deferral);
  if (!checked) return refuse(std::move(checked).error(), std::move(access).value());
  auto granted = decide(*checked->token, *access, now, trace);
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
