#include "plugin/cli/argument_mask.h"

#include <algorithm>

#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kShown = 8;
constexpr std::string_view kPem = "-----BEGIN";
constexpr std::string_view kCut = "…";
/// RFC 6750's b64token without the slash, which a path has as well.
constexpr std::string_view kTokenCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+=";

/// Lower-case labels and at least one dot: a host name of AWS may be long, and a file name as well.
bool is_host_like(std::string_view text) noexcept {
  return text.find('.') != std::string_view::npos &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string_view::npos;
}

/// How many bytes both begin with.
std::size_t common_length(std::string_view left, std::string_view right) noexcept {
  const std::size_t shorter = std::min(left.size(), right.size());
  const auto differ = std::mismatch(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(shorter), right.begin());
  return static_cast<std::size_t>(differ.first - left.begin());
}

/// Masks `secret` wherever it stands, as it is or as `escape_for_log` shows it, whole or cut: what begins as it does is taken as far as it
/// goes.
void mask_one(std::string& text, std::string_view secret) {
  const std::string escaped = escape_for_log(secret);
  const std::string_view beginning = secret.substr(0, kShown + 1);
  const std::string shown = masked(secret);
  for (std::size_t at = text.find(beginning); at != std::string::npos; at = text.find(beginning, at + shown.size())) {
    const std::string_view rest = std::string_view(text).substr(at);
    text.replace(at, std::max(common_length(rest, secret), common_length(rest, escaped)), shown);
  }
}

}  // namespace

bool looks_like_secret(std::string_view argument) noexcept {
  if (argument.size() <= kShown) return false;  // all of it would be shown
  if (argument.starts_with("eyJ") || argument.starts_with(kPem)) return true;
  return argument.size() > kLongestName && argument.find_first_not_of(kTokenCharacters) == std::string_view::npos &&
         !is_host_like(argument);
}

std::string masked(std::string_view secret) {
  if (secret.size() <= kShown) return std::string(secret);
  return std::string(secret.substr(0, kShown)).append(kCut);
}

std::string shown_argument(std::string_view argument) { return looks_like_secret(argument) ? masked(argument) : std::string(argument); }

ArgumentMask::ArgumentMask(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view whole = argv[i];
    const bool option = whole.starts_with("--") && !whole.starts_with(kPem);
    const std::size_t equals = option ? whole.find('=') : std::string_view::npos;
    const std::string_view value = equals == std::string_view::npos ? whole : whole.substr(equals + 1);
    if (looks_like_secret(value)) {
      secrets_.emplace_back(value);
    } else if (const std::string_view last = value.substr(value.rfind(' ') + 1); looks_like_secret(last)) {
      secrets_.emplace_back(last);
    }
  }
  std::sort(secrets_.begin(), secrets_.end(), [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string ArgumentMask::apply(std::string_view text) const {
  std::string shown(text);
  for (const std::string& secret : secrets_) mask_one(shown, secret);
  return shown;
}

}  // namespace portcullis
