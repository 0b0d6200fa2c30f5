#include "policy/grammar.h"

#include <algorithm>

#include "policy/route.h"

namespace portcullis {
namespace {

constexpr std::size_t kTagBytes = 128;

constexpr bool is_lower_or_digit(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
constexpr bool is_alphanumeric(char c) noexcept { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }
constexpr bool is_lower_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// Bytes of the separator that `text` begins with: `.`, `_`, `__`, or any number of `-`; 0 if it begins with none. `text` is not
/// empty.
std::size_t separator_length(std::string_view text) noexcept {
  if (text[0] == '.') return 1;
  if (text[0] == '_') return text.size() > 1 && text[1] == '_' ? 2 : 1;
  std::size_t length = 0;
  while (length < text.size() && text[length] == '-') ++length;
  return length;
}

std::size_t leading(std::string_view text, bool (*belongs)(char) noexcept) noexcept {
  std::size_t length = 0;
  while (length < text.size() && belongs(text[length])) ++length;
  return length;
}

/// `algorithm`: `[a-z0-9]+([+._-][a-z0-9]+)*`.
bool is_digest_algorithm(std::string_view text) noexcept {
  while (true) {
    const std::size_t word = leading(text, is_lower_or_digit);
    if (word == 0) return false;
    text.remove_prefix(word);
    if (text.empty()) return true;
    if (std::string_view("+._-").find(text[0]) == std::string_view::npos) return false;
    text.remove_prefix(1);
  }
}

bool is_hex_of(std::string_view text, std::size_t digits) noexcept {
  return text.size() == digits && leading(text, is_lower_hex) == digits;
}

}  // namespace

bool is_name_component(std::string_view text) noexcept {
  while (true) {
    const std::size_t word = leading(text, is_lower_or_digit);
    if (word == 0) return false;
    text.remove_prefix(word);
    if (text.empty()) return true;
    const std::size_t separator = separator_length(text);
    if (separator == 0) return false;
    text.remove_prefix(separator);
  }
}

bool is_repository_name(std::string_view text) noexcept {
  if (text.size() > kRepositoryNameBytes) return false;
  while (true) {
    const std::size_t slash = text.find('/');
    if (!is_name_component(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_tag(std::string_view text) noexcept {
  if (text.empty() || text.size() > kTagBytes || text[0] == '.' || text[0] == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_digest(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view algorithm = text.substr(0, colon);
  const std::string_view encoded = text.substr(colon + 1);
  if (algorithm == "sha256") return is_hex_of(encoded, 64);
  if (algorithm == "sha512") return is_hex_of(encoded, 128);
  if (!is_digest_algorithm(algorithm) || encoded.empty()) return false;
  return std::all_of(encoded.begin(), encoded.end(), [](char c) { return is_alphanumeric(c) || c == '=' || c == '_' || c == '-'; });
}

bool is_upload_id(std::string_view text) noexcept {
  if (text.empty() || text.size() > kUploadIdBytes) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '='; });
}

bool is_canonical_path(std::string_view path) noexcept {
  if (path.empty() || path[0] != '/') return false;
  std::size_t segment = 1;
  for (std::size_t i = 1; i <= path.size(); ++i) {
    const char c = i < path.size() ? path[i] : '/';
    if (c == '/') {
      const std::string_view text = path.substr(segment, i - segment);
      if (text == "." || text == ".." || (text.empty() && i < path.size())) return false;
      segment = i + 1;
    } else if (c <= ' ' || c > '~' || c == '%' || c == ';' || c == '\\' || c == '#') {
      return false;
    }
  }
  return true;
}

}  // namespace portcullis
