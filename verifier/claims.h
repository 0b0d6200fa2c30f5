// A payload as typed claims: absent is optional, never zero; a wrong type is refused, never coerced (RFC 7519 section 4.1).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec/json.h"
#include "base/result.h"

namespace portcullis {

/// One entry of the `access` claim (distribution's token specification; `exp` is zot's).
struct AccessEntry {
  std::string type;
  std::string name;
  std::vector<std::string> actions;
  std::optional<std::chrono::sys_seconds> expires;

  friend bool operator==(const AccessEntry&, const AccessEntry&) = default;
};

struct Claims {
  std::optional<std::string> issuer;
  std::optional<std::string> subject;
  std::optional<std::string> token_id;  ///< `jti`
  std::optional<std::vector<std::string>> audiences;
  std::optional<std::chrono::sys_seconds> expires;  ///< whole seconds, rounded down
  std::optional<std::chrono::sys_seconds> not_before;
  std::optional<std::chrono::sys_seconds> issued_at;
  std::optional<std::vector<AccessEntry>> access;  ///< absent or null is "no claim"; [] grants nothing
  bool sender_constrained = false;                 ///< `cnf` is there
};

/// Parses the payload text: a JSON object within the limits of the spec (depth 32, 1,000 members).
/// `token_payload_invalid` where it is none.
Result<JsonDocument> parse_payload(std::string_view payload);

/// One value that must be a string without control characters. `claim_invalid`, naming the claim; never the value.
Result<std::string> read_text(std::string_view claim, JsonView value);
/// One value that must be an array of such strings. Reason as above.
Result<std::vector<std::string>> read_texts(std::string_view claim, JsonView array);

/// Reads the claims that rules look at. Times are integers or finite reals in 0…253402300799. `claim_invalid`, naming the claim, for a
/// wrong type or range, or a control character in a string: for the first such claim of the text. Names are exact: `EXP` is no `exp`.
Result<Claims> read_claims(JsonView payload);

}  // namespace portcullis
