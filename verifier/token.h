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
  std::string_view signing_input;    ///< `header.payload`, borrowed from the text that was parsed
  Algorithm algorithm;
  std::optional<std::string> key_id; ///< absent where the header has none; 0 to 256 bytes
  std::optional<std::string> type;   ///< `typ`, lower case, without `application/`
  std::string payload;               ///< decoded bytes, not parsed yet
  std::string signature;             ///< decoded bytes
  std::string header_json;           ///< decoded bytes, for the trace and the probe
};

/// Splits and decodes `text`, which must outlive the result. Checks, in this order: size, three parts, base64url of header, JSON of the header, `crit`,
/// `b64`, `alg` (RFC 8725 section 3.1), `kid`, base64url of payload and signature. `jwk`, `jku`, `x5c`, `x5u` are never read.
/// Reasons: token_too_large, token_malformed, token_header_invalid, crit_unsupported, alg_not_allowed, kid_invalid.
Result<UnverifiedToken> parse_token(std::string_view text, const TokenLimits& limits);

}  // namespace portcullis
