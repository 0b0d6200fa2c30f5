// A token to an identity: through the cache, or with the keys of the one source that may judge it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/trace.h"
#include "plugin/state.h"
#include "verifier/token_cache.h"
#include "verifier/verify.h"

namespace portcullis {

/// Lets the caller put off what takes long. Where the token was not seen before and its key is costly (`is_costly`), the signature is not
/// checked: `wanted` is set, the decision is `overloaded`, and the caller asks again without a deferral on a thread that may take its time.
struct Deferral {
  bool wanted = false;
  /// Sources that lacked a key for the token, or have none yet (`State::source_at`): a round of theirs may bring it.
  std::vector<std::size_t> lacking{};
};

struct CheckedToken {
  std::shared_ptr<const VerifiedToken> token;
  bool from_cache;
};

/// Verifies a token through the cache, or with the keys of the source that may judge it; where somebody asked for a trace, always with the
/// keys, so that every step is there. The issuer that owns the token's `iss` judges alone, and 503s where its keys cannot be used; a token
/// that nobody owns is tried with the issuer that skips verification of it, where there is one, and then with the traditional keys.
/// `deferral` may be null, and so may `judge`, which is told whose refusal it is: none where no source judged. Reasons: keys_not_loaded,
/// keys_stale, those of `verify_token`, and issuer_mismatch where no source may judge.
Result<CheckedToken> check_token(std::string_view text, const State& state, TokenCache* cache, TimePoint now, Trace* trace,
                                 Deferral* deferral = nullptr, std::optional<std::size_t>* judge = nullptr);

}  // namespace portcullis
