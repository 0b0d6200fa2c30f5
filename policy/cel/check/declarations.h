// Every function and operator that an expression may call: the standard library of CEL and the libraries strings, sets, encoders and
// optionals.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "policy/cel/type.h"

namespace portcullis::cel {

/// One signature. Parameters of a generic one are `Kind::parameter`.
struct Overload {
  std::string_view function;  ///< `size`, `optional.of`, `_+_`
  std::string_view id;        ///< `size_string`: cel-go's name, unique
  bool method = false;        ///< the first parameter is the target of `target.function(…)`
  std::vector<Type> parameters;
  Type result;
};

/// The overloads of `function`, in the order in which the checker tries them; empty where there is no such function.
std::span<const Overload> overloads_of(std::string_view function);
/// All of them, those of one function side by side.
std::span<const Overload> all_overloads();

/// The type that `name` denotes in an expression (`int`, `list`, `google.protobuf.Timestamp`); null where it denotes none.
const Type* denoted_type(std::string_view name);

}  // namespace portcullis::cel
