// The keys that one source vouches for, as an immutable value.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "keystore/key.h"
#include "keystore/key_text.h"

namespace portcullis {

/// Looked up by id in constant time; safe from many threads.
class KeySet {
 public:
  /// `Reason::keys_empty` without a usable key; `Reason::key_duplicate` where two different keys share an id (the same key twice is one
  /// key).
  static Result<KeySet> make(ParsedKeys parsed);

  /// The key called `id`, to the byte, or null: not there.
  [[nodiscard]] const Key* find(std::string_view id) const noexcept;
  /// The key of a set that holds exactly one, else null.
  [[nodiscard]] const Key* only() const noexcept;
  [[nodiscard]] const std::vector<Key>& keys() const noexcept { return keys_; }  ///< sorted by id
  [[nodiscard]] const std::vector<QuarantinedKey>& quarantined() const noexcept { return quarantined_; }
  /// Whether any key is costly (`is_costly`).
  [[nodiscard]] bool has_costly_key() const noexcept { return has_costly_key_; }
  /// SHA-256 over ids, thumbprints and algorithms, hex: equal digests mean equal verdicts.
  [[nodiscard]] const std::string& digest() const noexcept { return digest_; }

 private:
  struct IdHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  std::vector<Key> keys_;
  std::vector<QuarantinedKey> quarantined_;
  std::unordered_map<std::string, std::size_t, IdHash, std::equal_to<>> by_id_;
  std::string digest_;
  bool has_costly_key_ = false;
};

}  // namespace portcullis
