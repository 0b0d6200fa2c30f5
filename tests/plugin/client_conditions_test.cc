// Conditions on the client's address, at every endpoint that asks for the right of a request: what the proxy does not state is nobody's.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/gate_fixture.h"

namespace portcullis::test {
namespace {

constexpr std::string_view kPull = "/v2/team/app/manifests/v1";

/// Reads from the networks 127.* and 192.0.2.*: the proxy of these tests is 127.0.0.1.
TestGate gate_of_networks(std::string_view client_address) {
  GateTexts texts;
  texts.config =
      R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":{"repositories":{)"
      R"("team/**":{"policies":[{"users":["alice"],"actions":["read"],"conditions":[{"expression":)"
      R"j("req.client.ip.startsWith('127.') || req.client.ip.startsWith('192.0.2.')"}]}]}}}},)j"
      R"("portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"},"proxy":{"trusted":["127.0.0.1/32"])" +
      std::string(client_address) + R"(},"tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"ignored"}}})";
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
  return TestGate(texts);
}

int status(TestGate& gate, GateQuestion question, std::string_view name, std::string_view value) {
  if (!name.empty()) question.with(std::string(name), std::string(value));
  return gate.ask(question).http.status;
}

TEST(ClientConditions, HoldForTheAddressThatTheProxyStates) {
  TestGate gate = gate_of_networks(R"(,"clientAddress":"X-Real-IP")");
  const std::string token = bearer(good_token());
  for (const GateQuestion& asked : {nginx_asks("GET", kPull, token), forward_asks("GET", kPull, token), envoy_asks("GET", kPull, token)}) {
    EXPECT_EQ(status(gate, asked, "X-Real-IP", "192.0.2.7"), 200) << asked.uri;
    EXPECT_EQ(status(gate, asked, "X-Real-IP", "192.0.2.7:443"), 200) << asked.uri;
    EXPECT_EQ(status(gate, asked, "X-Real-IP", "::ffff:192.0.2.7"), 200) << asked.uri << ": of a proxy that listens for both families";
    EXPECT_NE(status(gate, asked, "X-Real-IP", "203.0.113.9"), 200) << asked.uri;
  }
}

TEST(ClientConditions, NeverTakeTheProxyForTheClient) {
  TestGate gate = gate_of_networks(R"(,"clientAddress":"X-Real-IP")");
  TestGate without = gate_of_networks("");
  const std::string token = bearer(good_token());
  for (const GateQuestion& asked : {nginx_asks("GET", kPull, token), forward_asks("GET", kPull, token), envoy_asks("GET", kPull, token)}) {
    EXPECT_NE(status(gate, asked, "", ""), 200) << asked.uri;
    EXPECT_NE(status(gate, asked, "X-Real-IP", ""), 200) << asked.uri;
    EXPECT_NE(status(gate, asked, "X-Forwarded-For", "192.0.2.7"), 200) << asked.uri;
    EXPECT_NE(status(without, asked, "X-Real-IP", "192.0.2.7"), 200) << asked.uri << ": no header is configured";
  }
}

TEST(ClientConditions, NeverBelieveAListNorJunk) {
  TestGate gate = gate_of_networks(R"(,"clientAddress":"X-Forwarded-For")");
  const GateQuestion asked = nginx_asks("GET", kPull, bearer(good_token()));
  EXPECT_EQ(status(gate, asked, "X-Forwarded-For", "192.0.2.7"), 200);
  for (const std::string_view stated : {"192.0.2.7, 203.0.113.9", "192.0.2.7,203.0.113.9", "192.0.2.not-an-address", "127."}) {
    EXPECT_NE(status(gate, asked, "X-Forwarded-For", stated), 200) << stated;
  }
}

}  // namespace
}  // namespace portcullis::test
