// Section E of the compatibility table: the access claim. Each test is one row; its first line says what zot does.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): every name of the fixture is used here

std::string in_seconds(int seconds) { return std::to_string(unix_seconds(kNow) + seconds); }

std::string entry(const std::string& type, const std::string& name, const std::string& actions, const std::string& more = "") {
  return R"({"type":")" + type + R"(","name":")" + name + R"(","actions":)" + actions + more + "}";
}

std::string foo(const std::string& actions, const std::string& more = "") { return entry("repository", "foo", actions, more); }

/// The answer to a token that is good for five minutes and has these members too.
GateAnswer ask_with_member(const std::string& member, std::string_view method = "GET", std::string_view uri = "/v2/foo/tags/list",
                           TimePoint now = kNow) {
  TestGate gate;
  const std::string payload = R"({"sub":"alice","exp":)" + in_seconds(300) + (member.empty() ? "" : "," + member) + "}";
  GateQuestion question = nginx_asks(method, uri, bearer(token_of(payload)));
  question.now = now;
  return gate.ask(question);
}

GateAnswer ask(const std::string& entries) { return ask_with_member(R"("access":[)" + entries + "]"); }

void expect_pass(const GateAnswer& answer) { EXPECT_EQ(answer.http.status, 200) << describe(answer); }

void expect_too_small(const GateAnswer& answer, const std::string& scope = "repository:foo:pull") {
  EXPECT_EQ(answer.http.status, 401) << describe(answer);
  EXPECT_EQ(reason_of(answer), Reason::scope_insufficient);
  EXPECT_EQ(header_of(answer, "WWW-Authenticate"), scope_challenge_of(scope));
}

// zot: passes.
TEST(ZotRowsE, E1_AnEntryThatNamesTheRepositoryAndTheActionPasses) { expect_pass(ask(foo(R"(["pull"])"))); }

// zot: refuses `repository(plugin)` too; it is the same resource for distribution, and passes here.
TEST(ZotRowsE, E2_AnotherTypeGrantsNothing) {
  for (const std::string type : {"registry", "Repository", "", "repository(image)"})
    expect_too_small(ask(entry(type, "foo", R"(["pull"])")));
  expect_pass(ask(entry("repository(plugin)", "foo", R"(["pull"])")));
}

// zot: exact text alone.
TEST(ZotRowsE, E3_AnotherNameGrantsNothing) {
  for (const std::string name : {"bar", "Foo", "FOO", "*", "**", "fo*", "fo", "foo/bar", "foo/"}) {
    expect_too_small(ask(entry("repository", name, R"(["pull"])")));
  }
}

// zot: as E2.
TEST(ZotRowsE, E4_AnEntryWithoutTheActionGrantsNothing) {
  expect_too_small(ask(foo(R"(["push","delete"])")));
  expect_too_small(ask(foo("[]")));
}

// zot: refuses `*`. Token servers of distribution give it, and it grants every action here.
TEST(ZotRowsE, E5_TheActionStarGrantsEveryAction) {
  expect_pass(ask(foo(R"(["*"])")));
  expect_pass(ask_with_member(R"("access":[)" + foo(R"(["*"])") + "]", "DELETE", "/v2/foo/manifests/v1"));
}

// zot: refused on a repository; passes for /v2/.
TEST(ZotRowsE, E6_WithoutEntriesOnlyTheBaseRoutePasses) {
  for (const std::string member : {"", R"("access":null)", R"("access":[])"}) {
    expect_too_small(ask_with_member(member));
    expect_pass(ask_with_member(member, "GET", "/v2/"));
  }
}

// zot: as E2: one entry must satisfy all.
TEST(ZotRowsE, E7_TwoHalvesMakeNoWhole) { expect_too_small(ask(foo(R"(["push"])") + "," + entry("repository", "bar", R"(["pull"])"))); }

// zot: passes.
TEST(ZotRowsE, E8_AnEntryPassesBeforeItsExpiry) { expect_pass(ask(foo(R"(["pull"])", R"(,"exp":)" + in_seconds(1)))); }

// zot: the entry is skipped.
TEST(ZotRowsE, E9_AnEntryIsSkippedFromItsExpiryOn) {
  expect_too_small(ask(foo(R"(["pull"])", R"(,"exp":)" + in_seconds(-1))));
  expect_too_small(ask(foo(R"(["pull"])", R"(,"exp":)" + in_seconds(0))));
}

// zot: passes.
TEST(ZotRowsE, E10_AGoodEntryBesideAnExpiredOnePasses) {
  expect_pass(ask(foo(R"(["pull"])", R"(,"exp":)" + in_seconds(-1)) + "," + foo(R"(["pull"])")));
}

// zot: as E2.
TEST(ZotRowsE, E11_OnlyExpiredEntriesGrantNothing) {
  const std::string expired = foo(R"(["pull"])", R"(,"exp":)" + in_seconds(-1));
  expect_too_small(ask(expired + "," + expired));
}

// zot: no limit.
TEST(ZotRowsE, E12_AnEntryWithoutExpiryHasNoLimitOfItsOwn) {
  expect_pass(ask(foo(R"(["pull"])")));
  expect_pass(ask(foo(R"(["pull"])", R"(,"exp":null)")));
}

// zot: the token's own expiry still rules (there without leeway; here with the configured one, 10 s).
TEST(ZotRowsE, E13_TheTokensExpiryRulesOverALaterEntry) {
  const std::string member = R"("access":[)" + foo(R"(["pull"])", R"(,"exp":)" + in_seconds(3600)) + "]";
  expect_pass(ask_with_member(member, "GET", "/v2/foo/tags/list", kNow + std::chrono::seconds{309}));
  const GateAnswer late = ask_with_member(member, "GET", "/v2/foo/tags/list", kNow + std::chrono::seconds{310});
  EXPECT_EQ(reason_of(late), Reason::token_expired);
  EXPECT_EQ(header_of(late, "WWW-Authenticate"), expired_challenge_of("repository:foo:pull"));
}

// zot: 401 with the pull challenge.
TEST(ZotRowsE, E14_PushDoesNotMeanPull) {
  const std::string member = R"("access":[)" + foo(R"(["push"])") + "]";
  for (const std::string_view method : {"GET", "HEAD"}) expect_too_small(ask_with_member(member, method, "/v2/foo/manifests/v1"));
}

// zot: always 401 with a challenge.
TEST(ZotRowsE, E15_AScopeThatIsTooSmallIsNever403) {
  const struct {
    std::string_view method;
    std::string_view uri;
    std::string scope;
  } rows[] = {{"GET", "/v2/foo/tags/list", "repository:foo:pull"},
              {"PUT", "/v2/foo/manifests/v1", "repository:foo:pull,push"},
              {"DELETE", "/v2/foo/manifests/v1", "repository:foo:delete"},
              {"GET", "/v2/_catalog", "registry:catalog:*"}};
  for (const auto& row : rows) expect_too_small(ask_with_member("", row.method, row.uri), row.scope);
}

}  // namespace
}  // namespace portcullis
