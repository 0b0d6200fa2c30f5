// Tokens, subjects and keys that are good by signature and refused all the same.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"

namespace portcullis {

/// A parsed revocations file; immutable. The file is
/// `{"revocations": [{"kid": "k1"} | {"jti": "…", "iss": "…"} | {"sub": "…", "iss": "…"} | {"tokenSha256": "<hex of the signing input>"}, …]}`,
/// each with an optional `until` (RFC 3339) and `note`.
class Revocations {
 public:
  /// No entry.
  Revocations() = default;
  /// At most 10 MiB and 100,000 entries. `revocations_malformed`, naming the entry.
  static Result<Revocations> parse(std::string_view json);

  struct Subject {
    std::string_view key_id;  ///< empty where the token has none
    std::string_view issuer;  ///< empty where the token has none
    std::string_view subject;
    std::string_view token_id;
    const Sha256& signing_input;
  };
  /// The note of the entry in force that names the token ("" if it has none), or nothing. Constant time in the number of entries.
  [[nodiscard]] std::optional<std::string_view> match(const Subject& token, TimePoint now) const;
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::optional<TimePoint> until;
    std::string note;
  };
  /// Keyed by kind and value, each length-prefixed, so that no value can pass for another.
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace portcullis
