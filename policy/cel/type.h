// Static types of CEL: what the checker gives each node, and what a value says of itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace portcullis::cel {

enum class Kind {
  dyn,  ///< any value; decided at run time
  null_type,
  boolean,
  int64,
  uint64,
  floating,
  string,
  bytes,
  duration,
  timestamp,
  list,      ///< one parameter: the element
  map,       ///< two parameters: key and value
  optional,  ///< one parameter
  type,      ///< one parameter or none
  wrapper,   ///< `google.protobuf.Int64Value` and its like: one parameter, the primitive; null or a value of it. Static alone: no value has
             ///< it
  parameter,  ///< of a generic overload (`T`), or one that inference has not decided yet; `name` says which
  error,      ///< of a node that has a fault already, so that it is reported once
};

/// A value; cheap enough for compile time, where alone it is used.
struct Type {
  Kind kind = Kind::dyn;
  std::vector<Type> parameters;
  std::string name;  ///< of `parameter` alone

  friend bool operator==(const Type&, const Type&) = default;
};

/// As CEL writes it: `int`, `list(string)`, `map(string, dyn)`, `optional_type(T)`, `wrapper(int)`, `null`, `timestamp`.
std::string type_name(const Type& type);
/// The reverse, which knows `google.protobuf.Timestamp` too: a `parameter` is one capital letter, with digits behind it or none. Nothing
/// for a text that names no type.
std::optional<Type> type_from_name(std::string_view text);

}  // namespace portcullis::cel
