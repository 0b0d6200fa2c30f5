#include "plugin/http/credential.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace portcullis {
namespace {

constexpr std::string_view kBearer = "bearer";

bool is_alphanumeric(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

using Bytes = std::uint8_t __attribute__((vector_size(16)));

/// In each place where the byte is none of ALPHA, DIGIT, "-", ".", "_", "~", "+", "/": not zero. `-./0…9` stand in a row in ASCII, and the
/// letters of either case once the case bit is set.
Bytes foreign_bytes(Bytes bytes) noexcept {
  const auto letters = ((bytes | 0x20) - 'a') <= 'z' - 'a';
  const auto marks = (bytes - '-') <= '9' - '-';
  return reinterpret_cast<Bytes>(~(letters | marks | (bytes == '+') | (bytes == '_') | (bytes == '~')));
}

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`. Every byte of every request's token passes here: sixteen at a time, and
/// one test at the end.
bool is_b64token(std::string_view text) noexcept {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.empty()) return false;
  Bytes foreign{};
  Bytes bytes{};
  for (; text.size() >= sizeof bytes; text.remove_prefix(sizeof bytes)) {
    std::memcpy(&bytes, text.data(), sizeof bytes);
    foreign |= foreign_bytes(bytes);
  }
  bytes = Bytes{} + 'a';
  std::memcpy(&bytes, text.data(), text.size());
  foreign |= foreign_bytes(bytes);
  std::array<std::uint64_t, 2> found{};
  std::memcpy(found.data(), &foreign, sizeof foreign);
  return (found[0] | found[1]) == 0;
}

/// Letters, digits and `-`, as every registered scheme has them; a JWT has dots and is none.
bool is_scheme(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
}

}  // namespace

Result<std::optional<std::string_view>> read_credential(const FactValue& authorization) {
  using Credential = std::optional<std::string_view>;
  if (authorization.count > 1) return Error{Reason::multiple_credentials, "more than one Authorization header"};
  const std::string_view value = authorization.value;
  if (value.empty()) return Credential();
  const std::size_t blank = value.find(' ');
  const std::string_view scheme = value.substr(0, blank);
  if (!same_header_name(scheme, kBearer)) {
    if (blank != std::string_view::npos && is_scheme(scheme))
      return Error{Reason::scheme_unsupported, "the Authorization scheme is not Bearer"};
    return Error{Reason::authorization_malformed, "the Authorization header is not a scheme and a token"};
  }
  const std::size_t start = value.find_first_not_of(' ', scheme.size());
  if (start == std::string_view::npos) return Error{Reason::authorization_malformed, "no token stands behind Bearer"};
  const std::string_view token = value.substr(start);
  if (!is_b64token(token)) return Error{Reason::authorization_malformed, "what stands behind Bearer is not one token"};
  return Credential(token);
}

}  // namespace portcullis
