// The value that a literal stands for.
#pragma once

#include <optional>
#include <string_view>

#include "policy/cel/parse/faults.h"
#include "policy/cel/parse/lexer.h"
#include "policy/cel/value.h"

namespace portcullis::cel {

/// The value of a number, string or bytes token, with a minus sign before it where `negative` (integers and doubles alone). What has none
/// (an integer beyond 64 bits, an unknown escape, a surrogate) is added to `faults`.
std::optional<Value> literal_value(const Token& token, bool negative, Faults& faults);

}  // namespace portcullis::cel
