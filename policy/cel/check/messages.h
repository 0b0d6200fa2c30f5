// The messages that an expression may write as literals: the well-known ones, which are plain values of CEL.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "policy/cel/type.h"

namespace portcullis::cel {

struct MessageFieldType {
  std::string_view name;
  Type type;
};

/// `google.protobuf.Int64Value`: its value is an int, or null where a field of that type is absent.
struct MessageType {
  std::string_view name;
  Type type;  ///< of the literal: `wrapper(int)`, `google.protobuf.Timestamp`, `map(string, dyn)` for Struct, `dyn` for Value
  std::vector<MessageFieldType> fields;
};

/// Wrappers (`value`), Duration and Timestamp (`seconds`, `nanos`), Struct (`fields`), ListValue (`values`) and Value (one of `null_value`,
/// `bool_value`, `number_value`, `string_value`, `struct_value`, `list_value`); null for any other name.
const MessageType* message_type(std::string_view name);

}  // namespace portcullis::cel
