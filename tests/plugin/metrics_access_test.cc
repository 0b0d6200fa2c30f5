// Who may read metrics and status is a matter of the admin listener's address and of `accessControl.metrics`: with the rows of section L of
// zot's behaviour that are about it; the others are in tests/zot/l_rows_test.cc.
#include "plugin/http/metrics_access.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using test::kNow;
using test::TestGate;

TestGate gate_with(const std::string& metrics, const std::string& admin) {
  test::GateTexts texts;
  texts.config = R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":{)" +
                 metrics + R"(}},"portcullis":{"listen":["127.0.0.1:0"],"admin":")" + admin +
                 R"(","keys":{"file":"keys.json"},"proxy":{"trusted":["127.0.0.1/32"]},"tokens":{"issuers":["any"],"audiences":["any"]}}})";
  texts.keys = test::secret_json({{"k1", &test::key_pair("ED25519")}});
  return TestGate(texts);
}

/// 200 where the reader may; else the status of the refusal.
int status(TestGate& gate, const std::string& authorization = "") {
  HttpRequest request;
  request.method = "GET";
  request.raw_uri = "/metrics";
  if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
  const auto refused = refuse_reader(request, gate.state(), kNow);
  return refused ? refused->status : 200;
}

std::string token(const std::string& user) {
  return test::bearer(test::token_of(R"({"sub":")" + user + R"(","exp":)" + std::to_string(test::unix_seconds(kNow) + 300) + "}"));
}

const std::string kUsers = R"("metrics":{"users":["prometheus"]})";
const std::string kElsewhere = "192.0.2.1:9181";

TEST(MetricsAccess, IsForEverybodyOnThisHost) {
  for (const char* admin : {"127.0.0.1:9181", "[::1]:9181", "unix:/run/admin.sock"}) {
    TestGate gate = gate_with(kUsers, admin);
    EXPECT_EQ(status(gate), 200) << admin;
  }
}

TEST(MetricsAccess, IsForEverybodyWithoutAPolicy) {
  TestGate gate = gate_with("", kElsewhere);

  EXPECT_EQ(status(gate), 200);
}

TEST(ZotRowsL, L4_AnAnonymousPolicyOpensIt) {
  TestGate open = gate_with(R"("metrics":{"anonymousPolicy":["read"]})", kElsewhere);
  TestGate closed = gate_with(R"("metrics":{"anonymousPolicy":["delete"],"users":["prometheus"]})", kElsewhere);

  EXPECT_EQ(status(open), 200);
  EXPECT_EQ(status(closed), 401);
}

TEST(ZotRowsL, L5_WithoutATokenIsChallenged) {
  TestGate gate = gate_with(kUsers, kElsewhere);

  EXPECT_EQ(status(gate), 401);
  EXPECT_EQ(status(gate, "Bearer nonsense"), 401);
  EXPECT_EQ(status(gate, "Basic eDp5"), 401);
}

TEST(ZotRowsL, L8L9_IsForTheUsersThatAreListed) {
  TestGate gate = gate_with(kUsers, kElsewhere);

  EXPECT_EQ(status(gate, token("prometheus")), 200);
  EXPECT_EQ(status(gate, token("alice")), 403);
  TestGate nobody = gate_with(R"("metrics":{})", kElsewhere);
  EXPECT_EQ(status(nobody, token("prometheus")), 403);
}

TEST(MetricsAccess, IsClosedWhereThePolicyIsMissing) {
  TestGate gate = gate_with(kUsers, "127.0.0.1:9181");
  gate.state().policy.reset();

  EXPECT_NE(status(gate, token("alice")), 200);
}

}  // namespace
}  // namespace portcullis
