// Literals of the well-known messages: `google.protobuf.Int64Value{value: 1}` is the int 1. CEL, "JSON Data Conversion", "Wrapper Types".
#pragma once

#include <span>
#include <string_view>

#include "policy/cel/eval/evaluation.h"

namespace portcullis::cel {

/// A field, and what it is where the literal leaves it out.
struct MessageDefault {
  std::string_view name;
  Value (*value)();
};

struct MessageBuilder {
  std::string_view name;
  std::span<const MessageDefault> fields;
  Function build;  ///< takes the fields in this order
};

/// Null for a name that is no well-known message.
const MessageBuilder* find_message_builder(std::string_view name) noexcept;

}  // namespace portcullis::cel
