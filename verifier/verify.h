// The straight line from bytes to `VerifiedToken`: shape, header, algorithm, key, signature, then claims, identity, revocations.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "base/trace.h"
#include "keystore/key_set.h"
#include "policy/cel/value.h"
#include "verifier/checks.h"
#include "verifier/claims.h"
#include "verifier/identity.h"
#include "verifier/revocations.h"
#include "verifier/token.h"

namespace portcullis {

/// What a source lends to one verification.
struct KeyView {
  const KeySet* keys;        ///< not null
  bool kid_required;         ///< false for `cert`
  std::uint64_t generation;  ///< of the source
  std::size_t source = 0;    ///< 0: the traditional keys; n: the n-th OIDC issuer of the configuration, counted from 1
  /// Where `kid_required`: a token without `kid` is judged all the same if exactly one key serves its algorithm (OpenID Connect Core 1.0
  /// section 10.1).
  bool kid_may_lack = false;
};

struct TokenRules {
  TokenLimits limits;
  ClaimRules claims;
  IdentityRules identity;
  std::vector<std::string> types;  ///< accepted `typ`, lower case, without `application/`; empty: not looked at
  bool needs_subject = false;      ///< `sub` must be there (OpenID Connect Core 1.0 section 2)
  bool reads_access = true;        ///< false: an `access` claim gives nothing, whatever it says
  bool keep_claims = false;        ///< whether `VerifiedToken::claims` is wanted: conditions of a policy read it
  std::uint64_t generation = 0;    ///< moves when any rule moves, so that cached tokens are judged anew
};

/// A token that passed every check. Only `verify_parsed` makes one.
class VerifiedToken {
 public:
  Identity identity;
  std::string issuer;    ///< empty where the token has none
  std::string subject;   ///< empty where the token has none
  std::string token_id;  ///< empty where the token has none
  std::string key_id;    ///< of the key that verified it
  Algorithm algorithm{};
  std::optional<std::chrono::sys_seconds> expires;
  std::optional<std::chrono::sys_seconds> not_before;
  std::optional<std::vector<AccessEntry>> access;
  std::optional<cel::Value> claims;  ///< the whole payload as CEL sees it, where `TokenRules::keep_claims` wants it
  Sha256 signing_input;
  std::size_t source = 0;  ///< as in `KeyView`
  std::uint64_t key_generation = 0;
  std::uint64_t rules_generation = 0;

 private:
  VerifiedToken() = default;
  friend Result<VerifiedToken> verify_parsed(const UnverifiedToken&, const KeyView&, const TokenRules&, const Revocations&, TimePoint,
                                             Trace*);
};

/// Verifies `text`. Pure. Every reason of section "401: the credential" of `Reason` may come back, and internal_error. The order is fixed:
/// nothing of the payload is looked at before the signature is good. `trace` may be null; it gets the steps header, algorithm, key,
/// signature, payload, claims, expiry, not_before, issued_at, lifetime, issuer, audience, sender, type, identity, revocations, as far as
/// they were reached and apply.
Result<VerifiedToken> verify_token(std::string_view text, const KeyView& keys, const TokenRules& rules, const Revocations& revocations,
                                   TimePoint now, Trace* trace);

/// The same for a token whose shape was read already; `trace` gets the steps from `algorithm` on.
Result<VerifiedToken> verify_parsed(const UnverifiedToken& token, const KeyView& keys, const TokenRules& rules,
                                    const Revocations& revocations, TimePoint now, Trace* trace);

/// The key that would judge `token`: the one that `kid` names, or the only one that can be meant. Reasons: kid_missing, key_unknown.
Result<const Key*> find_key(const UnverifiedToken& token, const KeyView& view);

/// What must hold again each time a cached token is used: times and revocations.
Result<void> recheck_token(const VerifiedToken& token, const TokenRules& rules, const Revocations& revocations, TimePoint now);

}  // namespace portcullis
