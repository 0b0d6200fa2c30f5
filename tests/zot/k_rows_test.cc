// Section K of zot's behaviour: conditions. Where ours differs on purpose, the row says how.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/policy_fixture.h"

namespace portcullis {
namespace {

using test::PolicyFixture;
using test::PolicyQuestion;

constexpr const char* kDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string condition(std::string_view expression, std::string_view message = "") {
  return R"({"expression":)" + quoted(expression) + (message.empty() ? "" : R"(,"message":)" + quoted(message)) + "}";
}

std::string policy_of(const std::string& who, const std::string& conditions,
                      const std::string& actions = R"("read","create","update","delete")") {
  return "{" + who + R"(,"actions":[)" + actions + R"(],"conditions":[)" + conditions + "]}";
}

const std::string kAlice = R"("users":["alice"])";

PolicyFixture under(const std::string& conditions) {
  return PolicyFixture(R"("repositories":{"**":{"policies":[)" + policy_of(kAlice, conditions) + "]}}");
}

/// Whether `expression` holds for a request of alice's.
bool holds(std::string_view expression, PolicyQuestion question = {}) {
  question.user = "alice";
  return under(condition(expression)).ask(question).granted;
}

TEST(ZotRowsK, K1K2_AllConditionsHaveToHold) {
  EXPECT_TRUE(under(condition("true") + "," + condition("1 < 2")).pull("app", "alice"));
  const auto refused = under(condition("true") + "," + condition("false", "not now")).pull("app", "alice");
  EXPECT_FALSE(refused);
  EXPECT_EQ(refused.message, "not now");
}

TEST(ZotRowsK, K2_OtherPoliciesAreStillTried) {
  const PolicyFixture policy(R"("repositories":{"**":{"policies":[)" + policy_of(kAlice, condition("false", "no")) + "," +
                             policy_of(kAlice, condition("true")) + "]}}");

  EXPECT_TRUE(policy.pull("app", "alice"));
  EXPECT_EQ(policy.pull("app", "alice").message, "");
}

TEST(ZotRowsK, K3_TheLastMessageIsTold) {
  const PolicyFixture policy(R"("repositories":{"**":{"policies":[)" +
                             policy_of(R"("groups":["devs"])", condition("false", "of the group")) + "," +
                             policy_of(kAlice, condition("false", "first")) + "," + policy_of(kAlice, condition("false", "second")) + "," +
                             policy_of(kAlice, condition("false")) + "]}}");

  EXPECT_EQ(policy.pull("app", "alice").message, "second");
  EXPECT_EQ(policy.pull("app", "alice", {"devs"}).message, "of the group");
}

TEST(ZotRowsK, K4_ConditionsAreNoDenials) {
  const PolicyFixture policy(R"("repositories":{"**":{"policies":[)" + policy_of(kAlice, condition("false", "no")) +
                             R"(],"defaultPolicy":["read"]}})");

  EXPECT_TRUE(policy.pull("app", "alice"));
}

TEST(ZotRowsK, K5_WithoutAMessageThereIsNoReason) { EXPECT_EQ(under(condition("false")).pull("app", "alice").message, ""); }

TEST(ZotRowsK, K6_AConditionThatErrsGrantsNothingAndTellsNothing) {
  for (const char* expression : {"req.nothing == 1", "req.repository > 1", "req.repository", "req.claims.x"}) {
    const auto answer = under(condition(expression, "told")).pull("app", "alice");
    EXPECT_FALSE(answer) << expression;
    EXPECT_EQ(answer.message, "") << expression;
  }
}

// zot: denies where a reload brought the policy before its compiled condition. Ours are one value: a policy without its program is none.
TEST(ZotRowsK, K7_NoPolicyIsThereWithoutItsConditions) {
  const PolicyFixture policy(R"("repositories":{"**":{"policies":[)" + policy_of(kAlice, condition("true")) + "," +
                             policy_of(kAlice, condition("true &&")) + "]}}");

  EXPECT_FALSE(policy.compiled());
}

TEST(ZotRowsK, K8K9_TheAdminsMessageReplacesOthers) {
  const auto admin = [](std::string_view expression) {
    return PolicyFixture(R"("repositories":{"**":{"policies":[)" + policy_of(kAlice, condition("false", "of the repository")) +
                         R"(]}},"adminPolicy":)" + policy_of(kAlice, condition(expression, "of the admin")));
  };

  EXPECT_EQ(admin("false").pull("app", "alice").message, "of the admin");
  EXPECT_TRUE(admin("true").pull("app", "alice"));
  EXPECT_EQ(admin("true").pull("app", "alice").message, "");
}

TEST(ZotRowsK, K10_TheTimeIsATimestampInUtc) {
  EXPECT_TRUE(holds("req.time == timestamp('2026-03-01T12:00:00Z')", {.now = TimePoint(std::chrono::seconds(1772366400))}));
  EXPECT_TRUE(holds("req.time.getHours() == 12", {.now = TimePoint(std::chrono::seconds(1772366400))}));
  EXPECT_TRUE(holds("req.time.getMilliseconds() == 250", {.now = TimePoint(Milliseconds(1772366400250))}));
}

TEST(ZotRowsK, K11_MethodAndUserAgentAreRaw) {
  EXPECT_TRUE(holds("req.method == 'HEAD'", {.method = "HEAD"}));
  EXPECT_TRUE(holds("req.userAgent == 'docker/27 (x)'", {.headers = {{"User-agent", "docker/27 (x)"}, {"User-Agent", "second"}}}));
  EXPECT_TRUE(holds("req.userAgent == ''"));
  EXPECT_TRUE(holds("req.userAgent == 'a?b'", {.headers = {{"User-Agent",
                                                            "a\xff"
                                                            "b"}}}));
}

TEST(ZotRowsK, K12_TheActionIsTheOneThatIsAsked) {
  EXPECT_TRUE(holds("req.action == 'read'"));
  EXPECT_TRUE(holds("req.action == 'delete'", {.method = "DELETE"}));
  EXPECT_TRUE(holds("req.action == 'update'", {.method = "PUT", .tags = {{"v1", true}}}));
  EXPECT_FALSE(holds("req.action == 'update'", {.method = "PUT"}));
  EXPECT_TRUE(holds("req.action in ['update', 'create']", {.method = "PUT"}));
}

TEST(ZotRowsK, K13ToK15_RepositoryAndReference) {
  EXPECT_TRUE(holds("req.repository == 'team/app' && req.reference == 'v1' && req.tag == 'v1' && req.digest == ''",
                    {.uri = "/v2/team/app/manifests/v1"}));
  EXPECT_TRUE(holds("req.referenceType == 'tag'"));
  const std::string digest = std::string("req.referenceType == 'digest' && req.tag == '' && req.digest == '") + kDigest + "'";
  EXPECT_TRUE(holds(digest, {.uri = std::string("/v2/app/manifests/") + kDigest}));
  EXPECT_TRUE(holds("req.reference == '' && req.referenceType == ''", {.uri = "/v2/app/tags/list"}));
}

TEST(ZotRowsK, K13_OursKnowsTheDigestOfBlobsAndReferrersToo) {
  const std::string digest = std::string("req.referenceType == 'digest' && req.reference == req.digest && req.digest == '") + kDigest + "'";

  EXPECT_TRUE(holds(digest, {.uri = std::string("/v2/app/blobs/") + kDigest}));
  EXPECT_TRUE(holds(digest, {.uri = std::string("/v2/app/referrers/") + kDigest}));
  EXPECT_TRUE(holds(digest, {.method = "PUT", .uri = std::string("/v2/app/blobs/uploads/1?digest=") + kDigest}));
  EXPECT_TRUE(holds("req.referenceType == 'digest' && req.digest == ''", {.method = "POST", .uri = "/v2/app/blobs/uploads/"}));
}

TEST(ZotRowsK, K16_TheUserWithTheGroupsOfTokenAndConfiguration) {
  const PolicyFixture policy(R"("groups":{"added":{"users":["alice"]}},"repositories":{"**":{"policies":[)" +
                             policy_of(kAlice, condition("req.user.username == 'alice' && req.user.groups == ['own', 'added']")) + "]}}");

  EXPECT_TRUE(policy.pull("app", "alice", {"own"}));
}

TEST(ZotRowsK, K17_AnonymousAndAdmin) {
  EXPECT_TRUE(holds("!req.auth.anonymous && !req.auth.admin"));
  const PolicyFixture admin(R"("repositories":{"**":{"policies":[)" + policy_of(kAlice, condition("req.auth.admin")) +
                            R"(]}},"adminPolicy":{"groups":["admins"],"actions":[]})");
  EXPECT_TRUE(admin.pull("app", "alice", {"admins"}));
  EXPECT_FALSE(admin.pull("app", "alice"));
}

TEST(ZotRowsK, K18_TheClientIsWhomTheProxyTells) {
  EXPECT_TRUE(holds("req.client.ip == '192.0.2.1' && req.client.peer == '127.0.0.1'"));
  // zot falls back to the TCP peer, which of ours is the proxy: its address would open to everybody what is for its network alone.
  EXPECT_TRUE(holds("req.client.ip == '' && req.client.peer == '127.0.0.1'", {.client = ""}));
}

TEST(ZotRowsK, K19K20_ForwardedForIsAList) {
  EXPECT_TRUE(holds("req.client.forwardedFor == ['1.1.1.1', '2.2.2.2', '3.3.3.3']",
                    {.headers = {{"X-Forwarded-For", "1.1.1.1 ,, 2.2.2.2"}, {"x-forwarded-for", "3.3.3.3"}}}));
  EXPECT_TRUE(holds("req.client.forwardedFor.size() == 0"));
  EXPECT_FALSE(holds("req.client.forwardedFor[0] == ''"));
}

TEST(ZotRowsK, K21_TlsIsWhatTheProxyTells) {
  EXPECT_TRUE(holds("req.tls.enabled && req.tls.version == ''", {.scheme = "https"}));
  EXPECT_TRUE(holds("!req.tls.enabled", {.scheme = "http"}));
  EXPECT_TRUE(holds("!req.tls.enabled"));
}

TEST(ZotRowsK, K22_ClaimsAreEmptyWhereThereAreNone) {
  EXPECT_TRUE(holds("req.claims.team == 'x' && req.claims.level == 3", {.claims = R"({"team":"x","level":3})"}));
  EXPECT_TRUE(holds("!has(req.claims.team)"));
  EXPECT_FALSE(holds("req.claims.team == ''"));
}

TEST(ZotRowsK, K23_DefaultAndAnonymousPoliciesHaveNoConditions) {
  for (const char* name : {"defaultPolicy", "anonymousPolicy"}) {
    const std::string with = std::string(R"("repositories":{"**":{")") + name + R"(":[{"actions":["read"],"conditions":[]}]}})";
    const LoadedConfig loaded = load_config_text(test::policy_config(with), "/etc", {});

    ASSERT_FALSE(loaded.config.has_value()) << name;
    EXPECT_NE(format_findings(loaded.findings).find(name), std::string::npos);
  }
}

TEST(ZotRowsK, K24_TheExampleThatPinsDigestsLetsBlobsPass) {
  const PolicyFixture policy = under(condition("req.referenceType == 'digest'", "pin a digest"));
  const auto ask = [&](const std::string& method, const std::string& uri) {
    return policy.ask({.method = method, .uri = uri, .user = "alice"});
  };

  EXPECT_TRUE(ask("POST", "/v2/app/blobs/uploads/"));
  EXPECT_TRUE(ask("PATCH", "/v2/app/blobs/uploads/1"));
  EXPECT_TRUE(ask("GET", std::string("/v2/app/blobs/") + kDigest));
  EXPECT_TRUE(ask("PUT", std::string("/v2/app/manifests/") + kDigest));
  EXPECT_EQ(ask("PUT", "/v2/app/manifests/v1").message, "pin a digest");
}

// zot: compiled once, and looked up by its text. Ours belongs to its policy; twice the same text says twice the same.
TEST(ZotRowsK, K25_TheSameConditionMayStandTwice) {
  const std::string same = condition("req.repository == 'app'", "app alone");
  const PolicyFixture policy(R"("repositories":{"**":{"policies":[)" + policy_of(kAlice, same + "," + same) + "," +
                             policy_of(R"("users":["bob"])", same) + "]}}");

  for (const char* user : {"alice", "bob"}) {
    EXPECT_TRUE(policy.pull("app", user)) << user;
    EXPECT_EQ(policy.pull("other", user).message, "app alone") << user;
  }
}

}  // namespace
}  // namespace portcullis
