#include "plugin/http/header_scan.h"

#include <algorithm>
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
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char l, char r) { return lower(l) == lower(r); });
}

HeaderScan scan_headers(const HttpRequest& request, const GateRules& rules) noexcept {
  HeaderScan scan;
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) {
      scan.names_are_tokens = false;
      continue;
    }
    const char first = lower(name[0]);
    if (first == 'x' || first == 'a') {
      for (const FixedName& fixed : kFixedNames) {
        if (same_header_name(fixed.name, name)) note(scan, fixed.fact, value);
      }
    }
    if (is_configured(rules.client_address_header, name)) note(scan, Fact::client_address, value);
    if (is_configured(rules.scheme_header, name)) note(scan, Fact::scheme, value);
  }
  return scan;
}

}  // namespace portcullis
