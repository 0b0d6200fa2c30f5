// What the token exchange is asked: credentials in their order, forms and queries in one reading.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/exchange/exchange_question.h"
#include "tests/support/exchange.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

Result<ExchangeQuestion> read(const GateQuestion& question) { return read_exchange_question(request_of(question), GateRules{}); }

std::vector<std::string> credentials(const GateQuestion& question) {
  std::vector<std::string> texts;
  const auto asked = read(question);
  for (const Secret& one : asked->credentials) texts.emplace_back(one.reveal());
  return texts;
}

TEST(ExchangeQuestion, TriesThePasswordFirstAndThenTheFieldsInTheirOrder) {
  GateQuestion question = form_asks("token=t&refresh_token=r&access_token=a&id_token=i&password=p&other=o");
  question.with("Authorization", basic("user", "b"));
  EXPECT_EQ(credentials(question), (std::vector<std::string>{"b", "p", "i", "a", "r", "t"}));
  EXPECT_EQ(read(question)->user, "user");
}

TEST(ExchangeQuestion, CutsBlanksKeepsEachOnceAndDropsEmptyOnes) {
  GateQuestion question = form_asks("password=+%09t%0A&id_token=t&access_token=&refresh_token=+&token=u");
  question.with("Authorization", basic("user", " t "));
  EXPECT_EQ(credentials(question), (std::vector<std::string>{"t", "u"}));
}

TEST(ExchangeQuestion, ReadsNoCredentialFromTheQuery) {
  const auto question = read(exchange_asks({}, "password=p&token=t&service=s"));
  EXPECT_TRUE(question->credentials.empty());
  EXPECT_EQ(question->query.size(), 3U);
}

TEST(ExchangeQuestion, LooksAtNoBodyButAForm) {
  for (const char* type : {"application/json", "multipart/form-data", "", "application/x-www-form-urlencodedx"}) {
    const auto question = read(form_asks("password=p", type));
    EXPECT_TRUE(question->credentials.empty()) << type;
    EXPECT_FALSE(question->form.has_value()) << type;
  }
  for (const char* type :
       {"application/x-www-form-urlencoded; charset=utf-8", "Application/X-WWW-Form-URLEncoded", " application/x-www-form-urlencoded "})
    EXPECT_EQ(credentials(form_asks("password=p", type)), (std::vector<std::string>{"p"})) << type;
  EXPECT_FALSE(read(form_asks("password=p").with("Content-Type", "application/json"))->form.has_value());
}

TEST(ExchangeQuestion, RefusesAFormThatCouldBeReadInTwoWays) {
  for (const char* body : {"password=a&password=b", "token=a&token=a", "password=%zz", "a=1;b=2"}) {
    const auto question = read(form_asks(body));
    ASSERT_FALSE(question.ok()) << body;
    EXPECT_EQ(question.error().reason, Reason::bad_request);
  }
  EXPECT_TRUE(read(form_asks("scope=a&scope=b&password=p")).ok());
}

TEST(ExchangeQuestion, RefusesAQueryThatCannotBeRead) {
  EXPECT_EQ(read(exchange_asks({}, "a=%zz")).error().reason, Reason::bad_request);
  EXPECT_EQ(read(exchange_asks({}, "a=1;b=2")).error().reason, Reason::bad_request);
}

TEST(ExchangeQuestion, BoundsTheFields) {
  std::string body = "a";
  for (int i = 0; i < 127; ++i) body += "&a";
  EXPECT_TRUE(read(form_asks(body)).ok());
  EXPECT_FALSE(read(form_asks(body + "&a")).ok());
}

TEST(ExchangeQuestion, RefusesCredentialsThatAreNotBasic) {
  EXPECT_EQ(read(exchange_asks("Bearer a.b.c")).error().reason, Reason::scheme_unsupported);
  EXPECT_EQ(read(exchange_asks("Basic ?")).error().reason, Reason::authorization_malformed);
  EXPECT_EQ(read(exchange_asks(basic("u", "p")).with("authorization", basic("u", "p"))).error().reason, Reason::multiple_credentials);
}

}  // namespace
}  // namespace portcullis
