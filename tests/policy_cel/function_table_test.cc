// policy/cel/functions/function_table: what is declared can run, and what can run is declared.
#include "policy/cel/functions/function_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "policy/cel/check/declarations.h"

namespace portcullis::cel {
namespace {

/// Operators with a step of their own, and what only a macro writes.
const std::set<std::string_view> kSteps = {
    "_&&_", "_||_", "!_", "_?_:_", "_==_", "_!=_", "@in", "_[_]", "_[?_]", "_?._", "or", "orValue", "@not_strictly_false"};

TEST(CelFunctionTable, EachDeclaredOverloadHasAFunction) {
  for (const Overload& overload : all_overloads()) {
    if (kSteps.contains(overload.function)) continue;
    EXPECT_NE(find_function(overload.function, overload.parameters.size()), nullptr) << overload.id;
  }
}

TEST(CelFunctionTable, NothingRunsThatIsNotDeclared) {
  for (const auto table : {arithmetic_functions, comparison_functions, conversion_functions, encoder_functions, format_functions,
                           optional_functions, pattern_functions, set_functions, text_functions, text_list_functions, time_functions}) {
    for (const FunctionEntry& entry : table()) {
      const auto overloads = overloads_of(entry.name);
      EXPECT_TRUE(
          std::any_of(overloads.begin(), overloads.end(), [&](const Overload& one) { return one.parameters.size() == entry.arguments; }))
          << entry.name << " " << entry.arguments;
      EXPECT_TRUE(is_function(entry.name));
    }
  }
}

TEST(CelFunctionTable, AnUnknownNameOrNumberOfArgumentsFindsNothing) {
  EXPECT_EQ(find_function("lists.range", 1), nullptr);
  EXPECT_EQ(find_function("contains", 3), nullptr);
  EXPECT_FALSE(is_function("lists.range"));
}

}  // namespace
}  // namespace portcullis::cel
