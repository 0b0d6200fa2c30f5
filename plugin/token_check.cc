#include "plugin/token_check.h"

#include <string>
#include <utility>

#include "base/digest.h"

namespace portcullis {
namespace {

Generations generations_of(const State& state) noexcept {
  return {.traditional = state.source.generation, .issuers = state.issuers.generations(), .rules = state.rules.tokens.generation};
}

/// Whether a source's keys may be used at all. Never 401: the token is not to blame.
Result<KeyView> usable_keys(const State& state, std::size_t index, TimePoint now, Trace* trace) {
  const SourceState& source = state.source_at(index);
  const Freshness freshness = source.freshness(now);
  const bool usable = freshness == Freshness::fresh || freshness == Freshness::stale;
  if (trace != nullptr) trace->add("keys", usable, "source " + source.name + " is " + std::string(freshness_name(freshness)));
  if (freshness == Freshness::expired) return Error{Reason::keys_stale, "the last good key set is too old"};
  if (!usable || source.keys == nullptr) return Error{Reason::keys_not_loaded, "no key set was ever loaded"};
  return KeyView{.keys = source.keys.get(),
                 .kid_required = source.kid_required,
                 .generation = source.generation,
                 .source = index,
                 .kid_may_lack = index != 0};
}

/// A cached token is an identity, no decision: the age of its keys, its times and the revocations are judged on each use.
Result<CheckedToken> recheck(std::shared_ptr<const VerifiedToken> token, const Sha256& digest, const State& state, TokenCache& cache,
                             TimePoint now) {
  if (const auto keys = usable_keys(state, token->source, now, nullptr); !keys) return keys.error();
  const auto good = recheck_token(*token, state.rules_at(token->source), *state.revocations, now);
  if (good) return CheckedToken{std::move(token), true};
  if (good.error().reason == Reason::token_expired) cache.erase(digest);
  return good.error();
}

/// Whether checking `token` would take a costly key.
bool takes_costly_key(const UnverifiedToken& token, const KeyView& keys) {
  if (!keys.keys->has_costly_key()) return false;
  const auto key = find_key(token, keys);
  return key && is_costly(**key) && (*key)->algorithms().contains(token.algorithm);
}

/// What judges one token, source by source.
struct Judge {
  const State& state;
  TimePoint now;
  Trace* trace;
  Deferral* deferral;
  std::optional<std::size_t>* judge;

  [[nodiscard]] Result<VerifiedToken> by_source(const UnverifiedToken& token, std::size_t index) const {
    if (judge != nullptr) *judge = index;
    auto verified = by_keys(token, index);
    const bool lacking =
        !verified && (verified.error().reason == Reason::key_unknown || verified.error().reason == Reason::keys_not_loaded);
    if (lacking && deferral != nullptr) deferral->lacking.push_back(index);
    return verified;
  }

  [[nodiscard]] Result<VerifiedToken> by_keys(const UnverifiedToken& token, std::size_t index) const {
    const auto keys = usable_keys(state, index, now, trace);
    if (!keys) return keys.error();
    if (deferral != nullptr && takes_costly_key(token, *keys)) {
      deferral->wanted = true;
      return Error{Reason::overloaded, "too many tokens of costly keys are being checked"};
    }
    return verify_parsed(token, *keys, state.rules_at(index), *state.revocations, now, trace);
  }

  void explain(const SourceChoice& choice) const {
    if (trace == nullptr || state.rules.issuers.empty()) return;
    if (choice.owner) return trace->add("source", true, "iss is that of oidc issuer " + state.rules.issuers[*choice.owner].issuer);
    trace->add("source", choice.skipper.has_value() || state.traditional, "no configured oidc issuer owns the token's iss");
  }

  [[nodiscard]] Result<VerifiedToken> operator()(const UnverifiedToken& token) const {
    const SourceChoice choice = choose_source(token, state.rules.issuers);
    explain(choice);
    if (choice.owner) return by_source(token, *choice.owner + 1);
    if (!choice.skipper) return by_traditional(token);
    auto skipped = by_source(token, *choice.skipper + 1);
    if (skipped || !state.traditional || (deferral != nullptr && deferral->wanted)) return skipped;
    auto traditional = by_source(token, 0);
    if (traditional || knows_less(skipped.error(), traditional.error())) return traditional;
    if (judge != nullptr) *judge = *choice.skipper + 1;
    return skipped;
  }

  [[nodiscard]] Result<VerifiedToken> by_traditional(const UnverifiedToken& token) const {
    if (state.traditional) return by_source(token, 0);
    return Error{Reason::issuer_mismatch, "token 'iss' is that of no configured OIDC issuer, and no other keys are configured"};
  }

  /// Whether the traditional keys' answer says more than that of the issuer before them: whoever has the key knows best, and a source that
  /// could not look is no reason for a 401.
  static bool knows_less(const Error& skipped, const Error& traditional) noexcept {
    const auto found_no_key = [](const Error& error) { return error.reason == Reason::key_unknown || error.reason == Reason::kid_missing; };
    return !found_no_key(traditional) || found_no_key(skipped);
  }
};

}  // namespace

Result<CheckedToken> check_token(std::string_view text, const State& state, TokenCache* cache, TimePoint now, Trace* trace,
                                 Deferral* deferral, std::optional<std::size_t>* judge) {
  // A token beyond the limit is not even hashed.
  const bool cacheable = cache != nullptr && trace == nullptr && text.size() <= state.rules.tokens.limits.bytes;
  TokenCache::Found known;
  if (cacheable) {
    known = cache->find(text, generations_of(state));
    if (known.token != nullptr) return recheck(std::move(known.token), known.digest, state, *cache, now);
  }
  const auto unverified = parse_token(text, state.rules.tokens.limits);
  if (trace != nullptr) trace->add("header", unverified.ok(), unverified ? std::string() : unverified.error().detail);
  if (!unverified) return unverified.error();
  auto verified = Judge{state, now, trace, deferral, judge}(*unverified);
  if (!verified) return verified.error();
  auto token = std::make_shared<const VerifiedToken>(std::move(verified).value());
  if (cacheable) cache->insert(known.digest, token);
  return CheckedToken{std::move(token), false};
}

}  // namespace portcullis
