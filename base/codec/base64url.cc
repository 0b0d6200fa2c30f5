#include "base/codec/base64url.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace portcullis {
namespace {

constexpr std::string_view kUrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kPlainAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kForeign = 64;

/// One of the two alphabets, for reading.
struct Alphabet {
  std::array<std::uint8_t, 256> values{};  ///< of each byte, or `kForeign`
  std::uint8_t last_but_one = 0;
  std::uint8_t last = 0;
};

constexpr Alphabet alphabet_of(std::string_view letters) {
  Alphabet alphabet;
  alphabet.values.fill(kForeign);
  for (std::size_t i = 0; i < letters.size(); ++i) alphabet.values[static_cast<unsigned char>(letters[i])] = static_cast<std::uint8_t>(i);
  alphabet.last_but_one = static_cast<unsigned char>(letters[62]);
  alphabet.last = static_cast<unsigned char>(letters[63]);
  return alphabet;
}

constexpr Alphabet kUrl = alphabet_of(kUrlAlphabet);
constexpr Alphabet kPlain = alphabet_of(kPlainAlphabet);

Error malformed(const char* what) { return {Reason::base64_malformed, what}; }

using Bytes = std::uint8_t __attribute__((vector_size(16)));
using Fours = std::uint32_t __attribute__((vector_size(16)));
using Eights = std::uint64_t __attribute__((vector_size(16)));

/// The value of each character; `foreign` gathers ones in each place whose character is not of the alphabet.
Bytes values_of(Bytes text, const Alphabet& alphabet, Bytes& foreign) noexcept {
  const auto is = [](auto mask) { return reinterpret_cast<Bytes>(mask); };
  const Bytes upper = is(text - 'A' < 26);
  const Bytes lower = is(text - 'a' < 26);
  const Bytes digit = is(text - '0' < 10);
  const Bytes last_but_one = is(text == alphabet.last_but_one);
  const Bytes last = is(text == alphabet.last);
  foreign |= ~(upper | lower | digit | last_but_one | last);
  return (upper & (text - 'A')) | (lower & (text - ('a' - 26))) | (digit & (text + (52 - '0'))) | (last_but_one & 62) | (last & 63);
}

/// As many sixteens of characters as leave one four at least behind them: each is twelve bytes, and two more are written, which what
/// follows writes again. How many characters they are. Each token passes here whole.
std::size_t decode_sixteens(std::string_view text, const Alphabet& alphabet, char* out, std::uint32_t& foreign) noexcept {
  if constexpr (std::endian::native != std::endian::little) return 0;
  Bytes seen{};
  std::size_t in = 0;
  for (; text.size() - in >= 20; in += 16, out += 12) {
    Bytes letters;
    std::memcpy(&letters, text.data() + in, sizeof letters);
    const auto fours = reinterpret_cast<Fours>(values_of(letters, alphabet, seen));
    // Of the characters a, b, c, d of a four, a stands lowest: its bits and the high ones of b are the first byte, and so on.
    const Fours threes = ((fours & 0x3fU) << 2U) | ((fours >> 12U) & 0x3U) | ((fours & 0xf00U) << 4U) | ((fours >> 10U) & 0xf00U) |
                         ((fours & 0x30000U) << 6U) | ((fours >> 8U) & 0x3f0000U);
    const auto pairs = reinterpret_cast<Eights>(threes);
    const Eights sixes = (pairs & 0xffffffU) | ((pairs >> 32U) << 24U);
    const std::array<std::uint64_t, 2> halves{sixes[0], sixes[1]};
    std::memcpy(out, &halves[0], 8);
    std::memcpy(out + 6, &halves[1], 8);
  }
  const auto halves = reinterpret_cast<Eights>(seen);
  if ((halves[0] | halves[1]) != 0) foreign |= kForeign;
  return in;
}

/// Every four characters are three bytes.
void decode_fours(std::string_view text, const Alphabet& alphabet, char* out, std::uint32_t& foreign) noexcept {
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = in + text.size();
  const std::uint8_t* const value = alphabet.values.data();
  for (; in != end; in += 4, out += 3) {
    const std::uint32_t a = value[in[0]];
    const std::uint32_t b = value[in[1]];
    const std::uint32_t c = value[in[2]];
    const std::uint32_t d = value[in[3]];
    foreign |= a | b | c | d;
    const std::uint32_t bits = (a << 18U) | (b << 12U) | (c << 6U) | d;
    out[0] = static_cast<char>((bits >> 16U) & 0xffU);
    out[1] = static_cast<char>((bits >> 8U) & 0xffU);
    out[2] = static_cast<char>(bits & 0xffU);
  }
}

Result<std::string> decode(std::string_view text, const Alphabet& alphabet) {
  if (text.size() % 4 == 1) return malformed("base64 text ends inside a byte");
  const auto value_at = [&](std::size_t place) -> std::uint32_t { return alphabet.values[static_cast<unsigned char>(text[place])]; };
  std::string bytes(text.size() / 4 * 3 + (text.size() % 4 == 0 ? 0 : text.size() % 4 - 1), '\0');
  std::uint32_t foreign = 0;  // gathers the bit that only kForeign has: one test for the whole text
  std::size_t in = text.size() / 4 * 4;
  std::size_t out = in / 4 * 3;
  const std::size_t done = decode_sixteens(text.substr(0, in), alphabet, bytes.data(), foreign);
  decode_fours(text.substr(done, in - done), alphabet, bytes.data() + done / 4 * 3, foreign);
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

Result<std::string> base64url_decode(std::string_view text) { return decode(text, kUrl); }

Result<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return malformed("base64 text lacks padding");
  if (text.ends_with('=')) text.remove_suffix(1);
  if (text.ends_with('=')) text.remove_suffix(1);
  return decode(text, kPlain);
}

}  // namespace portcullis
