// A registry's password as it lies in memory: text of base64, which ECR's is, as the bytes that it stands for, in three quarters of the
// room.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "base/secret.h"

namespace portcullis {

/// Owns a secret text. Not copyable; wiped when it goes; what it was made from is wiped too.
class PackedSecret {
 public:
  /// A text that begins with fewer letters of base64 (RFC 4648 section 4) is kept as it is.
  static constexpr std::size_t kShortest = 64;

  PackedSecret() = default;
  /// Keeps `text`: its longest beginning of whole quadruples of base64 letters as bytes, what follows as it is, so that every text comes
  /// back to the byte. Implicit: a `Secret` is moved in wherever a password is given.
  PackedSecret(Secret text);  // NOLINT(google-explicit-constructor)
  PackedSecret(PackedSecret&& other) noexcept : kept_(std::move(other.kept_)), packed_(std::exchange(other.packed_, 0)) {}
  PackedSecret& operator=(PackedSecret&& other) noexcept {
    kept_ = std::move(other.kept_);
    packed_ = std::exchange(other.packed_, 0);
    return *this;
  }
  PackedSecret(const PackedSecret&) = delete;
  PackedSecret& operator=(const PackedSecret&) = delete;
  ~PackedSecret() = default;

  /// Bytes of the text.
  [[nodiscard]] std::size_t size() const noexcept { return kept_.reveal().size() + packed_ / 3; }
  /// Bytes of memory that the text takes.
  [[nodiscard]] std::size_t kept_bytes() const noexcept { return kept_.reveal().size(); }
  /// Writes the text behind `out`, which the caller wipes. With `size()` bytes reserved there, no part of the text is left anywhere else.
  void append_to(std::string& out) const;
  /// A copy of the text.
  [[nodiscard]] Secret text() const;

 private:
  Secret kept_;             ///< bytes, then the rest of the text
  std::size_t packed_ = 0;  ///< how many of `kept_` are bytes; a multiple of 3
};

}  // namespace portcullis
