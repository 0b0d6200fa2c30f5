// policy/cel/functions/text_list.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelTextList, TextIsSplitAtASeparatorOrIntoCodePoints) {
  constexpr Row kRows[] = {{R"("a,b,c".split(","))", R"(["a","b","c"])"},
                           {R"("a,b,c".split(",", 2))", R"(["a","b,c"])"},
                           {R"("a,b".split(",", 0))", "[]"},
                           {R"("a,b".split(",", 1))", R"(["a,b"])"},
                           {R"("a,b".split(",", -1))", R"(["a","b"])"},
                           {R"("".split(","))", R"([""])"},
                           {R"("ñb".split(""))", R"(["ñ","b"])"},
                           {R"("ñbc".split("", 2))", R"(["ñ","bc"])"},
                           {R"("".split(""))", "[]"},
                           {R"(",".split(","))", R"(["",""])"}};
  expect_rows(kRows);
}

TEST(CelTextList, ListsOfTextAreJoined) {
  constexpr Row kRows[] = {{R"(["a", "b"].join())", R"("ab")"},
                           {R"(["a", "b"].join(", "))", R"("a, b")"},
                           {R"([].join("-"))", R"("")"},
                           {R"(["a"].join("-"))", R"("a")"}};
  expect_rows(kRows);
  EXPECT_EQ(unchecked("[1].join(\",\")"), "eval: no such overload");
  EXPECT_EQ(unchecked("1.split(\",\")"), "eval: no such overload");
}

TEST(CelTextList, QuotingEscapesWhatALiteralWould) {
  EXPECT_EQ(outcome(R"(strings.quote("a\n\"b\"\\") == "\"a\\n\\\"b\\\"\\\\\"")"), "true");
  EXPECT_EQ(outcome(R"(strings.quote("\a\b\f\r\t\v") == "\"\\a\\b\\f\\r\\t\\v\"")"), "true");
}

}  // namespace
}  // namespace portcullis::cel
