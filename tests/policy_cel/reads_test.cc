// policy/cel/eval/reads.
#include "policy/cel/eval/reads.h"

#include <gtest/gtest.h>

#include "policy/cel/parse/parser.h"

namespace portcullis::cel {
namespace {

std::string reads(std::string_view source) {
  const Result<Ast> ast = parse(source);
  if (!ast.ok()) return ast.error().detail;
  std::string text;
  for (const Read& read : reads_of(*ast)) text += (text.empty() ? "" : " ") + read.variable + (read.whole ? ".*" : "." + read.field);
  return text;
}

TEST(CelReads, FieldsAreToldWhereTheSourceNamesThem) {
  EXPECT_EQ(reads("claims.sub == 'a' && claims['iss'] == 'b'"), "claims.sub claims.iss");
  EXPECT_EQ(reads("claims.?sub.orValue('') + claims[?'iss'].orValue('')"), "claims.sub claims.iss");
  EXPECT_EQ(reads("has(claims.sub) || claims.a.b.c"), "claims.sub claims.a");
  EXPECT_EQ(reads("claims.sub == claims.sub"), "claims.sub");
}

TEST(CelReads, TheFirstPlaceIsKept) {
  const Result<Ast> ast = parse("size('é') == 1 && claims.sub == claims.sub");

  ASSERT_TRUE(ast.ok());
  const std::vector<Read> all = reads_of(*ast);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].offset, 24U);
}

TEST(CelReads, AnythingElseReadsTheWhole) {
  EXPECT_EQ(reads("claims[x]"), "claims.* x.*");
  EXPECT_EQ(reads("size(claims)"), "claims.*");
  EXPECT_EQ(reads("claims[0]"), "claims.*");
  EXPECT_EQ(reads("'a' in claims"), "claims.*");
}

TEST(CelReads, VariablesOfMacrosAreNone) {
  EXPECT_EQ(reads("claims.groups.exists(g, g == vars.x)"), "claims.groups vars.x");
  EXPECT_EQ(reads("[1].map(claims, claims.a)"), "");
  EXPECT_EQ(reads("[1].map(claims, .claims.a)"), "claims.a");
  EXPECT_EQ(reads("claims.?sub.optMap(s, s + vars.y)"), "claims.sub vars.y");
}

}  // namespace
}  // namespace portcullis::cel
