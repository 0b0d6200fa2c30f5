// The table behind declarations.h: one row a signature, in CEL's own notation.
#pragma once

#include <span>
#include <string_view>

namespace portcullis::cel {

enum class CallStyle { function, method };

struct LibraryRow {
  std::string_view function;
  std::string_view id;
  CallStyle style;
  std::string_view parameters;  ///< `string, list(T)`; the target of a method first
  std::string_view result;
};

std::span<const LibraryRow> library_rows();

}  // namespace portcullis::cel
