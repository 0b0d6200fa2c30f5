// What the checker says of a source, as one line.
#pragma once

#include <string>
#include <string_view>

#include "policy/cel/check/checker.h"
#include "policy/cel/parse/parser.h"
#include "tests/policy_cel/rendering.h"

namespace portcullis::cel {

/// `claims` as in a claim mapping, and a variable of each kind.
inline Environment sample_environment() {
  Environment environment;
  for (const auto& [name, type] :
       {std::pair("claims", "map(string, dyn)"), std::pair("i", "int"), std::pair("u", "uint"), std::pair("d", "double"),
        std::pair("s", "string"), std::pair("b", "bool"), std::pair("l", "list(string)"), std::pair("t", "timestamp"),
        std::pair("w", "wrapper(int)"), std::pair("any", "dyn"), std::pair("a.b", "int"), std::pair("y.z", "string")}) {
    environment.variables.push_back({name, *type_from_name(type)});
  }
  return environment;
}

inline Result<CheckedAst> checked(std::string_view source, const Environment& environment = sample_environment()) {
  auto ast = parse(source);
  if (!ast.ok()) return ast.error();
  return check(*std::move(ast), environment);
}

/// The type of `source`, or its faults without their carets, one after the other.
inline std::string type_of(std::string_view source, const Environment& environment = sample_environment()) {
  const auto result = checked(source, environment);
  if (result.ok()) return type_name(result->type());
  std::string faults;
  std::string_view detail = result.error().detail;
  while (!detail.empty()) {
    const std::string_view line = detail.substr(0, detail.find('\n'));
    if (line.starts_with("ERROR: <input>:")) faults += (faults.empty() ? "" : "; ") + std::string(line.substr(15));
    detail.remove_prefix(std::min(detail.size(), line.size() + 1));
  }
  return faults;
}

}  // namespace portcullis::cel
