// The tokens that one thread was asked about most recently, by their text: while an image is pulled, the same token comes again and again,
// and even its digest costs more than to see that it is the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "verifier/verify.h"

namespace portcullis {

/// A few verified tokens, each under its whole text and nothing less. Belongs to one thread. Texts are compared in constant time, and
/// wiped when they go.
class TokenMemo {
 public:
  /// Longer tokens are rare, and not worth the memory.
  static constexpr std::size_t kTextBytes = 4096;

  struct Known {
    Sha256 digest;  ///< of the text
    std::shared_ptr<const VerifiedToken> token;
  };

  TokenMemo() = default;
  TokenMemo(const TokenMemo&) = delete;
  TokenMemo& operator=(const TokenMemo&) = delete;
  ~TokenMemo();

  /// What is known of exactly `text`, or null. Whether the token still is what the caller's keys and rules vouch for is the caller's to
  /// check. Valid until the next call of `note`.
  [[nodiscard]] const Known* find(std::string_view text) const noexcept;
  /// Offers a token. It is kept when it is offered a second time with no other between that wants the same place, so that tokens which
  /// come once cost nothing.
  void note(std::string_view text, const Sha256& digest, std::shared_ptr<const VerifiedToken> token);
  /// Forgets everything.
  void clear() noexcept;

 private:
  struct Slot {
    std::string text;
    Known known;
    Sha256 candidate;  ///< offered last
  };

  static std::size_t slot_of(std::string_view text) noexcept;

  std::array<Slot, 32> slots_;
};

}  // namespace portcullis
