// One pass over the headers of a question: every header that states a fact, and how often it came.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "plugin/http/message.h"
#include "plugin/state.h"

namespace portcullis {

/// The headers that the gate reads. Names are compared in any letter case and to the byte else: `X_Original_URI` is another header.
enum class Fact : std::uint8_t {
  authorization,
  marker,
  original_uri,
  original_url,
  original_method,
  forwarded_uri,
  forwarded_method,
  client_address,  ///< `proxy.clientAddress`
  scheme,          ///< `proxy.scheme`
};
inline constexpr std::size_t kFactCount = 9;

/// What one header said: how often it came, and the first value.
struct FactValue {
  std::uint32_t count = 0;
  std::string_view value;
};

struct HeaderScan {
  std::array<FactValue, kFactCount> facts{};
  bool names_are_tokens = true;  ///< RFC 9110 section 5.6.2

  [[nodiscard]] const FactValue& operator[](Fact fact) const noexcept { return facts[static_cast<std::size_t>(fact)]; }
};

/// Whether two texts of one length, which they have, are the same in any letter case (ASCII).
bool same_letters(std::string_view left, std::string_view right) noexcept;
/// Whether two header names are the same, in any letter case (ASCII). Most differ in length.
inline bool same_header_name(std::string_view left, std::string_view right) noexcept {
  return left.size() == right.size() && same_letters(left, right);
}

/// Notes one header whose name is a token. Constant work; nothing is allocated.
void note_fact(HeaderScan& scan, std::string_view name, std::string_view value, const GateRules& rules) noexcept;
/// Reads all headers of `request` once. Constant work for each header; nothing is allocated.
HeaderScan scan_headers(const HttpRequest& request, const GateRules& rules) noexcept;

}  // namespace portcullis
