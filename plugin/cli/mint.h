// Tokens for development: what `portcullis token mint` writes. Pure: time and key come in, text comes out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "plugin/cli/private_key.h"
#include "verifier/claims.h"

namespace portcullis {

/// A claim that has no option of its own: its name, and its value as JSON text.
struct ExtraClaim {
  std::string name;
  std::string json;
};

/// What a token shall say. Absent members are left out of the token.
struct TokenOrder {
  std::optional<std::string> key_id;  ///< `kid`
  Algorithm algorithm{};
  std::optional<std::string> subject;
  std::optional<std::string> issuer;
  std::vector<std::string> audiences;  ///< one: a string; several: an array
  std::vector<AccessEntry> access;
  std::vector<ExtraClaim> claims;  ///< a claim that is named here replaces what the other members would write
  std::optional<TimePoint> expires;
  std::optional<TimePoint> not_before;
  TimePoint issued_at;
};

/// `repository:team/app:pull,push`, `registry:catalog:*`: cut at the first and at the last colon. `Reason::bad_request`.
Result<AccessEntry> parse_access(std::string_view text);
/// `name=JSON`: cut at the first `=`. `Reason::bad_request`, with a word on quotes, where the value is no JSON.
Result<ExtraClaim> parse_claim(std::string_view text);

/// The payload of `order`, as JSON text.
std::string payload_of(const TokenOrder& order);
/// A compact JWS of `order`, signed by `key`. `alg_key_mismatch` where the key does not serve the algorithm.
Result<std::string> mint_token(const PrivateKey& key, const TokenOrder& order);

}  // namespace portcullis
