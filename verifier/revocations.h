// Tokens, subjects and keys that are good by signature and refused all the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/codec/json.h"
#include "base/digest.h"
#include "base/result.h"

namespace portcullis {

/// A parsed revocations file; immutable. The file is
/// `{"revocations": [{"kid": "k1"} | {"jti": "…", "iss": "…"} | {"sub": "…", "iss": "…"} | {"tokenSha256": "<hex of the signing input>"},
/// …]}`, each with an optional `until` (RFC 3339) and `note`. `"iss": ""` stands for tokens without `iss`.
class Revocations {
 public:
  /// No entry.
  Revocations() = default;
  /// At most 10 MiB and 100,000 entries. Of entries that say the same, the one that ends last counts. `revocations_malformed`, naming the
  /// entry by its place, for anything else: an unknown member too, because a misspelt entry that revokes nothing would look like one that
  /// does.
  static Result<Revocations> parse(std::string_view json);

  struct Subject {
    std::string_view key_id;  ///< empty where the token has none
    std::string_view issuer;  ///< empty where the token has none
    std::string_view subject;
    std::string_view token_id;
    const Sha256& signing_input;
  };
  /// The note of the entry in force that names the token ("" if it has none), or nothing. In force: `now < until`, or no `until`. Constant
  /// time in the number of entries; costs nothing where there is none. The view lives as long as this object.
  [[nodiscard]] std::optional<std::string_view> match(const Subject& token, TimePoint now) const;
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  enum class Kind : char { key = 'k', token_id = 'j', subject = 's', token = 't' };
  struct Entry {
    std::optional<TimePoint> until;
    std::string note;
  };

  static std::string make_name(Kind kind, std::string_view issuer, std::string_view value);
  std::optional<Error> add(JsonView entry);
  [[nodiscard]] const Entry* find(Kind kind, std::string_view issuer, std::string_view value, TimePoint now) const;

  /// Keyed by kind and value, each length-prefixed, so that no value can pass for another.
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace portcullis
