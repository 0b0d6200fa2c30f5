#include "plugin/http/credential.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace portcullis {
namespace {

constexpr std::string_view kBearer = "bearer";

bool is_alphanumeric(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// 1 for every byte that is none of ALPHA, DIGIT, "-", ".", "_", "~", "+", "/".
constexpr std::array<std::uint8_t, 256> foreign_bytes() {
  std::array<std::uint8_t, 256> foreign{};
  foreign.fill(1);
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/")) {
    foreign[static_cast<unsigned char>(c)] = 0;
  }
  return foreign;
}
constexpr auto kForeign = foreign_bytes();

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`. Every byte of every request's token passes here: a table, and one test
/// at the end.
bool is_b64token(std::string_view text) noexcept {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::uint8_t foreign = text.empty() ? 1 : 0;
  for (const char c : text) foreign |= kForeign[static_cast<unsigned char>(c)];
  return foreign == 0;
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
