// Policy tests and the running gate: a configuration in which one fails does not start, and does not replace the one in force.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/daemon.h"

namespace portcullis::test {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// `alice` may read; the test expects that, or the opposite.
std::string config(std::string_view expect, std::string_view service) {
  std::string text = TestDaemon::config(
      R"("policyTests":[{"name":"alice reads","user":"alice","method":"GET","uri":"/v2/team/app/manifests/v1","expect":")" +
          std::string(expect) + R"("}])",
      service);
  const std::string_view http = R"("http":{)";
  text.insert(text.find(http) + http.size(),
              R"("accessControl":{"repositories":{"**":{"policies":[{"users":["alice"],"actions":["read"]}]}}},)");
  return text;
}

std::string body_of(const TestDaemon& daemon, std::string_view path) {
  const auto answer = get(daemon.admin(), path);
  return answer ? answer->body : std::string();
}

std::string service_of(const TestDaemon& daemon) {
  const auto answer = ask_once(daemon.tcp(), nginx_request("/v2/", ""));
  const std::string challenge = answer ? answer->header("WWW-Authenticate") : std::string();
  return contains(challenge, "service=\"tested\"") ? "tested" : contains(challenge, "service=\"failing\"") ? "failing" : "other";
}

TEST(PolicyReload, TakesAConfigurationWhoseTestsPass) {
  const TestDaemon daemon;
  ASSERT_EQ(daemon.fault(), "");

  daemon.folder().replace("gate.json", config("allow", "tested"));

  EXPECT_TRUE(eventually([&] { return service_of(daemon) == "tested"; })) << daemon.log();
}

TEST(PolicyReload, KeepsTheOldPolicyWhereATestFailsAndNamesTheTest) {
  const TestDaemon daemon;
  daemon.folder().replace("gate.json", config("allow", "tested"));
  ASSERT_TRUE(eventually([&] { return service_of(daemon) == "tested"; }));

  daemon.folder().replace("gate.json", config("deny", "failing"));

  ASSERT_TRUE(eventually([&] { return contains(body_of(daemon, "/metrics"), "portcullis_input_failed{input=\"config\"} 1"); }));
  EXPECT_EQ(service_of(daemon), "tested");
  EXPECT_TRUE(contains(daemon.log(), "policy_test_failed")) << daemon.log();
  EXPECT_TRUE(contains(daemon.log(), "policy test 'alice reads': expected deny, and the policies say allow"));
}

TEST(PolicyReload, DoesNotStartWhereATestFails) {
  TestDaemon daemon;
  ASSERT_EQ(daemon.fault(), "");
  daemon.folder().write("gate.json", config("deny", "failing"));

  daemon.restart();

  EXPECT_TRUE(contains(daemon.fault(), "policy test 'alice reads'")) << daemon.fault();
}

// zot: policies that a reload adds are not enforced, and where it takes them away everything is refused. Ours follow the file.
TEST(ZotRowsP, P7P8_PoliciesComeAndGoWithTheFile) {
  const TestDaemon daemon;
  const std::string bare = TestDaemon::config("");
  std::string with_policies = bare;
  const std::string_view http = R"("http":{)";
  with_policies.insert(with_policies.find(http) + http.size(),
                       R"("accessControl":{"repositories":{"**":{"policies":[{"users":["bob"],"actions":["read"]}]}}},)");
  const std::string token = TestDaemon::first_token();
  ASSERT_EQ(daemon.status_for(token), 200) << daemon.log();

  daemon.folder().replace("gate.json", with_policies);
  EXPECT_TRUE(eventually([&] { return daemon.status_for(token) == 403; })) << daemon.log();

  daemon.folder().replace("gate.json", bare);
  EXPECT_TRUE(eventually([&] { return daemon.status_for(token) == 200; })) << daemon.log();
}

}  // namespace
}  // namespace portcullis::test
