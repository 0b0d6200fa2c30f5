#include "verifier/verify.h"

#include <algorithm>
#include <utility>

#include "base/codec/percent.h"
#include "verifier/signature.h"

namespace portcullis {
namespace {

/// Tells the trace how a step went, and passes the result on.
template <class T>
Result<T> traced(Trace* trace, std::string_view step, Result<T> result) {
  if (trace != nullptr) trace->add(step, result.ok(), result.ok() ? std::string() : result.error().detail);
  return result;
}

/// The key that serves the token's algorithm, if that is one alone.
Result<const Key*> find_fitting(const UnverifiedToken& token, const KeySet& keys) {
  const Key* fitting = nullptr;
  for (const Key& key : keys.keys()) {
    if (!key.algorithms().contains(token.algorithm)) continue;
    if (fitting != nullptr) return Error{Reason::kid_missing, "token missing 'kid' header, and several keys serve its algorithm"};
    fitting = &key;
  }
  if (fitting == nullptr) return Error{Reason::key_unknown, "token missing 'kid' header, and no key serves its algorithm"};
  return fitting;
}

Result<void> check_type(const UnverifiedToken& token, const std::vector<std::string>& accepted) {
  if (token.type && std::find(accepted.begin(), accepted.end(), *token.type) != accepted.end()) return {};
  return Error{Reason::type_not_accepted, "token 'typ' header is not one of tokens.types"};
}

Result<void> check_revocations(const VerifiedToken& token, const Revocations& revocations, TimePoint now) {
  const Revocations::Subject subject{token.key_id, token.issuer, token.subject, token.token_id, token.signing_input};
  const auto note = revocations.match(subject, now);
  if (!note) return {};
  return Error{Reason::token_revoked, note->empty() ? "revoked" : "revoked: " + escape_for_log(*note)};
}

/// What vouches for a payload.
struct Authentic {
  const Key* key = nullptr;
  Sha256 signing_input;
};

/// The header's words and the key, checked against the signature: everything before the payload may be read.
Result<Authentic> check_authenticity(const UnverifiedToken& token, const KeyView& view, Trace* trace) {
  auto key = find_key(token, view);
  if (trace != nullptr) {
    trace->add("algorithm", true, std::string(algorithm_name(token.algorithm)));
    trace->add("key", key.ok(),
               key ? escape_for_log((*key)->id()) + ", " + std::string(key_type_name((*key)->type())) : key.error().detail);
  }
  if (!key) return key.error();
  const auto signature = traced(trace, "signature", check_signature(token, **key));
  if (!signature) return signature.error();
  return Authentic{*key, *signature};
}

/// What claims and rules make of an authentic payload.
struct CheckedPayload {
  Claims claims;
  Identity identity;
  std::optional<cel::Value> kept;  ///< the claims as CEL sees them, where they are wanted
};

Result<CheckedPayload> check_payload(const UnverifiedToken& token, const TokenRules& rules, TimePoint now, Trace* trace) {
  const auto payload = traced(trace, "payload", parse_payload(token.payload));
  if (!payload) return payload.error();
  auto claims = traced(trace, "claims", read_claims(payload->root()));
  if (!claims) return claims.error();
  if (auto checked = check_claims(*claims, rules.claims, now, trace); !checked) return checked.error();
  if (!rules.types.empty()) {
    if (auto checked = traced(trace, "type", check_type(token, rules.types)); !checked) return checked.error();
  }
  std::optional<cel::Value> values;
  if (rules.keep_claims || rules.identity.mapping != nullptr) values = cel::value_from_json(payload->root());
  auto identity = traced(trace, "identity", map_identity(payload->root(), values ? &*values : nullptr, rules.identity));
  if (!identity) return identity.error();
  if (!rules.keep_claims) values.reset();
  if (rules.needs_subject && !claims->subject)
    return Error{Reason::claim_invalid, "token has no 'sub' (OpenID Connect Core 1.0 section 2)"};
  return CheckedPayload{std::move(*claims), std::move(*identity), std::move(values)};
}

}  // namespace

/// Nobody tries keys in turn.
Result<const Key*> find_key(const UnverifiedToken& token, const KeyView& view) {
  if (!view.kid_required) {
    const Key* only = view.keys->only();
    if (only == nullptr) return Error{Reason::key_unknown, "the source does not hold exactly one key"};
    return only;
  }
  if (!token.key_id && view.kid_may_lack) return find_fitting(token, *view.keys);
  if (!token.key_id) return Error{Reason::kid_missing, "token missing 'kid' header"};
  const Key* found = view.keys->find(*token.key_id);
  if (found == nullptr) return Error{Reason::key_unknown, "no public key found for kid " + escape_for_log(*token.key_id)};
  return found;
}

Result<VerifiedToken> verify_token(std::string_view text, const KeyView& keys, const TokenRules& rules, const Revocations& revocations,
                                   TimePoint now, Trace* trace) {
  const auto unverified = traced(trace, "header", parse_token(text, rules.limits));
  if (!unverified) return unverified.error();
  return verify_parsed(*unverified, keys, rules, revocations, now, trace);
}

Result<VerifiedToken> verify_parsed(const UnverifiedToken& unverified, const KeyView& keys, const TokenRules& rules,
                                    const Revocations& revocations, TimePoint now, Trace* trace) {
  const auto authentic = check_authenticity(unverified, keys, trace);
  if (!authentic) return authentic.error();
  auto checked = check_payload(unverified, rules, now, trace);
  if (!checked) return checked.error();
  Claims& claims = checked->claims;
  VerifiedToken token;
  token.identity = std::move(checked->identity);
  token.issuer = std::move(claims.issuer).value_or("");
  token.subject = std::move(claims.subject).value_or("");
  token.token_id = std::move(claims.token_id).value_or("");
  token.key_id = authentic->key->id();
  token.algorithm = unverified.algorithm;
  token.expires = claims.expires;
  token.not_before = claims.not_before;
  if (rules.reads_access) token.access = std::move(claims.access);
  token.claims = std::move(checked->kept);
  token.signing_input = authentic->signing_input;
  token.source = keys.source;
  token.key_generation = keys.generation;
  token.rules_generation = rules.generation;
  if (auto allowed = traced(trace, "revocations", check_revocations(token, revocations, now)); !allowed) return allowed.error();
  return token;
}

Result<void> recheck_token(const VerifiedToken& token, const TokenRules& rules, const Revocations& revocations, TimePoint now) {
  if (auto times = check_times(token.expires, token.not_before, rules.claims, now); !times) return times;
  return check_revocations(token, revocations, now);
}

}  // namespace portcullis
