// policy/cel/expression: what zot's users know of texts and types (rows of the compatibility table by number).
#include "policy/cel/expression.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/policy_cel/evaluating.h"

namespace portcullis::cel {
namespace {

constexpr std::string_view kClaims =
    R"({"vars": {}, "claims": {"iss": "https://i", "sub": "alice", "uid": 12345678, "email": "alice@example.com",
  "groups": ["dev", "ops", "dev"], "mixed": ["a", 1], "level": 3, "exp": 1790000000, "email_verified": true,
  "kubernetes.io/serviceaccount/namespace": "prod"}})";

Expression compiled(std::string_view source, std::string_view data = kClaims) {
  Result<Expression> expression = Expression::compile(source, Sample(data).environment);
  if (!expression.ok()) ADD_FAILURE() << expression.error().detail;
  return std::move(expression).value();
}

Error compile_fault(std::string_view source) {
  const Result<Expression> expression = Expression::compile(source, Sample(kClaims).environment);
  return expression.ok() ? Error{Reason::allowed, "it compiled"} : expression.error();
}

TEST(CelExpression, AMissingClaimIsNamed) {  // I2
  const Result<std::string> text = compiled("claims.iss + '/' + claims.missing").evaluate_text(Sample(kClaims).bindings);

  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().reason, Reason::eval_error);
  EXPECT_EQ(text.error().detail, "failed to evaluate the CEL expression 'claims.iss + '/' + claims.missing': no such key: missing");
}

TEST(CelExpression, AUserNameMustBeAString) {  // I4
  for (const std::string_view source : {"claims.uid", "true", "claims.groups", "claims.?sub", "null"}) {
    const Result<std::string> text = compiled(source).evaluate_text(Sample(kClaims).bindings);

    ASSERT_FALSE(text.ok()) << source;
    EXPECT_EQ(text.error().detail, "failed to evaluate CEL expression as string: '" + std::string(source) + "'");
  }
}

TEST(CelExpression, AJsonNumberIsADoubleAndIsWrittenLikeOne) {  // I5
  const Sample sample(kClaims);

  EXPECT_EQ(compiled("string(claims.uid)").evaluate_text(sample.bindings).value(), "1.2345678e+07");
  EXPECT_EQ(compiled("string(int(claims.uid))").evaluate_text(sample.bindings).value(), "12345678");
}

TEST(CelExpression, GroupsKeepTheirOrderAndRepetitions) {  // I7, I8
  const Sample sample(kClaims);

  EXPECT_EQ(compiled("claims.groups").evaluate_texts(sample.bindings).value(), (std::vector<std::string>{"dev", "ops", "dev"}));
  EXPECT_EQ(compiled("['a', 'b']").evaluate_texts(sample.bindings).value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(compiled("claims.?teams.orValue([])").evaluate_texts(sample.bindings).value().empty());
}

TEST(CelExpression, GroupsMustBeAList) {  // I10
  const Result<std::vector<std::string>> texts = compiled("claims.sub").evaluate_texts(Sample(kClaims).bindings);

  ASSERT_FALSE(texts.ok());
  EXPECT_EQ(texts.error().detail,
            "failed to evaluate CEL expression as []string: unsupported native conversion from string to '[]string': 'claims.sub'");
}

TEST(CelExpression, EachGroupMustBeAString) {  // I11
  const Result<std::vector<std::string>> texts = compiled("claims.mixed").evaluate_texts(Sample(kClaims).bindings);

  ASSERT_FALSE(texts.ok());
  EXPECT_EQ(texts.error().detail,
            "failed to evaluate CEL expression as []string: unsupported type conversion from double to string: 'claims.mixed'");
}

TEST(CelExpression, AnOptionalVariableIsStoredUnwrapped) {  // I15
  const Sample sample(kClaims);

  EXPECT_EQ(value_to_json(without_optional(compiled("claims.?sub").evaluate(sample.bindings).value())), R"("alice")");
  EXPECT_TRUE(without_optional(compiled("claims.?nick").evaluate(sample.bindings).value()).is_null());
}

TEST(CelExpression, TheTypeOfAClaimIsDynAndOfAComparisonBool) {  // I22, I23
  EXPECT_EQ(compiled("claims.email_verified").type().kind, Kind::dyn);
  EXPECT_EQ(compiled("claims.email_verified == true").type().kind, Kind::boolean);
  EXPECT_EQ(compiled("'a' + 'b'").type().kind, Kind::string);
}

TEST(CelExpression, AClaimIsReachedByAnyName) {  // I24
  EXPECT_EQ(outcome("claims['kubernetes.io/serviceaccount/namespace']", kClaims), R"("prod")");
}

TEST(CelExpression, MixedLiteralsDoNotCompile) {  // I25
  EXPECT_NE(compile_fault("['a', 1]").detail.find("expected type 'string' but found 'int'"), std::string::npos)
      << compile_fault("['a', 1]").detail;
  EXPECT_EQ(compile_fault("['a', claims.sub]").reason, Reason::compile_error);
}

TEST(CelExpression, AnUndeclaredNameIsShownWithACaret) {  // I26
  const Error error = compile_fault("1 + foo");

  EXPECT_EQ(error.reason, Reason::compile_error);
  EXPECT_TRUE(error.detail.starts_with("failed to parse the CEL expression '1 + foo': ERROR: <input>:1:5: undeclared reference to 'foo'"))
      << error.detail;
  EXPECT_NE(error.detail.find("^"), std::string::npos);
}

TEST(CelExpression, IsQuotedUpTo256BytesOfIt) {
  const std::string whole = std::string(249, ' ') + "1 + foo";
  ASSERT_EQ(whole.size(), 256U);
  EXPECT_NE(compile_fault(whole).detail.find("'" + whole + "':"), std::string::npos) << compile_fault(whole).detail;
  EXPECT_NE(compile_fault(whole + " ").detail.find("'" + whole + "…':"), std::string::npos) << compile_fault(whole + " ").detail;
  EXPECT_LT(compile_fault("foo + '" + std::string(100'000, 'x') + "'").detail.size(), 1000U);
}

TEST(CelExpression, AConditionMustBeBoolWhenItRuns) {
  const Sample sample(kClaims);

  EXPECT_TRUE(compiled("claims.email_verified").evaluate_bool(sample.bindings).value());
  const Result<bool> text = compiled("claims.sub").evaluate_bool(sample.bindings);
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().detail, "failed to evaluate CEL expression as boolean: 'claims.sub'");
}

TEST(CelExpression, NumbersOfClaimsCompareAndDoNotAdd) {
  EXPECT_EQ(outcome("claims.level == 3", kClaims), "true");
  EXPECT_EQ(outcome("claims.exp + 1", kClaims), "eval: no such overload");
  EXPECT_EQ(outcome("timestamp(int(claims.exp)).getFullYear()", kClaims), "2026");
}

TEST(CelExpression, AVariableThatIsNotBoundIsNamed) {
  Sample sample("{}");
  sample.environment.variables.push_back({"foo", {}});

  EXPECT_EQ(outcome_with("foo", sample), "eval: no such attribute(s): foo");
}

TEST(CelExpression, AnErrorHoldsNoClaim) {
  const Sample sample(R"({"claims": {"secret": "hunter2", "list": [1], "index": 77, "map": {}}})");

  for (const std::string_view source :
       {"int(claims.secret)", "claims.map[claims.secret]", "claims.list[int(claims.index)]", "duration(claims.secret)",
        "timestamp(claims.secret)", "bool(claims.secret)", "double(claims.secret)", "'a'.matches('[' + claims.secret)",
        "claims.secret.charAt(int(claims.index))", "timestamp('2026-11-22T00:00:00Z').getHours(claims.secret)"}) {
    const std::string said = outcome_with(source, sample);

    EXPECT_TRUE(said.starts_with("eval: ")) << source << " " << said;
    EXPECT_EQ(said.find("hunter2"), std::string::npos) << source;
    EXPECT_EQ(said.find("77"), std::string::npos) << source;
  }
}

TEST(CelExpression, ItKnowsWhatItReads) {
  const Expression expression = compiled("claims.sub == 'a' && vars.x == claims['iss']", kClaims);

  EXPECT_TRUE(expression.reads("claims"));
  EXPECT_TRUE(expression.reads("claims", "sub"));
  EXPECT_TRUE(expression.reads("claims", "iss"));
  EXPECT_FALSE(expression.reads("claims", "email"));
  EXPECT_FALSE(expression.reads("req"));
  EXPECT_TRUE(compiled("size(claims) > 0").reads("claims", "anything"));
}

TEST(CelExpression, ManyThreadsRunOneExpression) {
  const Sample sample(kClaims);
  const Expression expression = compiled("claims.groups.exists(g, g == 'ops') && claims.email.matches('^a.*com$')");
  std::vector<std::thread> threads;
  std::array<int, 4> right{};

  for (std::size_t i = 0; i < right.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 200; ++round) right[i] += expression.evaluate_bool(sample.bindings).value() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(right, (std::array<int, 4>{200, 200, 200, 200}));
}

TEST(CelExpression, ASourceBeyondItsBoundDoesNotCompile) {
  EXPECT_EQ(Expression::compile(std::string(4'097, ' '), {}).error().reason, Reason::compile_error);
  EXPECT_EQ(Expression::compile(std::string(10'000, '('), {}).error().reason, Reason::compile_error);
  EXPECT_TRUE(Expression::compile("1" + std::string(4'095, ' '), {}).ok());
}

}  // namespace
}  // namespace portcullis::cel
