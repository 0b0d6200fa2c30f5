// Container credentials: the token, the answer, and what is refused.
#include <string>

#include <gtest/gtest.h>

#include "aws/providers/container.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::ChainWorld;
using test::contains;
using test::header_of;
using test::Variables;

constexpr const char* kAnswer =
    R"({"AccessKeyId":"ASIA","SecretAccessKey":"canary-secret","Token":"t","Expiration":"2026-03-01T13:00:00Z"})";

Variables pod_identity() {
  return {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"},
          {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token"}};
}

std::string found(ChainWorld& world) {
  const auto chain = world.resolve();
  if (!chain) return chain.error().detail;
  const auto credentials = chain->credentials->credentials(false);
  return credentials ? (*credentials)->access_key_id : credentials.error().detail;
}

TEST(ContainerRole, SendsTheTokenOfTheFileAndReachesContainerHostsAlone) {
  ChainWorld world(pod_identity());
  (void)world.files.write("/token", "pod-token", 0600);
  world.http.answer(200, kAnswer);

  EXPECT_EQ(found(world), "ASIA");

  const OutgoingRequest asked = world.http.asked().at(0);
  EXPECT_EQ(asked.method, "GET");
  EXPECT_EQ(header_of(asked, "Authorization"), "pod-token");
  EXPECT_EQ(header_of(asked, "Accept"), "application/json");
  EXPECT_EQ(asked.reachable, ReachableHosts::credential_hosts);
}

TEST(ContainerRole, PrefersTheTokenFileAndReadsItAnew) {
  Variables variables = pod_identity();
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "of-the-variable";
  ChainWorld world(variables);
  (void)world.files.write("/token", "first", 0600);
  world.http.answer(200, kAnswer);
  world.http.answer(200, kAnswer);
  const auto chain = world.resolve();
  ASSERT_TRUE(chain.ok());
  ASSERT_TRUE(chain->credentials->credentials(false).ok());
  (void)world.files.write("/token", "second", 0600);

  ASSERT_TRUE(chain->credentials->credentials(true).ok());

  EXPECT_EQ(header_of(world.http.asked().at(0), "Authorization"), "first");
  EXPECT_EQ(header_of(world.http.asked().at(1), "Authorization"), "second");
}

TEST(ContainerRole, TakesTheTokenOfTheVariableVerbatim) {
  ChainWorld world(Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc"}});
  world.http.answer(200, kAnswer);
  EXPECT_EQ(found(world), "ASIA");
  EXPECT_EQ(header_of(world.http.asked().at(0), "Authorization"), "Basic abc");
}

TEST(ContainerRole, DropsOneLineEndBehindATokenAndRefusesAnyOther) {
  for (const std::string good : {"tok", "tok\n", "tok\r\n"}) {
    ChainWorld world(pod_identity());
    (void)world.files.write("/token", good, 0600);
    world.http.answer(200, kAnswer);
    EXPECT_EQ(found(world), "ASIA");
    EXPECT_EQ(header_of(world.http.asked().at(0), "Authorization"), "tok");
  }
  for (const std::string bad : {"tok\n\n", "a\nb", "a\rb", "\ntok"}) {
    ChainWorld world(pod_identity());
    (void)world.files.write("/token", bad, 0600);
    EXPECT_TRUE(contains(found(world), "authorization token contains invalid newline sequence"));
    EXPECT_TRUE(world.http.asked().empty());
  }
}

TEST(ContainerRole, RefusesAnEmptyTokenFile) {
  ChainWorld world(pod_identity());
  (void)world.files.write("/token", "\n", 0600);
  EXPECT_TRUE(contains(found(world), "the authorization token is empty"));
}

TEST(ContainerRole, RefusesWhatHasExpiredAndNamesTheTime) {
  ChainWorld world(pod_identity());
  (void)world.files.write("/token", "t", 0600);
  world.http.answer(200, R"({"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"2026-03-01T12:00:00Z"})");
  EXPECT_TRUE(contains(found(world), "the container endpoint gave credentials that expired at 2026-03-01T12:00:00"));
}

TEST(ContainerRole, RetriesThrottlingAndFaultsAndTellsWhatWasSaid) {
  ChainWorld world(Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}});
  world.http.answer(429, "");
  world.http.fail("connection reset");
  world.http.answer(200, kAnswer);
  EXPECT_EQ(found(world), "ASIA");
  EXPECT_EQ(world.pauses.size(), 2U);

  ChainWorld refused(Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}});
  refused.http.answer(403, R"({"code":"AccessDenied","message":"no task"})", {{"Content-Type", "application/json"}});
  EXPECT_TRUE(contains(found(refused), "AccessDenied (HTTP 403): no task"));
  EXPECT_EQ(refused.http.asked().size(), 1U);

  ChainWorld text(Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}});
  text.http.answer(404, "no\nsuch task");
  EXPECT_TRUE(contains(found(text), "HTTP 404: no"));
}

TEST(ContainerRole, WaitsAsLongAsItIsTold) {
  ChainWorld world(Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}});
  world.http.answer(429, "", {{"Retry-After", "7"}});
  world.http.answer(200, kAnswer);
  EXPECT_EQ(found(world), "ASIA");
  EXPECT_EQ(world.pauses.at(0), 7s);
}

TEST(ContainerRole, ReachesAnyHostWithTlsAndTrustsTheBundle) {
  ChainWorld world(Variables{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://vault.example/aws"}, {"AWS_CA_BUNDLE", "/ca.pem"}});
  world.http.answer(200, kAnswer);
  EXPECT_EQ(found(world), "ASIA");
  EXPECT_EQ(world.http.asked().at(0).reachable, ReachableHosts::with_loopback);
  EXPECT_EQ(world.http.asked().at(0).ca_file, "/ca.pem");
}

}  // namespace
}  // namespace portcullis
