#include "plugin/http/header_scan.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

namespace portcullis {
namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// `tchar` of RFC 9110 section 5.6.2.
constexpr auto kTokenBytes = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_token(std::string_view name) noexcept {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return kTokenBytes[static_cast<unsigned char>(c)]; });
}

struct FixedName {
  std::string_view name;
  Fact fact;
};
constexpr FixedName kFixedNames[] = {
    {"authorization", Fact::authorization},         {"x-portcullis-marker", Fact::marker},        {"x-original-uri", Fact::original_uri},
    {"x-original-url", Fact::original_url},         {"x-original-method", Fact::original_method}, {"x-forwarded-uri", Fact::forwarded_uri},
    {"x-forwarded-method", Fact::forwarded_method},
};

void note(HeaderScan& scan, Fact fact, std::string_view value) noexcept {
  FactValue& slot = scan.facts[static_cast<std::size_t>(fact)];
  if (slot.count++ == 0) slot.value = value;
}

bool is_configured(const std::optional<std::string>& header, std::string_view name) noexcept {
  return header.has_value() && same_header_name(*header, name);
}

}  // namespace

bool same_letters(std::string_view left, std::string_view right) noexcept {
  // Eight bytes at a time: what differs may differ in the bit between the cases of a letter alone.
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kCase = 0x20 * kOnes;
  constexpr std::uint64_t kHigh = 0x80 * kOnes;
  std::size_t at = 0;
  for (; at + sizeof kOnes <= left.size(); at += sizeof kOnes) {
    std::uint64_t one = 0;
    std::uint64_t other = 0;
    std::memcpy(&one, left.data() + at, sizeof one);
    std::memcpy(&other, right.data() + at, sizeof other);
    const std::uint64_t differs = one ^ other;
    if ((differs & ~kCase) != 0) return false;
    const std::uint64_t low = (one | kCase) & ~kHigh;
    // The high bit of each byte that is a letter: from 'a' on, not beyond 'z', and ASCII.
    const std::uint64_t letters = (low + (0x80 - 'a') * kOnes) & ~(low + (0x7f - 'z') * kOnes) & ~one & kHigh;
    if ((differs & ~(letters >> 2U)) != 0) return false;
  }
  for (; at < left.size(); ++at)
    if (lower(left[at]) != lower(right[at])) return false;
  return true;
}

void note_fact(HeaderScan& scan, std::string_view name, std::string_view value, const GateRules& rules) noexcept {
  for (const FixedName& fixed : kFixedNames) {
    if (same_header_name(fixed.name, name)) note(scan, fixed.fact, value);
  }
  if (is_configured(rules.client_address_header, name)) note(scan, Fact::client_address, value);
  if (is_configured(rules.scheme_header, name)) note(scan, Fact::scheme, value);
}

HeaderScan scan_headers(const HttpRequest& request, const GateRules& rules) noexcept {
  HeaderScan scan;
  for (const auto& [name, value] : request.headers) {
    if (is_token(name))
      note_fact(scan, name, value, rules);
    else
      scan.names_are_tokens = false;
  }
  return scan;
}

}  // namespace portcullis
