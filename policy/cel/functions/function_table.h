// The functions and operators that run: by name and number of arguments, a method's target counted. Which types they take is told by the
// declarations for the checker, and checked again by each at run time, since an operand may be `dyn`.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "policy/cel/eval/evaluation.h"

namespace portcullis::cel {

struct FunctionEntry {
  std::string_view name;
  std::size_t arguments;
  Function function;
};

/// The function of that name with so many arguments; null where there is none. Operators with a step of their own are not here.
Function find_function(std::string_view name, std::size_t arguments) noexcept;
/// Whether some function has that name, with any number of arguments.
bool is_function(std::string_view name) noexcept;

// One table for each source file.
std::span<const FunctionEntry> arithmetic_functions() noexcept;
std::span<const FunctionEntry> comparison_functions() noexcept;
std::span<const FunctionEntry> conversion_functions() noexcept;
std::span<const FunctionEntry> encoder_functions() noexcept;
std::span<const FunctionEntry> format_functions() noexcept;
std::span<const FunctionEntry> optional_functions() noexcept;
std::span<const FunctionEntry> pattern_functions() noexcept;
std::span<const FunctionEntry> set_functions() noexcept;
std::span<const FunctionEntry> text_functions() noexcept;
std::span<const FunctionEntry> text_list_functions() noexcept;
std::span<const FunctionEntry> time_functions() noexcept;

}  // namespace portcullis::cel
