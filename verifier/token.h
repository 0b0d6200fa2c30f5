// Compact JWS to parts (RFC 7515 section 7.1): split, decode, bound. Nothing here is trusted.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keystore/algorithm.h"

namespace portcullis {

struct TokenLimits {
  std::size_t bytes;  ///< of the whole token text
};

/// A token whose shape is good and whose signature nobody has checked. Claims are only reachable after that.
struct UnverifiedToken {
  std::string_view signing_input;  ///< `header.payload`, borrowed from the text that was parsed
  std::string_view header;         ///< base64url of the header's JSON; borrowed too
  Algorithm algorithm;
  std::optional<std::string> key_id;  ///< absent where the header has none; 0 to 256 bytes, no controls
  std::optional<std::string> type;    ///< `typ` as `normalize_type` leaves it
  std::string payload;                ///< decoded bytes, not parsed yet
  std::string signature;              ///< decoded bytes, at least one
};

/// Splits and decodes `text`, which must outlive the result. Checks, in this order: size, three parts, base64url of all three, JSON of the
/// header (at most 4 KiB, 64 members, depth 8), `crit` and `b64`, `alg` (RFC 8725 section 3.1), `kid`, `typ`, a signature that is not
/// empty. What the last good header of a thread said is remembered, since those of one issuer's tokens are equal. `jwk`, `jku`, `x5c`,
/// `x5u` are never read. Linear in the size of the text, whatever it holds. Reasons: token_too_large, token_malformed, token_header_invalid
/// (also an absent `alg` or one of the wrong type), crit_unsupported (`crit` at all; `b64` other than true), alg_not_allowed, kid_invalid.
Result<UnverifiedToken> parse_token(std::string_view text, const TokenLimits& limits);

/// A media type for comparison: lower case, without `application/` (RFC 7515 section 4.1.9).
std::string normalize_type(std::string_view type);

}  // namespace portcullis
