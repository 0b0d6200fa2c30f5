// The secret's JSON (key id to key text) as it is, without the rule that at least one key must be usable.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "keystore/key_text.h"

namespace portcullis {

/// As `read_secret`, but a secret without a usable key gives what was quarantined. PEM in place of the JSON is `key_private` where any of
/// its blocks is a private key, else `secret_malformed` with what to write instead.
Result<ParsedKeys> parse_secret(std::string_view json, TimePoint now);

/// Whether text begins as JSON rather than PEM, blanks aside.
bool looks_like_json(std::string_view text) noexcept;

}  // namespace portcullis
