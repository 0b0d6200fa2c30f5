// Secrets that were given as arguments by mistake: messages show their beginnings alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace portcullis {

/// Whether `argument` is more like a token or a key than like a name: it begins with `eyJ` (JSON, in the base64 of a JWT) or with
/// `-----BEGIN` (PEM), or it is longer than 64 bytes of the characters that tokens have, without a slash, and no host name.
bool looks_like_secret(std::string_view argument) noexcept;

/// The first 8 bytes and `…`; nothing is lost of a shorter text.
std::string masked(std::string_view secret);

/// `argument` as it is, or masked where it looks like a secret: for what goes to standard output, which `ArgumentMask` leaves alone.
std::string shown_argument(std::string_view argument);

/// The arguments of a command line that look like secrets, as what stands behind `--option=` or behind the last blank (`Bearer TOKEN`)
/// does.
class ArgumentMask {
 public:
  ArgumentMask(int argc, const char* const* argv);
  /// Whether any argument looks like a secret.
  [[nodiscard]] bool any() const noexcept { return !secrets_.empty(); }
  /// `text` with each of them masked wherever it stands, also escaped and cut as by `escape_for_log`.
  [[nodiscard]] std::string apply(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;  ///< the longest first
};

}  // namespace portcullis
