// Entries of the access claim against needs: to the byte, one entry for each need.
#include "policy/access_claim.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/fake_clock.h"
#include "tests/support/key_sets.h"
#include "tests/support/tokens.h"

namespace portcullis {
namespace {

using test::kNow;

VerifiedToken token_with(const std::string& access_member) {
  const KeySet keys = test::key_set({{"k1", &test::key_pair("ED25519")}});
  const std::string exp = std::to_string(test::unix_seconds(kNow) + 300);
  const std::string payload = R"({"sub":"alice","exp":)" + exp + (access_member.empty() ? "" : "," + access_member) + "}";
  TokenRules rules;
  rules.limits.bytes = 16384;
  auto token = verify_token(test::mint(payload, test::key_pair("ED25519"), "EdDSA", "k1"), {&keys, true, 1}, rules, {}, kNow, nullptr);
  if (!token) std::abort();
  return std::move(token).value();
}

Reason reason_for(const std::string& access_member, std::vector<Need> needs, TimePoint now = kNow) {
  Access access;
  access.needs = std::move(needs);
  const auto granted = check_access_claim(token_with(access_member), access, now, nullptr);
  return granted ? Reason::allowed : granted.error().reason;
}

std::string entry(const std::string& type, const std::string& name, const std::string& actions, const std::string& more = "") {
  return R"({"type":")" + type + R"(","name":")" + name + R"(","actions":)" + actions + more + "}";
}
std::string access_of(const std::string& entries) { return R"("access":[)" + entries + "]"; }

const std::vector<Need> kPull = {{"repository", "foo", "pull"}};

TEST(Decide, GrantsWhatAnEntryNames) {
  EXPECT_EQ(reason_for(access_of(entry("repository", "foo", R"(["pull"])")), kPull), Reason::allowed);
  EXPECT_EQ(reason_for(access_of(entry("repository", "foo", R"(["push","pull"])")), kPull), Reason::allowed);
  EXPECT_EQ(reason_for(access_of(entry("repository(plugin)", "foo", R"(["pull"])")), kPull), Reason::allowed);
  EXPECT_EQ(reason_for(access_of(entry("repository", "foo", R"(["*"])")), kPull), Reason::allowed);
}

TEST(Decide, ComparesTypeAndNameToTheByte) {
  for (const std::string type : {"Repository", "registry", "repository ", "", "repository(x)", "repositor"}) {
    EXPECT_EQ(reason_for(access_of(entry(type, "foo", R"(["pull"])")), kPull), Reason::scope_insufficient) << type;
  }
  for (const std::string name : {"Foo", "fo", "foo/", "foo/bar", "*", "**", "fo*", "", "foo ", "foo.*"}) {
    EXPECT_EQ(reason_for(access_of(entry("repository", name, R"(["pull"])")), kPull), Reason::scope_insufficient) << name;
  }
}

TEST(Decide, WantsTheActionItself) {
  for (const std::string actions : {"[]", R"(["push"])", R"(["Pull"])", R"(["pull,push"])", R"(["delete"])", R"(["**"])", R"([""])"}) {
    EXPECT_EQ(reason_for(access_of(entry("repository", "foo", actions)), kPull), Reason::scope_insufficient) << actions;
  }
}

TEST(Decide, WantsOneEntryThatFitsAlone) {
  const std::string halves = entry("repository", "foo", R"(["push"])") + "," + entry("repository", "bar", R"(["pull"])");
  EXPECT_EQ(reason_for(access_of(halves), kPull), Reason::scope_insufficient);
}

TEST(Decide, GrantsNothingWithoutTheClaim) {
  EXPECT_EQ(reason_for("", kPull), Reason::scope_insufficient);
  EXPECT_EQ(reason_for(R"("access":null)", kPull), Reason::scope_insufficient);
  EXPECT_EQ(reason_for(R"("access":[])", kPull), Reason::scope_insufficient);
}

TEST(Decide, AsksNothingOfATokenForTheBaseRoute) { EXPECT_EQ(reason_for("", {}), Reason::allowed); }

TEST(Decide, EndsAnEntryAtItsOwnExpiry) {
  const std::int64_t edge = test::unix_seconds(kNow) + 60;
  const std::string claim = access_of(entry("repository", "foo", R"(["pull"])", R"(,"exp":)" + std::to_string(edge)));
  const TimePoint at_edge{std::chrono::seconds{edge}};
  EXPECT_EQ(reason_for(claim, kPull, kNow), Reason::allowed);
  EXPECT_EQ(reason_for(claim, kPull, at_edge - Milliseconds{1}), Reason::allowed);
  EXPECT_EQ(reason_for(claim, kPull, at_edge), Reason::scope_insufficient);
}

TEST(Decide, LooksForAnotherEntryWhereOneHasExpired) {
  const std::string past = R"(,"exp":)" + std::to_string(test::unix_seconds(kNow) - 1);
  const std::string expired = entry("repository", "foo", R"(["pull"])", past);
  EXPECT_EQ(reason_for(access_of(expired), kPull), Reason::scope_insufficient);
  EXPECT_EQ(reason_for(access_of(expired + "," + expired), kPull), Reason::scope_insufficient);
  EXPECT_EQ(reason_for(access_of(expired + "," + entry("repository", "foo", R"(["pull"])")), kPull), Reason::allowed);
}

TEST(Decide, TellsTheSourceOfAMountFromItsDestination) {
  const std::vector<Need> needs = {{"repository", "dst", "push"}, {"repository", "src", "pull"}};
  const std::string here = entry("repository", "dst", R"(["push"])");
  const std::string there = entry("repository", "src", R"(["pull"])");
  EXPECT_EQ(reason_for(access_of(here + "," + there), needs), Reason::allowed);
  EXPECT_EQ(reason_for(access_of(here), needs), Reason::mount_source_denied);
  EXPECT_EQ(reason_for(access_of(there), needs), Reason::scope_insufficient);
  EXPECT_EQ(reason_for("", needs), Reason::scope_insufficient);
}

TEST(Decide, NeverGrantsANamelessSource) {
  const std::vector<Need> needs = {{"repository", "dst", "push"}, {"repository", "", "pull"}};
  const std::string forged = entry("repository", "dst", R"(["*"])") + "," + entry("repository", "", R"(["pull","*"])");
  EXPECT_EQ(reason_for(access_of(forged), needs), Reason::mount_source_denied);
}

TEST(Decide, NeverGrantsANamelessAction) {
  EXPECT_EQ(reason_for(access_of(entry("repository", "foo", R"(["","*"])")), {{"repository", "foo", ""}}), Reason::scope_insufficient);
}

TEST(Decide, WantsTheCatalogsOwnScope) {
  const std::vector<Need> catalog = {{"registry", "catalog", "*"}};
  EXPECT_EQ(reason_for(access_of(entry("registry", "catalog", R"(["*"])")), catalog), Reason::allowed);
  EXPECT_EQ(reason_for(access_of(entry("registry", "catalog", R"(["pull"])")), catalog), Reason::scope_insufficient);
  EXPECT_EQ(reason_for(access_of(entry("repository", "catalog", R"(["*"])")), catalog), Reason::scope_insufficient);
  EXPECT_EQ(reason_for(access_of(entry("repository", "", R"(["pull"])")), catalog), Reason::scope_insufficient);
}

TEST(Decide, TracesWhatIsMissing) {
  Access access;
  access.needs = {{"repository", "foo", "push"}, {"repository", "bar", "pull"}, {"repository", "", "pull"}};
  const std::string past = R"(,"exp":)" + std::to_string(test::unix_seconds(kNow) - 1);
  const VerifiedToken token =
      token_with(access_of(entry("repository", "foo", R"(["pull"])") + "," + entry("repository", "bar", R"(["pull"])", past)));
  Trace trace;

  EXPECT_FALSE(check_access_claim(token, access, kNow, &trace).ok());

  ASSERT_EQ(trace.steps().size(), 3U);
  for (const TraceStep& step : trace.steps()) EXPECT_EQ(step.step, "scope");
  EXPECT_EQ(trace.steps()[0].detail, "repository:foo:push: access[0] does not list the action");
  EXPECT_EQ(trace.steps()[1].detail, "repository:bar:pull: access[1] has expired");
  EXPECT_EQ(trace.steps()[2].detail, "repository:?:pull: the mount names no source that can be judged");
}

TEST(Decide, TracesWhatIsGranted) {
  Access access;
  access.needs = kPull;
  Trace granted;
  Trace claimless;
  Trace base;

  EXPECT_TRUE(check_access_claim(token_with(access_of(entry("repository", "x", "[]") + "," + entry("repository", "foo", R"(["pull"])"))),
                                 access, kNow, &granted)
                  .ok());
  EXPECT_FALSE(check_access_claim(token_with(""), access, kNow, &claimless).ok());
  EXPECT_TRUE(check_access_claim(token_with(""), Access{}, kNow, &base).ok());

  EXPECT_TRUE(granted.steps().at(0).passed);
  EXPECT_EQ(granted.steps().at(0).detail, "repository:foo:pull: granted by access[1]");
  EXPECT_EQ(claimless.steps().at(0).detail, "repository:foo:pull: the token has no access claim");
  EXPECT_TRUE(base.steps().at(0).passed);
}

}  // namespace
}  // namespace portcullis
