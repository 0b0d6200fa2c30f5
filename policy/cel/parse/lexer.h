// Text to tokens, by the lexical grammar of CEL.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "policy/cel/parse/faults.h"

namespace portcullis::cel {

enum class TokenKind {
  end,         ///< stands once, behind the last token; its text is `<EOF>`
  identifier,  ///< reserved words included
  keyword,     ///< `true`, `false`, `null`, `in`
  symbol,      ///< operators and brackets
  integer,     ///< `12`, `0x1F`; a sign is a symbol of its own
  uinteger,    ///< `12u`
  floating,    ///< `1.5`, `.5`, `1e9`
  string,      ///< with its prefix and its quotes
  bytes,
};

struct Token {
  TokenKind kind;
  std::string_view text;  ///< borrows from the source
  std::uint32_t offset;   ///< in code points
};

/// Splits `source`, which is UTF-8. What is no token is added to `faults`; the result is of use only if none was.
std::vector<Token> tokens_of(std::string_view source, Faults& faults);

/// Whether CEL keeps `name` for itself: it can be a field, but no variable and no function.
bool is_reserved(std::string_view name);

}  // namespace portcullis::cel
