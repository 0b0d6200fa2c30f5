#include "policy/cel/parse/lexer.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "base/codec/utf8.h"

namespace portcullis::cel {
namespace {

constexpr std::array<std::string_view, 4> kKeywords = {"true", "false", "null", "in"};
constexpr std::array<std::string_view, 17> kReserved = {"as",        "break",  "const",  "continue", "else", "for",
                                                        "function",  "if",     "import", "let",      "loop", "package",
                                                        "namespace", "return", "var",    "void",     "while"};
/// Longer ones first.
constexpr std::array<std::string_view, 24> kSymbols = {"==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/",
                                                       "%",  "!",  "?",  ":",  "(",  ")",  "[", "]", "{", "}", ".", ","};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

class Lexer {
 public:
  Lexer(std::string_view source, Faults& faults) : rest_(source), faults_(faults) {}

  std::vector<Token> run() {
    for (skip_blanks(); !rest_.empty(); skip_blanks()) read_token();
    tokens_.push_back({TokenKind::end, "<EOF>", offset_});
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char at(std::size_t index) const { return index < rest_.size() ? rest_[index] : '\0'; }

  void advance(std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) offset_ += (static_cast<unsigned char>(rest_[i]) & 0xC0U) == 0x80U ? 0U : 1U;
    rest_.remove_prefix(bytes);
  }

  void take(TokenKind kind, std::size_t bytes) {
    tokens_.push_back({kind, rest_.substr(0, bytes), offset_});
    advance(bytes);
  }

  void skip_blanks() {
    while (!rest_.empty()) {
      if (rest_.starts_with("//")) {
        advance(std::min(rest_.find('\n'), rest_.size()));
      } else if (is_blank(rest_[0])) {
        advance(1);
      } else {
        return;
      }
    }
  }

  void read_token() {
    if (is_digit(at(0)) || (at(0) == '.' && is_digit(at(1)))) return read_number();
    if (is_quote(prefix_length())) return read_string();
    if (is_letter(at(0))) return read_word();
    for (const std::string_view symbol : kSymbols) {
      if (rest_.starts_with(symbol)) return take(TokenKind::symbol, symbol.size());
    }
    std::size_t length = std::max<std::size_t>(utf8_sequence_length(rest_), 1);
    if (at(0) == '`') {
      length = std::min(rest_.find('`', 1), rest_.size() - 1) + 1;
      faults_.add(offset_, "unsupported syntax: '`'");
    } else {
      faults_.add(offset_, "Syntax error: token recognition error at: '" + std::string(rest_.substr(0, length)) + "'");
    }
    advance(length);
  }

  void read_word() {
    std::size_t length = 1;
    while (is_letter(at(length)) || is_digit(at(length))) ++length;
    const bool keyword = std::find(kKeywords.begin(), kKeywords.end(), rest_.substr(0, length)) != kKeywords.end();
    take(keyword ? TokenKind::keyword : TokenKind::identifier, length);
  }

  [[nodiscard]] std::size_t digits(std::size_t from) const {
    std::size_t end = from;
    while (is_digit(at(end))) ++end;
    return end;
  }

  void read_number() {
    std::size_t end = 0;
    bool real = false;
    if (at(0) == '0' && at(1) == 'x' && is_hex(at(2))) {
      end = 3;
      while (is_hex(at(end))) ++end;
    } else {
      end = digits(0);
      if (at(end) == '.' && is_digit(at(end + 1))) {
        real = true;
        end = digits(end + 1);
      }
      const std::size_t exponent = at(end + 1) == '+' || at(end + 1) == '-' ? end + 2 : end + 1;
      if ((at(end) == 'e' || at(end) == 'E') && is_digit(at(exponent))) {
        real = true;
        end = digits(exponent);
      }
    }
    if (real) return take(TokenKind::floating, end);
    const bool is_unsigned = at(end) == 'u' || at(end) == 'U';
    take(is_unsigned ? TokenKind::uinteger : TokenKind::integer, is_unsigned ? end + 1 : end);
  }

  /// `b`, `r`, `br` in any case, or nothing.
  [[nodiscard]] std::size_t prefix_length() const {
    std::size_t length = 0;
    if (at(length) == 'b' || at(length) == 'B') ++length;
    if (at(length) == 'r' || at(length) == 'R') ++length;
    return length;
  }

  [[nodiscard]] bool is_quote(std::size_t index) const { return at(index) == '"' || at(index) == '\''; }

  void read_string() {
    const std::size_t prefix = prefix_length();
    const bool raw = prefix > 0 && (at(prefix - 1) == 'r' || at(prefix - 1) == 'R');
    const TokenKind kind = at(0) == 'b' || at(0) == 'B' ? TokenKind::bytes : TokenKind::string;
    const std::string three(3, at(prefix));
    const bool triple = rest_.substr(prefix).starts_with(three);
    const std::string_view quote = std::string_view(three).substr(0, triple ? 3 : 1);
    std::size_t end = prefix + quote.size();
    while (end < rest_.size() && !rest_.substr(end).starts_with(quote)) {
      if (!triple && (at(end) == '\n' || at(end) == '\r')) break;
      end += at(end) == '\\' && !raw && end + 1 < rest_.size() ? 2U : 1U;
    }
    if (!rest_.substr(std::min(end, rest_.size())).starts_with(quote)) {
      faults_.add(offset_, "Syntax error: the literal that begins here does not end");
      return advance(std::min(end, rest_.size()));
    }
    take(kind, end + quote.size());
  }

  std::string_view rest_;
  Faults& faults_;
  std::uint32_t offset_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source, Faults& faults) { return Lexer(source, faults).run(); }

bool is_reserved(std::string_view name) { return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end(); }

}  // namespace portcullis::cel
