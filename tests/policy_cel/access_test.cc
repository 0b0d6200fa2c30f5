// policy/cel/eval/access.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

constexpr std::string_view kData = R"({"m": {"a": 1, "n": null, "l": [1, 2], "o": {"p": {"q": "deep"}}, "key": "a"}, "s": "text"})";

TEST(CelAccess, FieldsKeysAndIndicesAreFound) {
  constexpr Row kRows[] = {{"m.a", "1"},
                           {"m[\"a\"]", "1"},
                           {"m.o.p.q", R"("deep")"},
                           {"m.l[1]", "2"},
                           {"m.l[dyn(1u)]", "2"},
                           {"m.l[dyn(1.0)]", "2"},
                           {"[[7]][0][0]", "7"},
                           {"{1: \"x\"}[1]", R"("x")"},
                           {"{true: 1}[true]", "1"},
                           {"m[m.key]", "1"},
                           {"{\"a\": {\"b\": 5}}.a.b", "5"}};
  expect_rows(kRows, kData);
}

TEST(CelAccess, WhatIsMissingIsNamedWhereTheSourceNamesIt) {
  constexpr Row kRows[] = {{"m.zz", "eval: no such key: zz"},
                           {"m[\"zz\"]", "eval: no such key: zz"},
                           {"m[m.l[0] == 1.0 ? \"x\" : \"y\"]", "eval: no such key"},
                           {"m.l[5]", "eval: index out of bounds: 5"},
                           {"m.l[-1]", "eval: index out of bounds: -1"},
                           {"m.l[2]", "eval: index out of bounds: 2"},
                           {"m.n.x", "eval: no such key: x"},
                           {"m.a.x", "eval: no such key: x"},
                           {"{1: 1}[2]", "eval: no such key: 2"}};
  expect_rows(kRows, kData);
}

TEST(CelAccess, AListTakesWholeNumbersAlone) {
  constexpr Row kRows[] = {{"m.l[\"a\"]", "eval: unsupported index type: a list takes a whole number"},
                           {"m.l[0.5]", "eval: unsupported index type: a list takes a whole number"},
                           {"m.l[18446744073709551615u]", "eval: index out of bounds: 18446744073709551615"},
                           {"m[null]", "eval: unsupported key type"},
                           {"s[0]", "eval: no such overload"}};
  expect_unchecked_rows(kRows, kData);
}

TEST(CelAccess, HasAsksWithoutFailing) {
  constexpr Row kRows[] = {
      {"has(m.a)", "true"},      {"has(m.zz)", "false"},  {"has(m.o.p.q)", "true"}, {"has(m.zz.x)", "eval: no such key: zz"},
      {"has(m.?zz.x)", "false"}, {"has(m.?o.p)", "true"}, {"has(m.n)", "true"},     {"has({\"a\": 1}.a)", "true"}};
  expect_rows(kRows, kData);
  EXPECT_EQ(unchecked("has(s.x)", kData), "eval: no such overload");
}

TEST(CelAccess, OptionalAccessIsNoneWhereSomethingIsMissing) {
  constexpr Row kRows[] = {{"m.?a.hasValue()", "true"},
                           {"m.?zz.hasValue()", "false"},
                           {"m[?\"zz\"].hasValue()", "false"},
                           {"m.?o.p.q.orValue(\"x\")", R"("deep")"},
                           {"m.?zz.p.q.orValue(\"x\")", R"("x")"},
                           {"m.?o.zz.q.orValue(\"x\")", R"("x")"},
                           {"m.l[?0].value()", "1"},
                           {"m.l[?9].hasValue()", "false"},
                           {"m.?l[0].value()", "1"},
                           {"m.?a", "1"},
                           {"m.?zz", "null"},
                           {"m.?n.x.hasValue()", "eval: no such overload"}};
  expect_rows(kRows, kData);
}

TEST(CelAccess, WhatIsReadOutlivesWhatItWasReadFrom) {
  constexpr Row kRows[] = {{"[\"a-b\".split(\"-\")][0][1]", R"("b")"},
                           {"{\"k\": [m.o]}.k[0].p", R"({"q":"deep"})"},
                           {"m.l.map(x, {\"v\": x}).map(y, y.v)", "[1,2]"},
                           {"[[m.o]].map(x, x[0])[0].p.q", R"("deep")"}};
  expect_rows(kRows, kData);
}

}  // namespace
}  // namespace portcullis::cel
