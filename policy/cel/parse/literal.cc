#include "policy/cel/parse/literal.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/codec/utf8.h"

namespace portcullis::cel {
namespace {

constexpr std::string_view kEscapes = "abfnrtv\\'\"`?";
constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"`?";

template <class Number>
std::optional<Number> read_integer(std::string_view digits, bool negative) {
  const int base = digits.starts_with("0x") ? 16 : 10;
  std::string text(negative ? "-" : "");
  text += base == 16 ? digits.substr(2) : digits;
  Number number{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> read_double(std::string_view digits, bool negative) {
  const std::string text = (negative ? "-" : "") + std::string(digits);
  const double number = std::strtod(text.c_str(), nullptr);  // what is too small becomes zero, as in Go
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

/// Decodes what stands between the quotes. In a string `\x` and octal escapes are code points, in bytes they are bytes, and `\u` is none.
class Unescaper {
 public:
  Unescaper(const Token& token, Faults& faults) : faults_(faults), offset_(token.offset), bytes_(token.kind == TokenKind::bytes) {
    const std::size_t quote = token.text.find_first_of("'\"");
    raw_ = token.text.substr(0, quote).find_first_of("rR") != std::string_view::npos;
    const bool triple =
        token.text.size() >= quote + 6 && token.text[quote + 1] == token.text[quote] && token.text[quote + 2] == token.text[quote];
    const std::size_t length = triple ? 3 : 1;
    rest_ = token.text.substr(quote + length, token.text.size() - quote - 2 * length);
    offset_ += static_cast<std::uint32_t>(quote + length);
  }

  std::optional<std::string> run() {
    if (raw_) return std::string(rest_);
    while (!rest_.empty()) {
      if (rest_[0] == '\\') {
        if (!read_escape()) return std::nullopt;
      } else {
        const std::size_t length = utf8_sequence_length(rest_);
        text_ += rest_.substr(0, length);
        rest_.remove_prefix(length);
        ++offset_;
      }
    }
    return std::move(text_);
  }

 private:
  bool fail(std::string message) {
    faults_.add(offset_, std::move(message));
    return false;
  }

  bool read_escape() {
    const char letter = rest_.size() > 1 ? rest_[1] : '\0';
    if (const std::size_t place = kEscapes.find(letter); place != std::string_view::npos && letter != '\0') {
      text_ += kMeanings[place];
      return take(2);
    }
    if (letter == 'x' || letter == 'X') return read_code(2, 2, 16);
    if (letter >= '0' && letter <= '3') return read_code(1, 3, 8);
    if (letter == 'u' && !bytes_) return read_code(2, 4, 16);
    if (letter == 'U' && !bytes_) return read_code(2, 8, 16);
    return fail("Syntax error: invalid escape sequence: '\\" + printable(letter) + "'");
  }

  [[nodiscard]] std::string printable(char letter) const { return letter < '!' || letter > '~' ? std::string() : std::string(1, letter); }

  bool take(std::size_t characters) {
    rest_.remove_prefix(characters);
    offset_ += static_cast<std::uint32_t>(characters);
    return true;
  }

  bool read_code(std::size_t skip, std::size_t digits, int base) {
    const std::string_view text = rest_.substr(skip, digits);
    std::uint32_t code = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), code, base);
    if (text.size() != digits || fault != std::errc() || end != text.data() + digits) {
      return fail("Syntax error: invalid escape sequence: it needs " + std::to_string(digits) + (base == 8 ? " octal" : " hexadecimal") +
                  " digits");
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return fail("invalid unicode code point");
    if (bytes_) {
      text_ += static_cast<char>(code);
    } else {
      append_utf8(text_, code);
    }
    return take(skip + digits);
  }

  Faults& faults_;
  std::uint32_t offset_;
  const bool bytes_;
  bool raw_ = false;
  std::string_view rest_;
  std::string text_;
};

template <class Number>
std::optional<Value> value_or_fault(std::optional<Number> number, const Token& token, const char* what, Faults& faults) {
  if (number) return Value::of(*number);
  faults.add(token.offset, std::string("invalid ") + what + " literal");
  return std::nullopt;
}

}  // namespace

std::optional<Value> literal_value(const Token& token, bool negative, Faults& faults) {
  if (token.kind == TokenKind::integer) return value_or_fault(read_integer<std::int64_t>(token.text, negative), token, "int", faults);
  if (token.kind == TokenKind::uinteger) {
    const std::string_view digits = token.text.substr(0, token.text.size() - 1);
    return value_or_fault(read_integer<std::uint64_t>(digits, false), token, "uint", faults);
  }
  if (token.kind == TokenKind::floating) return value_or_fault(read_double(token.text, negative), token, "double", faults);
  auto text = Unescaper(token, faults).run();
  if (!text) return std::nullopt;
  return token.kind == TokenKind::bytes ? Value::of(Bytes{*std::move(text)}) : Value::of(*std::move(text));
}

}  // namespace portcullis::cel
