// Static types of CEL: what the checker gives each node, and what a value says of itself.
#pragma once

#include <string>
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
  list,       ///< one parameter: the element
  map,        ///< two parameters: key and value
  optional,   ///< one parameter
  type,       ///< one parameter or none
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

/// As CEL writes it: `int`, `list(string)`, `map(string, dyn)`, `optional_type(T)`, `google.protobuf.Timestamp`.
std::string type_name(const Type& type);

}  // namespace portcullis::cel
