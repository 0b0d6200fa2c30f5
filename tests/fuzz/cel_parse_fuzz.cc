// Fuzzes CEL's parser and checker: whatever is accepted is a tree within its bounds, children before parents, with a type at each node.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "policy/cel/check/checker.h"
#include "policy/cel/parse/parser.h"

namespace {

using namespace portcullis;
using namespace portcullis::cel;

void require(bool holds) {
  if (!holds) std::abort();
}

const Environment& environment(bool homogeneous) {
  static const std::vector<Variable> kVariables = {{"claims", *type_from_name("map(string, dyn)")},
                                                   {"req", *type_from_name("map(string, dyn)")},
                                                   {"l", *type_from_name("list(string)")}};
  static const Environment kStrict{kVariables, true, true};
  static const Environment kLenient{kVariables, false, true};
  return homogeneous ? kStrict : kLenient;
}

void check_tree(const Ast& ast, const ParseLimits& limits) {
  require(ast.root < ast.nodes.size() && ast.nodes.size() <= limits.nodes);
  std::vector<std::size_t> heights(ast.nodes.size(), 1);
  for (std::size_t i = 0; i < ast.nodes.size(); ++i) {
    require(ast.nodes[i].offset <= ast.source.size());
    for_each_child(ast.nodes[i], [&](NodeId child) {
      require(child < i);
      heights[i] = std::max(heights[i], heights[child] + 1);
    });
  }
  require(heights[ast.root] <= limits.height);
}

/// A fault stands in the source: its text has a line and a column.
void check_error(const Error& error) {
  require(error.reason == Reason::compile_error);
  require(std::string_view(error.detail).starts_with("ERROR: <input>:"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ParseLimits limits;
  const auto ast = parse(text, limits);
  if (!ast) return check_error(ast.error()), 0;
  check_tree(*ast, limits);
  const CheckedAst unchecked = resolve(*ast, environment(true));
  require(unchecked.ast.nodes.size() == ast->nodes.size());
  const auto lenient = check(*ast, environment(false));
  const auto strict = check(*ast, environment(true));
  require(lenient.ok() || !strict.ok());
  for (const auto* checked : {&lenient, &strict}) {
    if (!checked->ok()) {
      check_error(checked->error());
      continue;
    }
    require((*checked)->types.size() == ast->nodes.size());
    for (const Type& type : (*checked)->types) require(type.kind != Kind::error && type.kind != Kind::parameter);
  }
  return 0;
}
