// Section F of the compatibility table: routes and what they need. Each test is one row; its first line says what zot does.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): every name of the fixture is used here

const std::string kDigest = "sha256:" + std::string(64, 'a');

/// The answer to a good token with these actions on `foo`.
GateAnswer ask(std::string_view actions, std::string_view method, std::string_view uri) {
  TestGate gate;
  return gate.ask(nginx_asks(method, uri, bearer(good_token("foo", actions))));
}

/// The answer to a good token with this access claim.
GateAnswer ask_with_access(const std::string& access, std::string_view method, std::string_view uri) {
  TestGate gate;
  const std::string exp = std::to_string(unix_seconds(kNow) + 300);
  return gate.ask(nginx_asks(method, uri, bearer(token_of(R"({"sub":"alice","exp":)" + exp + R"(,"access":)" + access + "}"))));
}

void expect_pass(const GateAnswer& answer) { EXPECT_EQ(answer.http.status, 200) << describe(answer); }

void expect_challenge(const GateAnswer& answer, const std::string& scope) {
  EXPECT_EQ(answer.http.status, 401) << describe(answer);
  EXPECT_EQ(header_of(answer, "WWW-Authenticate"), scope_challenge_of(scope));
}

void expect_forbidden(const GateAnswer& answer, Reason reason) {
  EXPECT_EQ(answer.http.status, 403) << describe(answer);
  EXPECT_EQ(reason_of(answer), reason);
  EXPECT_EQ(header_count(answer, "WWW-Authenticate"), 0U);
}

// zot: pull.
TEST(ZotRowsF, F1_GetAndHeadNeedPull) {
  for (const std::string_view method : {"GET", "HEAD"}) {
    expect_pass(ask("pull", method, "/v2/foo/manifests/v1"));
    expect_challenge(ask("push", method, "/v2/foo/manifests/v1"), "repository:foo:pull");
  }
}

// zot: push, and a challenge that names push alone; ours names pull,push, which spares clients a second token.
TEST(ZotRowsF, F2_WritesNeedPush) {
  const struct {
    std::string_view method;
    std::string_view uri;
  } writes[] = {{"POST", "/v2/foo/blobs/uploads/"},
                {"PATCH", "/v2/foo/blobs/uploads/u"},
                {"PUT", "/v2/foo/blobs/uploads/u"},
                {"PUT", "/v2/foo/manifests/v1"}};
  for (const auto& write : writes) {
    expect_pass(ask("push", write.method, write.uri));
    expect_challenge(ask("pull,delete", write.method, write.uri), "repository:foo:pull,push");
  }
}

// zot: delete.
TEST(ZotRowsF, F3_DeleteNeedsDelete) {
  for (const std::string& uri : {std::string("/v2/foo/manifests/v1"), "/v2/foo/blobs/" + kDigest}) {
    expect_pass(ask("delete", "DELETE", uri));
    expect_challenge(ask("pull,push", "DELETE", uri), "repository:foo:delete");
  }
}

// zot: pull for any other method, though its router answers 405 first. Ours knows six methods.
TEST(ZotRowsF, F4_OtherMethodsAreRefused) {
  for (const std::string_view method : {"TRACE", "CONNECT", "FOO", "PROPFIND", "get"}) {
    expect_forbidden(ask("pull,push,delete", method, "/v2/foo/manifests/v1"), Reason::method_not_allowed);
  }
}

// zot: passes without looking at the access claim, and sends an unquoted `bearer realm=` along. Ours challenges on 401 alone.
TEST(ZotRowsF, F5_AnyValidTokenOpensTheBaseRoute) {
  const GateAnswer answer = ask_with_access("[]", "GET", "/v2/");
  expect_pass(answer);
  EXPECT_EQ(header_of(answer, "Docker-Distribution-Api-Version"), "registry/2.0");
  EXPECT_EQ(header_count(answer, "WWW-Authenticate"), 0U);
}

// zot: not the base route: needs `repository::pull`. Ours: only the path counts.
TEST(ZotRowsF, F6_AQueryLeavesTheBaseRouteWhatItIs) { expect_pass(ask_with_access("[]", "GET", "/v2/?x=1")); }

// zot: 404 without authentication.
TEST(ZotRowsF, F7_TheBaseRouteWithoutItsSlashIsNoRoute) { expect_forbidden(ask("pull", "GET", "/v2"), Reason::route_unknown); }

// zot: needs the forged scope `repository::pull`. Ours needs distribution's.
TEST(ZotRowsF, F8_TheCatalogNeedsItsOwnScope) {
  expect_pass(ask_with_access(R"([{"type":"registry","name":"catalog","actions":["*"]}])", "GET", "/v2/_catalog?n=100"));
  expect_challenge(ask_with_access(R"([{"type":"repository","name":"","actions":["pull"]}])", "GET", "/v2/_catalog"), "registry:catalog:*");
}

// zot: needs `repository::pull` or `repository::push`. Ours refuses what is not in the table, and an operator may add it with a scope.
TEST(ZotRowsF, F9_ARegistrysOwnRoutesAreRefusedUntilTheyAreConfigured) {
  const std::string catalog = R"([{"type":"registry","name":"catalog","actions":["*"]}])";
  for (const std::string_view uri : {"/v2/_oci/ext/discover", "/v2/_zot/ext/search", "/v2/_zot/ext/userprefs"}) {
    expect_forbidden(ask_with_access(catalog, "GET", uri), Reason::route_unknown);
  }
  GateTexts texts;
  texts.config =
      gate_config(R"("extraRoutes":[{"path":"/v2/_zot/ext/search","methods":["GET"],"scope":"registry:catalog:*","action":"read"}])");
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
  TestGate gate(texts);
  const std::string exp = std::to_string(unix_seconds(kNow) + 300);
  const std::string token = token_of(R"({"exp":)" + exp + R"(,"access":)" + catalog + "}");
  expect_pass(gate.ask(nginx_asks("GET", "/v2/_zot/ext/search?query=x", bearer(token))));
  expect_challenge(gate.ask(nginx_asks("GET", "/v2/_zot/ext/search", bearer(good_token("foo", "pull")))), "registry:catalog:*");
}

// zot: never looks at the source of a mount. Ours needs pull there.
TEST(ZotRowsF, F10_AMountNeedsPullOnItsSource) {
  const std::string uri = "/v2/foo/blobs/uploads/?mount=" + kDigest + "&from=bar";
  const std::string both =
      R"([{"type":"repository","name":"foo","actions":["push"]},{"type":"repository","name":"bar","actions":["pull"]}])";
  expect_pass(ask_with_access(both, "POST", uri));
  const GateAnswer refused = ask("pull,push", "POST", uri);
  expect_challenge(refused, "repository:foo:pull,push repository:bar:pull");
  EXPECT_EQ(reason_of(refused), Reason::mount_source_denied);
}

// zot: pull, so that a push-only token cannot poll its own upload. Ours: push.
TEST(ZotRowsF, F11_TheStatusOfAnUploadNeedsPush) {
  for (const std::string_view method : {"GET", "HEAD"}) {
    expect_pass(ask("push", method, "/v2/foo/blobs/uploads/u"));
    expect_challenge(ask("pull", method, "/v2/foo/blobs/uploads/u"), "repository:foo:pull,push");
  }
}

// zot: delete, so that a push token cannot cancel. Ours: push.
TEST(ZotRowsF, F12_CancellingAnUploadNeedsPush) {
  expect_pass(ask("push", "DELETE", "/v2/foo/blobs/uploads/u"));
  expect_challenge(ask("pull,delete", "DELETE", "/v2/foo/blobs/uploads/u"), "repository:foo:pull,push");
}

// zot: pull.
TEST(ZotRowsF, F13_EveryReadNeedsPull) {
  for (const std::string& uri :
       {"/v2/foo/referrers/" + kDigest, "/v2/foo/blobs/" + kDigest, std::string("/v2/foo/manifests/x"), std::string("/v2/foo/tags/list")}) {
    expect_pass(ask("pull", "GET", uri));
    expect_challenge(ask("push", "GET", uri), "repository:foo:pull");
  }
}

// zot: 404 from its router, before authentication. Ours: 403.
TEST(ZotRowsF, F14_NamesOutsideTheGrammarAreRefused) {
  expect_forbidden(ask("pull", "GET", "/v2/Foo/tags/list"), Reason::name_invalid);
  expect_forbidden(ask("pull", "GET", "/v2/foo%2Fbar/tags/list"), Reason::path_not_canonical);
  expect_forbidden(ask("pull", "GET", "/v2/../foo/tags/list"), Reason::path_not_canonical);
  for (const std::string name : {"a.b", "a_b", "a__b", "a--b", "a/b0"}) {
    TestGate gate;
    expect_pass(gate.ask(nginx_asks("GET", "/v2/" + name + "/tags/list", bearer(good_token(name, "pull")))));
  }
}

// zot: the name is greedy.
TEST(ZotRowsF, F15_TheNameReachesToTheLastKeyword) {
  TestGate gate;
  const GateQuestion question = nginx_asks("GET", "/v2/a/manifests/b/manifests/c", bearer(good_token("a/manifests/b", "pull")));
  const GateAnswer answer = gate.ask(question);
  expect_pass(answer);
  EXPECT_EQ(answer.decision->access->repository, "a/manifests/b");
  EXPECT_EQ(answer.decision->access->reference, "c");
}

// zot: 204 without authentication. Ours refuses it on registry routes.
TEST(ZotRowsF, F16_OptionsIsRefused) {
  for (const std::string_view uri : {"/v2/", "/v2/_catalog", "/v2/foo/manifests/v1", "/v2/foo/blobs/uploads/"}) {
    expect_forbidden(ask("pull,push,delete", "OPTIONS", uri), Reason::method_not_allowed);
  }
}

// zot: outside authentication, on the registry's own port. Ours answers them on the admin listener alone.
TEST(ZotRowsF, F17_HealthIsNotOnTheGatesListener) {
  TestGate gate;
  for (const std::string path : {"/livez", "/readyz", "/startupz"}) {
    GateQuestion question = nginx_asks("GET", "/v2/");
    question.uri = path;
    EXPECT_EQ(gate.ask(question).http.status, 404) << path;
    expect_forbidden(ask("pull", "GET", path), Reason::route_unknown);
  }
}

// zot: 405. Ours: HEAD is GET without a body.
TEST(ZotRowsF, F18_HeadOpensTheBaseRoute) { expect_pass(ask_with_access("[]", "HEAD", "/v2/")); }

}  // namespace
}  // namespace portcullis
