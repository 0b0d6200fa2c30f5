// Section 2I: what registries mean by their routes, and how far a right reaches.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/attacks/attack.h"
#include "tests/support/policy_fixture.h"

namespace portcullis::attacks {
namespace {

constexpr std::string_view kDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TestGate gate_of(const std::string& access_control) {
  return TestGate(texts_of(policy_config(access_control), secret_json({{"k1", &key_pair("ED25519")}})));
}

/// A good token of `user`, in `groups` (JSON), without an access claim.
std::string token_for(const std::string& user, const std::string& groups = "[]") {
  return token_of(R"({"sub":")" + user + R"(","groups":)" + groups + R"(,"exp":)" + std::to_string(unix_seconds(kNow) + 300) + "}");
}

GateAnswer ask(TestGate& gate, std::string_view method, const std::string& uri, const std::string& token) {
  return gate.ask_uncached(nginx_asks(method, uri, token.empty() ? std::nullopt : std::optional<std::string_view>(token)));
}

std::string with_digest(const std::string& stem) { return stem + std::string(kDigest); }

TEST(Attacks2I, R1_LetsNoPushDelete) {
  TestGate gate;
  const std::string token = bearer(good_token("team/app", "push,pull"));

  for (const std::string& uri :
       {std::string("/v2/team/app/manifests/v1"), with_digest("/v2/team/app/manifests/"), with_digest("/v2/team/app/blobs/")})
    expect_refused(ask(gate, "DELETE", uri, token), Reason::scope_insufficient);
}

TEST(Attacks2I, R2_TakesBothRightsForATagThatMayExist) {
  TestGate half = gate_of(R"("repositories":{"**":{"policies":[{"users":["alice"],"actions":["create"]}]}})");
  TestGate whole = gate_of(R"("repositories":{"**":{"policies":[{"users":["alice"],"actions":["create","update"]}]}})");

  expect_refused(ask(half, "PUT", "/v2/app/manifests/latest", bearer(token_for("alice"))), Reason::policy_denied);
  EXPECT_EQ(ask(whole, "PUT", "/v2/app/manifests/latest", bearer(token_for("alice"))).http.status, 200);
}

TEST(Attacks2I, R3_LetsNoMountTakeFromWhereNothingMayBeRead) {
  TestGate gate = gate_of(R"("repositories":{"mine":{"defaultPolicy":["create","read"]},"priv":{"defaultPolicy":["create"]}})");
  const std::string token = bearer(token_for("alice"));
  const std::string mount = with_digest("/v2/mine/blobs/uploads/?mount=");

  EXPECT_EQ(ask(gate, "POST", mount + "&from=mine", token).http.status, 200);
  for (const char* from : {"&from=priv", "&from=", "", "&from=PRIV", "&from=../priv"})
    expect_refused(ask(gate, "POST", mount + from, token), Reason::mount_source_denied);
  expect_refused(ask(gate, "POST", "/v2/mine/blobs/uploads/?from=priv", token), Reason::mount_source_denied);
  for (const char* from : {"&from=mine&from=priv", "&fro%6d=priv", "&from=mine;from=priv"})
    expect_refused(ask(gate, "POST", mount + from, token), Reason::query_malformed);
}

TEST(Attacks2I, R4_JudgesAnUploadByItsOwnRepository) {
  TestGate gate = gate_of(R"("repositories":{"a":{"defaultPolicy":["create"]},"b":{}})");

  EXPECT_EQ(ask(gate, "PATCH", "/v2/a/blobs/uploads/id-of-b", bearer(token_for("alice"))).http.status, 200);
  expect_refused(ask(gate, "PATCH", "/v2/b/blobs/uploads/id-of-b", bearer(token_for("alice"))), Reason::policy_denied);
}

TEST(Attacks2I, R5_KeepsTheCatalogAndUnknownRoutesApart) {
  TestGate gate = gate_of(R"("repositories":{"**/app":{"defaultPolicy":["read"]}})");
  const std::string token = bearer(token_for("alice"));

  expect_refused(ask(gate, "GET", "/v2/_catalog?n=1000000000", token), Reason::policy_denied);
  for (const char* uri : {"/v2/_oci/ext/discover", "/v2/_zot/ext/search", "/v2/_zot/ext/mgmt", "/v2", "/v2/app"})
    EXPECT_EQ(ask(gate, "GET", uri, token).http.status, 403) << uri;
}

TEST(Attacks2I, R6_ReadsPathsFromTheRight) {
  TestGate gate = gate_of(R"("repositories":{"a":{"defaultPolicy":["read"]},"a/manifests/b":{}})");

  expect_refused(ask(gate, "GET", "/v2/a/manifests/b/manifests/c", bearer(token_for("alice"))), Reason::policy_denied);
  EXPECT_EQ(requested_access("GET", "/v2/blobs/manifests/tags/tags/list", {}, {4096})->repository, "blobs/manifests/tags");
}

TEST(Attacks2I, R7_KeepsToTheGrammarOfNames) {
  TestGate gate = gate_of(R"("repositories":{"**":{"defaultPolicy":["read"]}})");

  for (const std::string& name : {std::string(".a"), std::string("-a"), std::string("a___b"), std::string("a..b"), std::string("A"),
                                  std::string("a/"), std::string("host:5000/x"), std::string(256, 'a')})
    EXPECT_EQ(ask(gate, "GET", "/v2/" + name + "/manifests/v1", bearer(token_for("alice"))).http.status, 403) << name;
  EXPECT_EQ(ask(gate, "GET", "/v2/a__b/c-d/manifests/v1", bearer(token_for("alice"))).http.status, 200);
}

TEST(Attacks2I, R8_KeepsToTheGrammarOfTagsAndDigests) {
  TestGate gate = gate_of(R"("repositories":{"**":{"defaultPolicy":["read"]}})");

  for (const std::string& reference : {std::string("sha256:abc"), std::string(kDigest) + "0", std::string(129, 'a'), std::string("a@b"),
                                       std::string(".a"), std::string("sha256:") + std::string(64, 'G')})
    expect_refused(ask(gate, "GET", "/v2/app/manifests/" + reference, bearer(token_for("alice"))), Reason::name_invalid);
}

TEST(Attacks2I, R9_TakesTheRightOfEachRoute) {
  TestGate gate =
      gate_of(R"("repositories":{"**":{"policies":[{"users":["reader"],"actions":["read"]},{"users":["writer"],"actions":["create"]}]}})");
  const std::string reader = bearer(token_for("reader"));
  const std::string writer = bearer(token_for("writer"));

  for (const std::string& uri : {with_digest("/v2/app/referrers/"), std::string("/v2/app/tags/list"), with_digest("/v2/app/blobs/")}) {
    EXPECT_EQ(ask(gate, "GET", uri, reader).http.status, 200) << uri;
    expect_refused(ask(gate, "GET", uri, writer), Reason::policy_denied);
  }
  EXPECT_EQ(ask(gate, "GET", "/v2/app/blobs/uploads/1", writer).http.status, 200);
  expect_refused(ask(gate, "GET", "/v2/app/blobs/uploads/1", reader), Reason::policy_denied);
}

TEST(Attacks2I, R10_TakesNamesInTheClaimToTheLetter) {
  TestGate gate;

  for (const char* name : {"*", "**", "team/*", "team", "team/ap?"})
    expect_refused(try_token(gate, good_token(name, "pull")), Reason::scope_insufficient);
}

TEST(Attacks2I, R11_ComparesNamesToTheByte) {
  TestGate gate;

  for (const char* name : {"Team/app", "team//app", "team/app/", "/team/app", "team%2fapp"})
    expect_refused(try_token(gate, good_token(name, "pull")), Reason::scope_insufficient);
}

TEST(Attacks2I, R12_NeverTakesABadTokenForNone) {
  TestGate gate = gate_of(R"("repositories":{"**":{"anonymousPolicy":["read"]}})");

  EXPECT_EQ(ask(gate, "GET", std::string(kWanted), "").http.status, 200);
  EXPECT_EQ(ask(gate, "GET", std::string(kWanted), "Bearer anonymous").http.status, 200);
  expect_refused(ask(gate, "GET", std::string(kWanted), "Bearer nonsense"), Reason::token_malformed);
  expect_refused(ask(gate, "GET", std::string(kWanted), bearer(mint(good_payload(kNow), key_pair("P-256"), "ES256", "k2"))),
                 Reason::key_unknown);
  // zot gave a known user who stands in no policy what everybody has.
  expect_refused(ask(gate, "GET", std::string(kWanted), bearer(token_for("alice"))), Reason::policy_denied);
}

TEST(Attacks2I, R12_ChallengesTheBaseRouteAlways) {
  TestGate gate = gate_of(R"("repositories":{"**":{"anonymousPolicy":["read"]}})");

  for (const char* authorization : {"", "Bearer anonymous"}) expect_refused(ask(gate, "GET", "/v2/", authorization), Reason::token_missing);
  expect_refused(ask(gate, "GET", "/v2/_catalog", ""), Reason::token_missing);
  expect_refused(ask(gate, "PUT", std::string(kWanted), ""), Reason::token_missing);
}

TEST(Attacks2I, R13_EchoesNothingButGoodNames) {
  TestGate gate;
  const GateAnswer answer = ask(gate, "GET", "/v2/a%22,scope=%22/manifests/v1", "");

  EXPECT_EQ(answer.http.status, 403);
  EXPECT_EQ(describe(answer).find("%22"), std::string::npos);
}

TEST(Attacks2I, R14_TakesTheRealmFromTheConfiguration) {
  TestGate gate;
  GateQuestion question = nginx_asks("GET", kWanted);
  question.with("Host", "evil.example").with("X-Forwarded-Host", "evil.example");

  EXPECT_EQ(header_of(gate.ask(question), "WWW-Authenticate"), challenge_of("repository:team/app:pull"));
}

TEST(Attacks2I, R15_NeverMergesTheGroupsOfTwoTokens) {
  TestGate gate = gate_of(R"("repositories":{"**":{"policies":[{"groups":["admins"],"actions":["read"]}]}})");
  const auto as = [&](const std::string& groups) {
    return gate.ask(nginx_asks("GET", kWanted, bearer(token_for("alice", groups)))).http.status;
  };

  EXPECT_EQ(as(R"(["admins"])"), 200);
  EXPECT_EQ(as("[]"), 403);
  EXPECT_EQ(as(R"(["admin"])"), 403);
}

TEST(Attacks2I, R16_GrantsNothingThatOnlyOneOfTokenAndPolicyGrants) {
  std::string config =
      policy_config(R"("repositories":{"team/app":{"defaultPolicy":["read"]},"other":{"defaultPolicy":["create","update"]}})");
  config.replace(config.find("\"ignored\""), 9, "\"required\"");
  TestGate gate(texts_of(config, secret_json({{"k1", &key_pair("ED25519")}})));
  const std::string token = bearer(good_token("team/app", "pull,push"));

  EXPECT_EQ(ask(gate, "GET", std::string(kWanted), token).http.status, 200);
  expect_refused(ask(gate, "PUT", std::string(kWanted), token), Reason::policy_denied);
  expect_refused(ask(gate, "PUT", "/v2/other/manifests/v1", token), Reason::scope_insufficient);
}

}  // namespace
}  // namespace portcullis::attacks
