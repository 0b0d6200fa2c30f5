// Whole decisions while memory runs out: what would be refused is refused, and an allow says all that it says otherwise.
#include <string>

#include <gtest/gtest.h>

#include "tests/fault/each_allocation.h"
#include "tests/support/gate_fixture.h"

namespace portcullis::test {
namespace {

/// A policy with a condition on the client, a denial by a pattern, and a mapping of groups.
std::string policy_gate() {
  return R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":{)"
         R"("repositories":{"team/**":{"policies":[{"users":["alice"],"actions":["read","create"],)"
         R"j("conditions":[{"expression":"req.client.ip.startsWith('192.0.2.') && req.user.username.matches('^a[a-z]+$')","message":"not from here"}]}],)j"
         R"("defaultPolicy":[]},"public/**":{"defaultPolicy":["read"]}}}},)"
         R"("portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"},)"
         R"("proxy":{"trusted":["127.0.0.1/32"],"clientAddress":"X-Real-IP"},)"
         R"j("tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"ignored","claimMapping":{"groups":"claims.?groups.orValue([])"}}}})j";
}

/// Asks again and again, with and without the cache, each time with less memory.
void expect_no_other_allow(TestGate& gate, const GateQuestion& question, int status) {
  const GateAnswer usual = gate.ask_uncached(question);
  ASSERT_EQ(usual.http.status, status) << describe(usual);
  const auto check = [&](const std::optional<GateAnswer>& given) {
    ASSERT_TRUE(given.has_value()) << "the gate let an exception out";
    if (given->http.status != 200) {
      EXPECT_FALSE(given->decision && given->decision->allowed());
      return;
    }
    EXPECT_EQ(status, 200) << describe(*given);
    EXPECT_EQ(given->http.headers, usual.http.headers);
    EXPECT_EQ(given->http.body, usual.http.body);
  };
  const HttpRequest request = request_of(question);
  fail_all_allocations([&] { return answer(request, gate.state(), nullptr, kDecisionId, kNow); }, check);
  fail_all_allocations([&] { return answer(request, gate.state(), &gate.cache(), kDecisionId, kNow); }, check);
}

TEST(DecisionWithoutMemory, AllowsWhatItAllowsOrRefuses) {
  TestGate gate;
  for (const auto& asks : {nginx_asks, forward_asks, envoy_asks})
    expect_no_other_allow(gate, asks("GET", "/v2/team/app/manifests/v1", bearer(good_token())), 200);
}

TEST(DecisionWithoutMemory, RefusesWhatTheTokenDoesNotCover) {
  TestGate gate;
  expect_no_other_allow(gate, nginx_asks("PUT", "/v2/team/app/manifests/v1", bearer(good_token())), 401);
  expect_no_other_allow(gate,
                        nginx_asks("POST", "/v2/team/app/blobs/uploads/?mount=sha256:" + std::string(64, 'a') + "&from=other/app",
                                   bearer(good_token("team/app", "pull,push"))),
                        401);
}

TEST(DecisionWithoutMemory, RefusesAForgedToken) {
  TestGate gate;
  const std::string forged = mint(good_payload(kNow), key_pair("ED25519", "stranger"), "EdDSA", "k1");
  expect_no_other_allow(gate, nginx_asks("GET", "/v2/team/app/manifests/v1", bearer(forged)), 401);
}

TEST(DecisionWithoutMemory, RefusesAPathThatIsNotCanonicalAndASecondCredential) {
  TestGate gate;
  expect_no_other_allow(gate, nginx_asks("GET", "/v2/team%2fapp/manifests/v1", bearer(good_token())), 403);
  expect_no_other_allow(
      gate, nginx_asks("GET", "/v2/team/app/manifests/v1", bearer(good_token())).with("Authorization", bearer(good_token())), 401);
}

TEST(DecisionWithoutMemory, KeepsToThePolicy) {
  GateTexts texts;
  texts.config = policy_gate();
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
  TestGate gate(texts);
  const std::string token = bearer(good_token());
  expect_no_other_allow(gate, nginx_asks("GET", "/v2/team/app/manifests/v1", token).with("X-Real-IP", "192.0.2.7"), 200);
  expect_no_other_allow(gate, nginx_asks("GET", "/v2/team/app/manifests/v1", token).with("X-Real-IP", "198.51.100.7"), 403);
  expect_no_other_allow(gate, nginx_asks("DELETE", "/v2/team/app/manifests/v1", token).with("X-Real-IP", "192.0.2.7"), 403);
  expect_no_other_allow(gate, nginx_asks("GET", "/v2/else/app/manifests/v1", token).with("X-Real-IP", "192.0.2.7"), 403);
}

TEST(DecisionWithoutMemory, AnswersQuestionsAboutTokensAsEver) {
  TestGate gate;
  const std::string forged = mint(good_payload(kNow), key_pair("ED25519", "stranger"), "EdDSA", "k1");
  for (const std::string& token : {good_token(), forged}) {
    const GateQuestion question = verify_asks(R"({"token":")" + token + R"(","repository":"team/app","action":"pull"})");
    const std::string usual = gate.ask(question).http.body;
    const HttpRequest request = request_of(question);
    fail_all_allocations([&] { return answer(request, gate.state(), &gate.cache(), kDecisionId, kNow); },
                         [&](const std::optional<GateAnswer>& given) {
                           ASSERT_TRUE(given.has_value());
                           if (given->http.status == 200) {
                             EXPECT_EQ(given->http.body, usual);
                           }
                         });
  }
}

}  // namespace
}  // namespace portcullis::test
