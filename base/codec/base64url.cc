#include "base/codec/base64url.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace portcullis {
namespace {

constexpr std::string_view kUrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kPlainAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kForeign = 64;

constexpr std::array<std::uint8_t, 256> values_of(std::string_view alphabet) {
  std::array<std::uint8_t, 256> values{};
  values.fill(kForeign);
  for (std::size_t i = 0; i < alphabet.size(); ++i) values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}

constexpr auto kUrlValues = values_of(kUrlAlphabet);
constexpr auto kPlainValues = values_of(kPlainAlphabet);

Error malformed(const char* what) { return {Reason::base64_malformed, what}; }

/// Every four characters are three bytes. Each token passes here whole, so it works on bare pointers.
void decode_fours(std::string_view text, const std::array<std::uint8_t, 256>& values, std::span<char> bytes, std::uint32_t& foreign) {
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = in + text.size();
  const std::uint8_t* const value = values.data();
  char* out = bytes.data();
  std::uint32_t seen = 0;
  for (; in != end; in += 4, out += 3) {
    const std::uint32_t a = value[in[0]];
    const std::uint32_t b = value[in[1]];
    const std::uint32_t c = value[in[2]];
    const std::uint32_t d = value[in[3]];
    seen |= a | b | c | d;
    const std::uint32_t bits = (a << 18U) | (b << 12U) | (c << 6U) | d;
    out[0] = static_cast<char>((bits >> 16U) & 0xffU);
    out[1] = static_cast<char>((bits >> 8U) & 0xffU);
    out[2] = static_cast<char>(bits & 0xffU);
  }
  foreign |= seen;
}

Result<std::string> decode(std::string_view text, const std::array<std::uint8_t, 256>& values) {
  if (text.size() % 4 == 1) return malformed("base64 text ends inside a byte");
  const auto value_at = [&](std::size_t place) -> std::uint32_t { return values[static_cast<unsigned char>(text[place])]; };
  std::string bytes(text.size() / 4 * 3 + (text.size() % 4 == 0 ? 0 : text.size() % 4 - 1), '\0');
  std::uint32_t foreign = 0;  // gathers the bit that only kForeign has: one test for the whole text
  std::size_t out = text.size() / 4 * 3;
  std::size_t in = text.size() / 4 * 4;
  decode_fours({text.data(), in}, values, {bytes.data(), out}, foreign);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (; in < text.size(); ++in) {
    foreign |= value_at(in);
    bits = (bits << 6U) | value_at(in);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[out++] = static_cast<char>((bits >> count) & 0xffU);
    }
  }
  if ((foreign & kForeign) != 0) return malformed("base64 text holds a character that is not of its alphabet");
  // RFC 4648 section 3.5: another last character would decode to the same bytes, and a token would have two spellings.
  if ((bits & ((1U << count) - 1U)) != 0) return malformed("base64 text has spare bits that are not zero");
  return bytes;
}

/// For each twelve bits their two letters, one behind the other.
using Pairs = std::array<char, std::size_t{2} << 12U>;

constexpr Pairs pairs_of(std::string_view alphabet) {
  Pairs pairs{};
  for (std::size_t bits = 0; bits < pairs.size() / 2; ++bits) {
    pairs[bits * 2] = alphabet[bits >> 6U];
    pairs[bits * 2 + 1] = alphabet[bits & 63U];
  }
  return pairs;
}

constexpr Pairs kUrlPairs = pairs_of(kUrlAlphabet);
constexpr Pairs kPlainPairs = pairs_of(kPlainAlphabet);

/// Every three bytes are four characters. A registry's password passes here with each request, so it works on bare pointers.
void encode_threes(std::string_view bytes, const Pairs& pairs, char* out) {
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* const end = in + bytes.size();
  const char* const pair = pairs.data();
  for (; in != end; in += 3, out += 4) {
    const std::uint32_t bits = (static_cast<std::uint32_t>(in[0]) << 16U) | (static_cast<std::uint32_t>(in[1]) << 8U) | in[2];
    std::memcpy(out, pair + static_cast<std::size_t>(bits >> 12U) * 2, 2);
    std::memcpy(out + 2, pair + static_cast<std::size_t>(bits & 0xfffU) * 2, 2);
  }
}

void append(std::string& text, std::string_view bytes, std::string_view alphabet, const Pairs& pairs) {
  const std::size_t whole = bytes.size() / 3;
  const std::size_t begin = text.size();
  text.reserve(begin + (bytes.size() + 2) / 3 * 4);
  text.resize(begin + whole * 4);
  encode_threes(bytes.substr(0, whole * 3), pairs, text.data() + begin);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : bytes.substr(whole * 3)) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 6) {
      count -= 6;
      text += alphabet[(bits >> count) & 63U];
    }
  }
  if (count > 0) text += alphabet[(bits << (6U - count)) & 63U];
}

}  // namespace

std::string base64url_encode(std::string_view bytes) {
  std::string text;
  append(text, bytes, kUrlAlphabet, kUrlPairs);
  return text;
}

std::string base64_encode(std::string_view bytes) {
  std::string text;
  base64_append(text, bytes);
  return text;
}

void base64_append(std::string& text, std::string_view bytes) {
  append(text, bytes, kPlainAlphabet, kPlainPairs);
  for (std::size_t missing = (3 - bytes.size() % 3) % 3; missing != 0; --missing) text += '=';
}

Result<std::string> base64url_decode(std::string_view text) { return decode(text, kUrlValues); }

Result<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return malformed("base64 text lacks padding");
  if (text.ends_with('=')) text.remove_suffix(1);
  if (text.ends_with('=')) text.remove_suffix(1);
  return decode(text, kPlainValues);
}

}  // namespace portcullis
