// Which variables an expression reads, and which of their fields: so that a configuration can be told what it depends on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policy/cel/ast.h"

namespace portcullis::cel {

/// What is read of a variable, and the first place where it is.
struct Read {
  std::string variable;
  std::string field;         ///< empty where it cannot be told which: `claims[x]`, or `claims` as a whole
  bool whole = false;        ///< every field counts as read
  std::string inner;         ///< of `req.claims.sub`: `sub`; empty where the field is read as a whole, or it cannot be told
  std::uint32_t offset = 0;  ///< in code points
};

/// Every read of `ast`, each once, in no order. Variables of comprehensions are none.
std::vector<Read> reads_of(const Ast& ast);

}  // namespace portcullis::cel
