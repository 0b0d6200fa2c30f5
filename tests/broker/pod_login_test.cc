// Logins as a pod: its own role, and nothing of the node's.
#include "broker/pod_login.h"

#include <string>

#include <gtest/gtest.h>

#include "base/codec/base64url.h"
#include "tests/broker/jfrog_world.h"

namespace portcullis {
namespace {

using test::contains;
using test::header_of;
using test::JfrogWorld;

constexpr const char* kEcr = "111122223333.dkr.ecr.eu-central-1.amazonaws.com";

RegistryLoginConfig ecr() {
  EcrLoginConfig login;
  login.identity.role_arn = "arn:aws:iam::111122223333:role/of-the-node";
  return {.host = kEcr, .login = login};
}

PodIdentity pod(const std::string& role = test::kRole) { return {.role_arn = role, .token = Secret("canary-pod")}; }

TEST(PodLogin, OpensEcrAsThePodInTheRegistrysRegion) {
  JfrogWorld one(test::with_keys());
  one.sts_gives_a_session();
  one.world.http.answer(
      200, R"({"authorizationData":[{"authorizationToken":")" + base64_encode("AWS:canary-password") + R"(","expiresAt":1772409600}]})");

  const auto login = log_in_as_pod(one.sessions, one.config, ecr(), pod());

  ASSERT_TRUE(login.ok()) << login.error().detail;
  EXPECT_EQ(login->password.text().reveal(), "canary-password");
  EXPECT_EQ(login->expires, test::kNow + std::chrono::hours(1));  // with the session, before the password
  EXPECT_EQ(one.asked(0).url, "https://sts.eu-central-1.amazonaws.com/");
  EXPECT_TRUE(contains(one.asked(0).body, "WebIdentityToken=canary-pod"));
  EXPECT_FALSE(contains(one.asked(0).body, "of-the-node"));
  EXPECT_EQ(header_of(one.asked(0), "Authorization"), "");
  EXPECT_TRUE(contains(header_of(one.asked(1), "Authorization"), "Credential=ASIAROLE/"));
}

TEST(PodLogin, ThatHasEndedWhenItComesIsNone) {
  for (const bool ended : {false, true}) {
    JfrogWorld one(test::with_keys());
    one.sts_gives_a_session();
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(test::kNow.time_since_epoch()).count();
    one.world.http.answer(200, R"({"authorizationData":[{"authorizationToken":")" + base64_encode("AWS:canary-password") +
                                   R"(","expiresAt":)" + std::to_string(ended ? now : now + 1) + "}]}");

    const auto login = log_in_as_pod(one.sessions, one.config, ecr(), pod());

    ASSERT_EQ(login.ok(), !ended);
    if (login) continue;
    EXPECT_EQ(login.error().reason, Reason::credentials_unavailable);
    EXPECT_TRUE(contains(login.error().detail, "has ended already")) << login.error().detail;
    EXPECT_FALSE(contains(login.error().detail, "canary"));
  }
}

TEST(PodLogin, WithoutARoleIsNone) {
  JfrogWorld one(test::with_keys());

  const auto login = log_in_as_pod(one.sessions, one.config, ecr(), pod(""));

  ASSERT_FALSE(login.ok());
  EXPECT_EQ(login.error().reason, Reason::credentials_unavailable);
  EXPECT_TRUE(contains(login.error().detail, "eks.amazonaws.com/role-arn"));
  EXPECT_EQ(one.calls(), 0U);
}

TEST(PodLogin, OfAPasswordOfTheNodesIsNone) {
  JfrogWorld one(test::with_keys());

  const auto login = log_in_as_pod(one.sessions, one.config, {.host = "registry.example", .login = StaticLoginConfig{}}, pod());

  ASSERT_FALSE(login.ok());
  EXPECT_TRUE(contains(login.error().detail, "tokenAttributes"));
  EXPECT_EQ(one.calls(), 0U);
}

TEST(PodLogin, SaysWhatStsSaidAndNothingOfTheToken) {
  JfrogWorld one(test::with_keys());
  one.world.http.answer(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>");

  const auto login = log_in_as_pod(one.sessions, one.config, ecr(), pod());

  EXPECT_TRUE(contains(login.error().detail, std::string("STS gives no session of ") + test::kRole + ": AccessDenied"));
  EXPECT_FALSE(contains(login.error().detail, "canary"));
}

}  // namespace
}  // namespace portcullis
