// Section J of zot's behaviour: access policies. Where ours differs on purpose, the row says how.
#include <gtest/gtest.h>

#include <string>

#include "plugin/tag_lookup.h"
#include "tests/support/fake_http.h"
#include "tests/support/gate_fixture.h"
#include "tests/support/policy_fixture.h"

namespace portcullis {
namespace {

using test::PolicyFixture;

constexpr const char* kDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// One pattern with one policy of `alice`.
std::string grant(const std::string& pattern, const std::string& actions, const std::string& more = "") {
  return '"' + pattern + R"(":{"policies":[{"users":["alice"],"actions":[)" + actions + "]" + more + "}]}";
}

std::string repositories(const std::string& members) { return R"("repositories":{)" + members + "}"; }

PolicyFixture one(const std::string& pattern) { return PolicyFixture(repositories(grant(pattern, R"("read")"))); }

std::string push(const std::string& reference) { return "/v2/app/manifests/" + reference; }

/// What alice may push with these actions, and these tags at the registry.
bool pushes(const std::string& actions, const std::string& uri, std::vector<TagFact> tags) {
  const PolicyFixture policy(repositories(grant("**", actions)));
  return policy.ask({.method = "PUT", .uri = uri, .user = "alice", .tags = std::move(tags)}).granted;
}

/// What a look-up of the tag v1 says where the registry answers with `statuses`, one after the other.
std::vector<TagFact> looked_up(const std::vector<int>& statuses) {
  static const std::string tag = "v1";  // facts are views
  FakeHttp http;
  for (const int status : statuses) http.answer(status, "{}");
  const FakeFiles files;
  const test::FakeClock clock;
  TagLookup lookup(&http, files, clock, 1, 8);
  const auto said =
      lookup.ask({{.url = "http://registry:5000/", .tag_lookup = true, .token_file = std::nullopt}, "app", {tag}}, clock.steady_now());
  std::vector<TagFact> facts;
  for (const TagFact& fact : said) facts.push_back({tag, fact.exists});
  return facts;
}

/// The faults that keep these members of `accessControl` from loading.
std::string faults_of(const std::string& members) {
  const LoadedConfig loaded = load_config_text(test::policy_config(members), "/etc", {});
  return loaded.config ? "" : format_findings(loaded.findings);
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// What the gate says to a traditional token of `user` whose own claim lets it pull `team/app`.
GateAnswer ask_by_claim(const std::string& user, const std::string& policy) {
  test::GateTexts texts;
  texts.keys = test::secret_json({{"k1", &test::key_pair("ED25519")}});
  texts.config = test::gate_config(R"("tokens":{"issuers":["any"],"audiences":["any"],"policy":")" + policy + R"("})");
  const std::string_view http = R"({"http":{)";
  texts.config.insert(http.size(), R"("accessControl":{"repositories":{"**":{"policies":[{"users":["bob"],"actions":["read"]}]}}},)");
  const std::string token = test::token_of(R"({"sub":")" + user + R"(","exp":)" + std::to_string(test::unix_seconds(test::kNow) + 300) +
                                           R"(,"access":[{"type":"repository","name":"team/app","actions":["pull"]}]})");
  return test::TestGate(texts).ask(test::nginx_asks("GET", "/v2/team/app/tags/list", test::bearer(token)));
}

TEST(ZotRowsJ, J1_TheLongestPatternRulesAlone) {
  const PolicyFixture policy(repositories(grant("**", R"("read")") + "," + grant("repos2/repo", R"("delete")")));

  EXPECT_FALSE(policy.pull("repos2/repo", "alice"));
  EXPECT_TRUE(policy.pull("repos2/other", "alice"));
  EXPECT_EQ(policy.pull("repos2/other", "alice").rule, R"(http.accessControl.repositories["**"].policies[0])");
}

TEST(ZotRowsJ, J2_NoPatternMatches) {
  EXPECT_FALSE(one("team/*").pull("other/app", "alice"));
  const PolicyFixture admin(repositories(grant("team/*", R"("read")")) + R"(,"adminPolicy":{"users":["root"],"actions":["read"]})");
  EXPECT_TRUE(admin.pull("other/app", "root"));
}

TEST(ZotRowsJ, J3_OfEquallyLongPatternsTheSmallerTextRules) {
  const std::string both = grant("foo/*", R"("read")") + "," + grant("*/bar", R"("delete")");

  EXPECT_FALSE(PolicyFixture(repositories(both)).pull("foo/bar", "alice"));  // "*" is less than "f"
  EXPECT_EQ(PolicyFixture(repositories(both)).findings().size(), 1U);
}

TEST(ZotRowsJ, J4_AStarIsPartOfOneSegment) {
  EXPECT_TRUE(one("infra/*").pull("infra/a", "alice"));
  EXPECT_FALSE(one("infra/*").pull("infra/a/b", "alice"));
  EXPECT_FALSE(one("infra/*").pull("infra", "alice"));
}

TEST(ZotRowsJ, J5_TwoStarsAtTheEndAreAnyDepthAndNone) {
  for (const char* name : {"tmp", "tmp/a", "tmp/a/b"}) EXPECT_TRUE(one("tmp/**").pull(name, "alice")) << name;
  EXPECT_FALSE(one("tmp/**").pull("tmpx", "alice"));
}

TEST(ZotRowsJ, J6_TwoStarsWithinASegmentAreOne) {
  for (const char* pattern : {"foo**", "foo*"}) {
    EXPECT_TRUE(one(pattern).pull("foobar", "alice")) << pattern;
    EXPECT_TRUE(one(pattern).pull("foo", "alice")) << pattern;
    EXPECT_FALSE(one(pattern).pull("foo/bar", "alice")) << pattern;
  }
}

TEST(ZotRowsJ, J7_TwoStarsInTheMiddleAreAnyDepthAndNone) {
  for (const char* name : {"a/b", "a/x/b", "a/x/y/b"}) EXPECT_TRUE(one("a/**/b").pull(name, "alice")) << name;
  EXPECT_FALSE(one("a/**/b").pull("a/xb", "alice"));
}

TEST(ZotRowsJ, J8_QuestionMarksClassesGroupsAndBackslashes) {
  EXPECT_TRUE(one("{a,b}/?x").pull("b/yx", "alice"));
  EXPECT_FALSE(one("{a,b}/?x").pull("b/x", "alice"));
  EXPECT_FALSE(one("a?b").pull("a/b", "alice"));
  for (const char* pattern : {"[a-c]pp", "[^z]pp", "[!z]pp", "{app,zpp}", "\\\\app"}) {
    EXPECT_TRUE(one(pattern).pull("app", "alice")) << pattern;
    EXPECT_FALSE(one(pattern).pull("ypp/x", "alice")) << pattern;
  }
  EXPECT_FALSE(one("[a-c]pp").pull("dpp", "alice"));
  EXPECT_FALSE(one("[^a]pp").pull("app", "alice"));
}

// zot: a class can match a slash. Ours cannot.
TEST(ZotRowsJ, J8_AClassMatchesNoSlash) {
  EXPECT_TRUE(one("a[^b]c").pull("axc", "alice"));
  EXPECT_FALSE(one("a[^b]c").pull("a/c", "alice"));
}

// zot: a pattern that fails when it is matched is passed over, and others may grant. Ours fails at load alone, and then all of it does.
TEST(ZotRowsJ, J9_NoPatternFailsLater) {
  for (const char* bad : {"[", "a[]", "[b-a]", "{a", "a\\\\", "[a", "{a,{b}"}) {
    const PolicyFixture policy(repositories(grant("**", R"("read")") + "," + grant(bad, R"("read")")));
    EXPECT_FALSE(policy.compiled()) << bad;
    EXPECT_TRUE(holds(format_findings(policy.findings()), "syntax error in pattern")) << bad;
  }
}

TEST(ZotRowsJ, J10_APolicyThatNamesUserAndActionAllows) {
  EXPECT_TRUE(one("app").pull("app", "alice"));
  EXPECT_FALSE(one("app").pull("app", "bob"));
  EXPECT_FALSE(one("app").pull("app", "Alice"));
  EXPECT_FALSE(one("app").ask({.method = "DELETE", .user = "alice"}));
}

// zot: a user who is called "*". Ours does not load.
TEST(ZotRowsJ, J11_NoUserIsEverybody) {
  EXPECT_TRUE(holds(faults_of(R"("repositories":{"app":{"policies":[{"users":["*"],"actions":["read"]}]}})"), "defaultPolicy"));
}

// zot: matches requests without credentials. Ours does not load; anonymousPolicy says it.
TEST(ZotRowsJ, J12_NoUserIsEmpty) {
  EXPECT_TRUE(holds(faults_of(R"("repositories":{"app":{"policies":[{"users":[""],"actions":["read"]}]}})"), "policies[0].users[0]"));
  EXPECT_FALSE(one("app").pull("app", ""));
}

TEST(ZotRowsJ, J13_UsersComeBeforeGroups) {
  const PolicyFixture policy(
      R"("repositories":{"app":{"policies":[{"groups":["devs"],"actions":["read"]},{"users":["alice"],"actions":["read"]}]}})");

  EXPECT_EQ(policy.pull("app", "alice", {"devs"}).rule, R"(http.accessControl.repositories["app"].policies[1])");
  EXPECT_EQ(policy.pull("app", "bob", {"ops", "devs"}).rule, R"(http.accessControl.repositories["app"].policies[0])");
  EXPECT_FALSE(policy.pull("app", "bob", {"ops"}));
}

TEST(ZotRowsJ, J14_TheDefaultPolicyIsForEveryKnownUser) {
  const PolicyFixture policy(R"("repositories":{"app":{"policies":[{"users":["alice"],"actions":["delete"]}],"defaultPolicy":["read"]}})");

  EXPECT_TRUE(policy.pull("app", "alice"));
  EXPECT_EQ(policy.pull("app", "anyone").rule, R"(http.accessControl.repositories["app"].defaultPolicy)");
  EXPECT_FALSE(policy.pull("app", ""));
}

TEST(ZotRowsJ, J15_TheAnonymousPolicyIsForNobodyElse) {
  const PolicyFixture policy(R"("repositories":{"app":{"anonymousPolicy":["read"]}})");

  EXPECT_TRUE(policy.pull("app", ""));
  EXPECT_EQ(policy.pull("app", "").rule, R"(http.accessControl.repositories["app"].anonymousPolicy)");
  EXPECT_FALSE(policy.pull("app", "alice"));
  EXPECT_FALSE(policy.ask({.method = "DELETE"}));
}

TEST(ZotRowsJ, J16J17_TheAdminPolicyComesLastAndHasItsOwnActions) {
  const PolicyFixture policy(R"("repositories":{"app":{"policies":[{"users":["root"],"actions":["delete"]}]}},)"
                             R"("adminPolicy":{"users":["root"],"groups":["admins"],"actions":["read"]})");

  EXPECT_EQ(policy.pull("app", "root").rule, "http.accessControl.adminPolicy");
  EXPECT_TRUE(policy.pull("anything", "bob", {"admins"}));
  EXPECT_FALSE(policy.ask({.method = "DELETE", .uri = "/v2/other/manifests/v1", .user = "root"}));
}

// zot: a traditional token is never judged by the policies. Ours is, beside its own claim, unless `tokens.policy` says otherwise.
TEST(ZotRowsJ, J18_ATraditionalTokenNeedsThePoliciesToo) {
  EXPECT_EQ(ask_by_claim("bob", "enforced").http.status, 200);
  EXPECT_EQ(test::reason_of(ask_by_claim("alice", "enforced")), Reason::policy_denied);
  EXPECT_EQ(ask_by_claim("alice", "enforced").http.status, 403);
  EXPECT_EQ(ask_by_claim("alice", "ignored").http.status, 200);
}

TEST(ZotRowsJ, J19_TheBaseRouteNeedsNothing) { EXPECT_TRUE(PolicyFixture(R"("repositories":{})").ask({.uri = "/v2/", .user = "alice"})); }

TEST(ZotRowsJ, J20_TheCatalogNeedsReadOnEverything) {
  const PolicyFixture everything(repositories(grant("**", R"("read")") + "," + grant("app", R"("delete")")) +
                                 R"(,"adminPolicy":{"users":["root"],"actions":["read"]})");

  EXPECT_TRUE(everything.ask({.uri = "/v2/_catalog", .user = "alice"}));
  EXPECT_TRUE(everything.ask({.uri = "/v2/_catalog", .user = "root"}));
  EXPECT_FALSE(everything.ask({.uri = "/v2/_catalog", .user = "bob"}));
  EXPECT_FALSE(everything.ask({.uri = "/v2/_catalog"}));
  EXPECT_FALSE(one("app").ask({.uri = "/v2/_catalog", .user = "alice"}));
}

TEST(ZotRowsJ, J20_TheCatalogIsForNobodyUnknown) {
  EXPECT_FALSE(PolicyFixture(R"("repositories":{"**":{"anonymousPolicy":["read"]}})").ask({.uri = "/v2/_catalog"}));
}

TEST(ZotRowsJ, J21J22_ATagNeedsCreateWhereItIsNewAndUpdateWhereItIsThere) {
  EXPECT_TRUE(pushes(R"("create")", push("v1"), {{"v1", false}}));
  EXPECT_FALSE(pushes(R"("update")", push("v1"), {{"v1", false}}));
  EXPECT_TRUE(pushes(R"("update")", push("v1"), {{"v1", true}}));
  EXPECT_FALSE(pushes(R"("create")", push("v1"), {{"v1", true}}));
}

TEST(ZotRowsJ, J21J22_BothAreNeededWhereNobodyKnows) {
  EXPECT_FALSE(pushes(R"("create")", push("v1"), {}));
  EXPECT_FALSE(pushes(R"("update")", push("v1"), {{"v2", true}}));
  EXPECT_TRUE(pushes(R"("create","update")", push("v1"), {}));
}

TEST(ZotRowsJ, J23_ADigestNeedsCreate) {
  EXPECT_TRUE(pushes(R"("create")", push(kDigest), {}));
  EXPECT_FALSE(pushes(R"("update")", push(kDigest), {}));
}

TEST(ZotRowsJ, J24J25_ADigestWithTagsNeedsWhatTheTagsNeed) {
  const std::string tagged = push(kDigest) + "?tag=a";

  EXPECT_TRUE(pushes(R"("create")", tagged, {{"a", false}}));
  EXPECT_FALSE(pushes(R"("update")", tagged, {{"a", false}}));
  EXPECT_TRUE(pushes(R"("update")", tagged, {{"a", true}}));
  EXPECT_FALSE(pushes(R"("create")", tagged, {{"a", true}}));
  EXPECT_FALSE(pushes(R"("create")", tagged, {}));
}

TEST(ZotRowsJ, J26_OldAndNewTagsNeedBoth) {
  const std::string tagged = push(kDigest) + "?tag=old&tag=new";
  const std::vector<TagFact> tags = {{"old", true}, {"new", false}};

  EXPECT_TRUE(pushes(R"("create","update")", tagged, tags));
  EXPECT_FALSE(pushes(R"("create")", tagged, tags));
  EXPECT_FALSE(pushes(R"("update")", tagged, tags));
}

TEST(ZotRowsJ, J26_EachTagIsJudgedAsItself) {
  const PolicyFixture policy(repositories(
      grant("**", R"("create","update")", R"(,"conditions":[{"expression":"req.tag != 'latest'","message":"latest is fixed"}])")));

  EXPECT_TRUE(policy.ask({.method = "PUT", .uri = push(kDigest) + "?tag=a&tag=b", .user = "alice"}));
  EXPECT_EQ(policy.ask({.method = "PUT", .uri = push(kDigest) + "?tag=a&tag=latest", .user = "alice"}).message, "latest is fixed");
}

TEST(ZotRowsJ, J27_TagsAreTrimmedAndCountedOnce) {
  const auto tags = [](const std::string& query) { return requested_access("PUT", push(kDigest) + query, {}, {4096}).value().tags; };

  EXPECT_EQ(tags("?tag=a&tag=%20a%20&tag=&tag=-bad&tag=b"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(tags("?tag=").empty());
}

TEST(ZotRowsJ, J28_ATagInThePathIsTheOnlyOne) { EXPECT_TRUE(pushes(R"("create")", push("v1") + "?tag=v2", {{"v1", false}, {"v2", true}})); }

TEST(ZotRowsJ, J29_ARepositoryThatIsNotThereHasNoTags) {
  const std::vector<TagFact> none = looked_up({404, 200});

  EXPECT_TRUE(pushes(R"("create")", push("v1"), none));
  EXPECT_FALSE(pushes(R"("update")", push("v1"), none));
}

// zot: 500. Ours wants both rights where the registry does not say.
TEST(ZotRowsJ, J30_ARegistryThatFailsSaysNothing) {
  const std::vector<TagFact> nothing = looked_up({500});

  EXPECT_FALSE(pushes(R"("create")", push("v1"), nothing));
  EXPECT_FALSE(pushes(R"("update")", push("v1"), nothing));
  EXPECT_TRUE(pushes(R"("create","update")", push("v1"), nothing));
}

TEST(ZotRowsJ, J31_ABadDigestIsNoReference) {
  EXPECT_EQ(requested_access("PUT", push("sha256:bad"), {}, {4096}).error().reason, Reason::name_invalid);
}

TEST(ZotRowsJ, J32_UploadsNeedCreate) {
  const PolicyFixture policy(repositories(grant("**", R"("create")")));

  for (const char* method : {"PATCH", "PUT"})
    EXPECT_TRUE(policy.ask({.method = method, .uri = "/v2/app/blobs/uploads/1", .user = "alice"}));
  EXPECT_TRUE(policy.ask({.method = "POST", .uri = "/v2/app/blobs/uploads/", .user = "alice"}));
  EXPECT_FALSE(one("**").ask({.method = "POST", .uri = "/v2/app/blobs/uploads/", .user = "alice"}));
}

TEST(ZotRowsJ, J33_BlobsAndReferrersNeedRead) {
  for (const std::string kind : {"blobs/", "referrers/"}) EXPECT_TRUE(one("**").ask({.uri = "/v2/app/" + kind + kDigest, .user = "alice"}));
  EXPECT_TRUE(one("**").ask({.uri = "/v2/app/tags/list", .user = "alice"}));
}

TEST(ZotRowsJ, J34_DeletesNeedDelete) {
  const PolicyFixture policy(repositories(grant("**", R"("delete","detectManifestCollision")")));

  EXPECT_TRUE(policy.ask({.method = "DELETE", .uri = push(kDigest), .user = "alice"}));
  EXPECT_FALSE(policy.pull("app", "alice"));
}

TEST(ZotRowsJ, J35_CancellingAnUploadIsPartOfThePush) {
  const PolicyFixture policy(repositories(grant("**", R"("create")")));

  EXPECT_TRUE(policy.ask({.method = "DELETE", .uri = "/v2/app/blobs/uploads/1", .user = "alice"}));
}

// zot: passes. Ours is refused before any policy is asked.
TEST(ZotRowsJ, J36_OptionsIsRefused) {
  EXPECT_EQ(requested_access("OPTIONS", push("v1"), {}, {4096}).error().reason, Reason::method_not_allowed);
}

TEST(ZotRowsJ, J37_AMountNeedsReadAtTheSource) {
  const PolicyFixture policy(
      repositories(grant("here", R"("create")") + "," + grant("open", R"("read")") + "," + grant("shut", R"("create")")));
  const auto mount = [&](const std::string& to, const std::string& from) {
    return policy.ask({.method = "POST",
                       .uri = "/v2/" + to + "/blobs/uploads/?mount=" + kDigest + (from.empty() ? "" : "&from=" + from),
                       .user = "alice"});
  };

  EXPECT_TRUE(mount("here", "open"));
  EXPECT_TRUE(mount("here", "shut").source_denied);
  EXPECT_TRUE(mount("here", "").source_denied);
  EXPECT_FALSE(mount("here", "").granted);
  EXPECT_FALSE(mount("open", "open").granted);
  EXPECT_FALSE(mount("open", "open").source_denied);
}

// zot: sleeps in the handler, which holds a thread for whoever asks. Ours names the key as one that it does not use.
TEST(ZotRowsJ, J38_NobodyIsMadeToWait) {
  std::string text = test::policy_config(repositories(grant("app", R"("read")")));
  const std::string_view auth = R"("auth":{)";
  text.insert(text.find(auth) + auth.size(), R"("failDelay":5,)");
  const LoadedConfig loaded = load_config_text(text, "/etc", {});

  ASSERT_TRUE(loaded.config.has_value()) << format_findings(loaded.findings);
  EXPECT_EQ(loaded.config->unused_keys, std::vector<std::string>{"http.auth.failDelay"});
}

// zot: loads, and never grants.
TEST(ZotRowsJ, J39_UnknownActionsDoNotLoad) {
  EXPECT_TRUE(holds(faults_of(repositories(grant("app", R"("pull")"))), "did you mean \"read\"?"));
}

}  // namespace
}  // namespace portcullis
