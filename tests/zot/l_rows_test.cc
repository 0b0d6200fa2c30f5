// Section L of zot's behaviour: management and metrics. Each test is one row; its first line says what zot does. Rows L4, L5, L8 and L9 are
// in tests/plugin/metrics_access_test.cc.
#include <gtest/gtest.h>

#include <string>

#include "config/load.h"
#include "plugin/http/metrics_access.h"
#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): every name of the fixture is used here

constexpr const char* kManagement = "/v2/_zot/ext/mgmt";
const std::string kCatalog = R"([{"type":"registry","name":"catalog","actions":["*"]}])";
const std::string kNameless = R"([{"type":"repository","name":"","actions":["pull"]}])";
const std::string kRoute = R"("extraRoutes":[{"path":"/v2/_zot/ext/mgmt","methods":["GET"],"scope":"registry:catalog:*","action":"read"}])";

/// A gate with these members of the `portcullis` section and, where it is not empty, of `accessControl`.
TestGate gate_with(const std::string& portcullis, const std::string& access_control = "") {
  GateTexts texts;
  texts.config = gate_config(portcullis);
  if (!access_control.empty()) texts.config.insert(std::string_view(R"({"http":{)").size(), R"("accessControl":{)" + access_control + "},");
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
  return TestGate(texts);
}

std::string token(const std::string& access, const std::string& more = "") {
  return bearer(token_of(R"({"exp":)" + std::to_string(unix_seconds(kNow) + 300) + R"(,"access":)" + access + more + "}"));
}

/// 200 where the bearer may read metrics on an admin listener that other hosts reach; else the status of the refusal.
int metrics_status(const std::string& access_control, const std::string& authorization) {
  TestGate gate = gate_with(R"("admin":"192.0.2.1:9181")", access_control);
  HttpRequest request;
  request.method = "GET";
  request.raw_uri = "/metrics";
  request.headers.emplace_back("Authorization", authorization);
  const auto refused = refuse_reader(request, gate.state(), kNow);
  return refused ? refused->status : 200;
}

// zot: passes without credentials. Ours: no route until it is configured, and then never without a token.
TEST(ZotRowsL, L1_ManagementIsForNobodyUnknown) {
  EXPECT_EQ(reason_of(TestGate().ask(nginx_asks("GET", kManagement))), Reason::route_unknown);
  EXPECT_EQ(reason_of(TestGate().ask(nginx_asks("GET", kManagement, "Basic Og=="))), Reason::route_unknown);

  TestGate open = gate_with(kRoute);
  const GateAnswer answer = open.ask(nginx_asks("GET", kManagement));
  EXPECT_EQ(answer.http.status, 401);
  EXPECT_EQ(header_of(answer, "WWW-Authenticate"), challenge_of("registry:catalog:*"));
  EXPECT_EQ(open.ask(nginx_asks("GET", kManagement, "Basic Og==")).http.status, 401);
}

// zot: a query changes whether credentials are asked for. Ours: only the path counts.
TEST(ZotRowsL, L2_AQueryChangesNothing) {
  const std::string uri = std::string(kManagement) + "?resource=config";
  EXPECT_EQ(reason_of(TestGate().ask(nginx_asks("GET", uri, token(kCatalog)))), Reason::route_unknown);

  TestGate open = gate_with(kRoute);
  EXPECT_EQ(header_of(open.ask(nginx_asks("GET", uri)), "WWW-Authenticate"), challenge_of("registry:catalog:*"));
  EXPECT_EQ(open.ask(nginx_asks("GET", uri, token(kCatalog))).http.status, 200);
}

// zot: needs the forged scope `repository::pull`. Ours needs the scope that is configured.
TEST(ZotRowsL, L3_ManagementNeedsTheConfiguredScope) {
  TestGate open = gate_with(kRoute);

  EXPECT_EQ(open.ask(nginx_asks("GET", kManagement, token(kCatalog))).http.status, 200);
  const GateAnswer refused = open.ask(nginx_asks("GET", kManagement, token(kNameless)));
  EXPECT_EQ(refused.http.status, 401);
  EXPECT_EQ(header_of(refused, "WWW-Authenticate"), scope_challenge_of("registry:catalog:*"));
}

// zot: passes, by the forged scope. Ours: metrics are on the admin listener alone, and open there without accessControl.
TEST(ZotRowsL, L6_WithoutAccessControlMetricsAreForWhoReachesTheAdminListener) {
  EXPECT_EQ(metrics_status("", token(kNameless)), 200);
  EXPECT_EQ(reason_of(TestGate().ask(nginx_asks("GET", "/metrics", token(kNameless)))), Reason::route_unknown);
  GateQuestion direct;
  direct.uri = "/metrics";
  EXPECT_EQ(TestGate().ask(direct).http.status, 404);
}

// zot: 401, because a traditional token has no identity there. Ours has one, and is listed or is not.
TEST(ZotRowsL, L7_ATraditionalTokenIsJudgedByItsUser) {
  const std::string metrics = R"("metrics":{"users":["prometheus"]})";

  EXPECT_EQ(metrics_status(metrics, token("[]", R"(,"sub":"prometheus")")), 200);
  EXPECT_EQ(metrics_status(metrics, token("[]", R"(,"sub":"alice")")), 403);
  EXPECT_EQ(metrics_status(metrics, token(kNameless)), 403) << "no user name";
}

// zot: no such field. Ours says so.
TEST(ZotRowsL, L10_MetricsHaveNoGroups) {
  std::string text = gate_config();
  text.insert(std::string_view(R"({"http":{)").size(), R"("accessControl":{"metrics":{"groups":["ops"]}},)");
  const LoadedConfig loaded = load_config_text(text, "/etc/portcullis", {});

  ASSERT_FALSE(loaded.config.has_value());
  EXPECT_NE(format_findings(loaded.findings).find("http.accessControl.metrics.groups"), std::string::npos);
}

}  // namespace
}  // namespace portcullis
