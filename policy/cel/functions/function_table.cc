#include "policy/cel/functions/function_table.h"

namespace portcullis::cel {
namespace {

using Table = std::span<const FunctionEntry> (*)() noexcept;

constexpr Table kTables[] = {arithmetic_functions, comparison_functions, conversion_functions, encoder_functions,
                             format_functions,     optional_functions,   pattern_functions,    set_functions,
                             text_functions,       text_list_functions,  time_functions};

}  // namespace

Function find_function(std::string_view name, std::size_t arguments) noexcept {
  for (const Table table : kTables) {
    for (const FunctionEntry& entry : table()) {
      if (entry.name == name && entry.arguments == arguments) return entry.function;
    }
  }
  return nullptr;
}

bool is_function(std::string_view name) noexcept {
  for (const Table table : kTables) {
    for (const FunctionEntry& entry : table()) {
      if (entry.name == name) return true;
    }
  }
  return false;
}

}  // namespace portcullis::cel
