// Text to tree: the grammar of the CEL language definition ("Syntax"), with macros expanded and every bound checked on the way.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "policy/cel/ast.h"

namespace portcullis::cel {

/// What a source may cost. CEL's required minimum ("Syntax": 32 terms of one operator, 12 nested calls, 32 parentheses) fits.
struct ParseLimits {
  std::size_t source_bytes = 4096;
  std::size_t nesting = 32;   ///< open `(`, `[` and `{` at one place
  std::size_t nodes = 1'000;  ///< after the expansion of macros
  std::size_t height =
      256;  ///< longest path of the tree: what recursion over it costs. Long only for chains such as `a.b.c` or `1 + 1 + 1`
};

/// Parses `source`. `Reason::compile_error`: the detail lists every fault as `ERROR: <input>:L:C: message`, the line, and a caret; after a
/// syntax error nothing else is looked at. `_&&_` and `_||_` are balanced; `!!x` and `--x` are `x`; `-` before a number belongs to it.
Result<Ast> parse(std::string_view source, const ParseLimits& limits = {});

}  // namespace portcullis::cel
