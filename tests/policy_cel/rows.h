// Tables of expressions and what each gives.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string_view>

#include "tests/policy_cel/evaluating.h"

namespace portcullis::cel {

struct Row {
  std::string_view source;
  std::string_view expected;  ///< JSON, or `eval: …`, or `compile: …`
};

/// Every row is checked, and run.
inline void expect_rows(std::span<const Row> rows, std::string_view data = "{}") {
  for (const Row& row : rows) EXPECT_EQ(outcome(row.source, data), row.expected) << row.source;
}

/// The same without the checker: operands of types that it would refuse.
inline void expect_unchecked_rows(std::span<const Row> rows, std::string_view data = "{}") {
  for (const Row& row : rows) EXPECT_EQ(unchecked(row.source, data), row.expected) << row.source;
}

}  // namespace portcullis::cel
