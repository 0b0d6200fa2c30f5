// Text that must not outlive its use: wiped when it goes, never printed, compared in constant time.
#pragma once

#include <string>
#include <string_view>

namespace portcullis {

/// Owns a secret. Not copyable; moving leaves nothing behind.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  /// The text, for the one call that needs it. The view lives as long as the object.
  [[nodiscard]] std::string_view reveal() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

 private:
  void wipe() noexcept;

  std::string text_;
};

/// Whether both are equal, in a time that depends on their lengths alone. Eight bytes at a time, because each request's token is compared:
/// CRYPTO_memcmp takes one.
bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept;

/// Overwrites `text` so that the compiler cannot leave the write out, then empties it.
void wipe(std::string& text) noexcept;

}  // namespace portcullis
