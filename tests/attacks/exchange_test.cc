// 2C, E10: tokens in Basic credentials, where the operator wants them: as the password alone, and never for another endpoint's eyes.
#include <gtest/gtest.h>

#include <string>

#include "tests/attacks/attack.h"
#include "tests/support/exchange.h"

namespace portcullis::attacks {
namespace {

GateAnswer ask_with(TestGate& gate, const std::string& authorization) {
  return gate.ask_uncached(nginx_asks("GET", kWanted, authorization));
}

TEST(Attacks2C, E10_TakesATokenFromBasicOnlyAsThePassword) {
  TestGate gate;
  gate.state().rules.basic_tokens = true;  // as where OIDC is configured
  const std::string token = good_token();

  expect_allowed(ask_with(gate, basic("anybody", token)));
  expect_refused(ask_with(gate, basic(token, "")), Reason::token_malformed, token);
  expect_refused(ask_with(gate, basic(token, "password")), Reason::token_malformed, token);
  expect_refused(ask_with(gate, basic("u", "x:" + token)), Reason::token_malformed, token);
  expect_refused(ask_with(gate, basic("u", token + "\n")), Reason::authorization_malformed, token);
  expect_refused(ask_with(gate, basic("u", " " + token)), Reason::token_malformed, token);
  expect_refused(ask_with(gate, "Basic " + token), Reason::authorization_malformed, token);
  expect_refused(ask_with(gate, basic("u", token) + ", " + bearer(token)), Reason::authorization_malformed, token);
  expect_refused(gate.ask_uncached(nginx_asks("GET", kWanted, basic("u", token)).with("Authorization", bearer(token))),
                 Reason::multiple_credentials, token);
  expect_refused(ask_with(gate, basic("u", token.substr(0, token.size() - 1))), Reason::token_malformed, token);
}

TEST(Attacks2C, E10_ShowsNoTokenOfOursToAnotherEndpoint) {
  TestGate gate(exchange_texts());
  const std::string expired = our_token(-900);
  for (GateQuestion question :
       {exchange_asks(basic("u", expired)), exchange_asks(basic(expired, "hunter2")), exchange_asks(basic("u", "hunter2"), "x=" + expired),
        form_asks("password=hunter2&x=" + expired), form_asks("password=" + foreign_token() + "&token=" + expired),
        form_asks("password=%20" + expired + "%20"), exchange_asks("Bearer " + expired), exchange_asks(basic("u", expired) + "=")}) {
    const GateAnswer answer = gate.ask_uncached(question);
    EXPECT_EQ(answer.http.status, 401) << describe(answer);
    EXPECT_EQ(answer.upstream, nullptr) << question.uri << " " << question.body;
    EXPECT_EQ(header_count(answer, "WWW-Authenticate"), 1U);
  }
}

}  // namespace
}  // namespace portcullis::attacks
