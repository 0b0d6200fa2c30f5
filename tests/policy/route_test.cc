// Every route of the distribution specification to what it needs, and everything else to its refusal.
#include "policy/route.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portcullis {
namespace {

constexpr RouteLimits kLimits{4096};
const std::string kDigest = "sha256:" + std::string(64, 'a');

Result<Access> ask(std::string_view method, std::string_view uri, const std::vector<ExtraRouteRule>& extra = {}) {
  return requested_access(method, uri, extra, kLimits);
}

Reason refusal(std::string_view method, std::string_view uri, const std::vector<ExtraRouteRule>& extra = {}) {
  const auto access = ask(method, uri, extra);
  return access ? Reason::allowed : access.error().reason;
}

struct Row {
  std::string method;
  std::string uri;
  RouteKind kind;
  std::vector<Need> needs;
  Action action;
  std::string scope;
  std::string reference;
};

Need pull(std::string name) { return {"repository", std::move(name), "pull"}; }
Need push(std::string name) { return {"repository", std::move(name), "push"}; }
Need erase(std::string name) { return {"repository", std::move(name), "delete"}; }

std::string joined(const std::vector<std::string>& scopes) {
  std::string text;
  for (const std::string& scope : scopes) text += (text.empty() ? "" : " ") + scope;
  return text;
}

void expect_row(const Row& row) {
  const auto access = ask(row.method, row.uri);
  ASSERT_TRUE(access.ok()) << row.method << " " << row.uri << ": " << access.error().detail;
  EXPECT_EQ(access->kind, row.kind) << row.method << " " << row.uri;
  EXPECT_EQ(access->needs, row.needs) << row.method << " " << row.uri;
  EXPECT_EQ(access->action, row.action) << row.method << " " << row.uri;
  EXPECT_EQ(joined(access->challenge_scope), row.scope) << row.method << " " << row.uri;
  EXPECT_EQ(access->reference, row.reference) << row.method << " " << row.uri;
}

TEST(Route, KnowsEveryReadOfTheSpecification) {
  for (const std::string method : {"GET", "HEAD"}) {
    expect_row({method, "/v2/", RouteKind::base, {}, Action::none, "", ""});
    expect_row(
        {method, "/v2/team/app/manifests/v1", RouteKind::manifest, {pull("team/app")}, Action::read, "repository:team/app:pull", "v1"});
    expect_row({method, "/v2/app/manifests/" + kDigest, RouteKind::manifest, {pull("app")}, Action::read, "repository:app:pull", kDigest});
    expect_row({method, "/v2/app/blobs/" + kDigest, RouteKind::blob, {pull("app")}, Action::read, "repository:app:pull", kDigest});
    expect_row({method, "/v2/app/tags/list", RouteKind::tags, {pull("app")}, Action::read, "repository:app:pull", ""});
    expect_row({method, "/v2/app/referrers/" + kDigest, RouteKind::referrers, {pull("app")}, Action::read, "repository:app:pull", kDigest});
  }
}

TEST(Route, KnowsEveryWriteOfTheSpecification) {
  const std::string scope = "repository:team/app:pull,push";
  expect_row({"PUT", "/v2/team/app/manifests/v1", RouteKind::manifest, {push("team/app")}, Action::create_or_update, scope, "v1"});
  expect_row({"POST", "/v2/team/app/blobs/uploads/", RouteKind::upload_start, {push("team/app")}, Action::create, scope, ""});
  expect_row({"POST",
              "/v2/team/app/blobs/uploads/?digest=" + kDigest,
              RouteKind::upload_start,
              {push("team/app")},
              Action::create,
              scope,
              kDigest});
  for (const std::string method : {"GET", "HEAD", "PATCH", "PUT", "DELETE"}) {
    expect_row(
        {method, "/v2/team/app/blobs/uploads/6b3c9a93-af5d", RouteKind::upload_session, {push("team/app")}, Action::create, scope, ""});
  }
  expect_row(
      {"PATCH", "/v2/team/app/blobs/uploads/u?_state=a-b_c=", RouteKind::upload_session, {push("team/app")}, Action::create, scope, ""});
  expect_row({"PUT",
              "/v2/team/app/blobs/uploads/u?_state=x&digest=" + kDigest,
              RouteKind::upload_session,
              {push("team/app")},
              Action::create,
              scope,
              kDigest});
}

TEST(Route, KnowsEveryDelete) {
  expect_row({"DELETE", "/v2/app/manifests/v1", RouteKind::manifest, {erase("app")}, Action::delete_, "repository:app:delete", "v1"});
  expect_row({"DELETE", "/v2/app/blobs/" + kDigest, RouteKind::blob, {erase("app")}, Action::delete_, "repository:app:delete", kDigest});
}

TEST(Route, KnowsTheCatalogForGetAlone) {
  expect_row(
      {"GET", "/v2/_catalog?n=10&last=a", RouteKind::catalog, {{"registry", "catalog", "*"}}, Action::read, "registry:catalog:*", ""});
  EXPECT_EQ(refusal("HEAD", "/v2/_catalog"), Reason::method_not_allowed);
}

TEST(Route, NeedsPushHereAndPullThereForAMount) {
  const std::string uri = "/v2/dst/blobs/uploads/?mount=" + kDigest + "&from=team%2Fsrc";

  const auto access = ask("POST", uri);

  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->kind, RouteKind::upload_mount);
  EXPECT_EQ(access->needs, (std::vector<Need>{push("dst"), pull("team/src")}));
  EXPECT_EQ(access->mount_source, "team/src");
  EXPECT_EQ(access->reference, kDigest);
  EXPECT_EQ(joined(access->challenge_scope), "repository:dst:pull,push repository:team/src:pull");
  EXPECT_EQ(access->route, "/v2/<name>/blobs/uploads/?mount=<digest>&from=<source>");
}

TEST(Route, NamesOneScopeWhereABlobIsMountedFromItsOwnRepository) {
  const auto access = ask("POST", "/v2/app/blobs/uploads/?from=app&mount=" + kDigest);

  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->needs, (std::vector<Need>{push("app"), pull("app")}));
  EXPECT_EQ(joined(access->challenge_scope), "repository:app:pull,push");
}

TEST(Route, MountsFromAnUnreadableSourceWhereFromIsMissingOrNoRepositoryName) {
  for (const std::string from : {"", "&from=", "&from", "&from=Team/App", "&from=..", "&from=a%20b", "&from=a%22,b", "&from=a//b"}) {
    const auto access = ask("POST", "/v2/app/blobs/uploads/?mount=" + kDigest + from);

    ASSERT_TRUE(access.ok()) << from;
    EXPECT_EQ(access->mount_source, "") << from;
    EXPECT_EQ(access->needs, (std::vector<Need>{push("app"), pull("")})) << from;
    EXPECT_EQ(joined(access->challenge_scope), "repository:app:pull,push") << from;
  }
}

TEST(Route, NeedsTheSourceOfAnUploadThatNamesOneWithoutMount) {
  const auto access = ask("POST", "/v2/app/blobs/uploads/?from=secret");

  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->kind, RouteKind::upload_start);
  EXPECT_EQ(access->needs, (std::vector<Need>{push("app"), pull("secret")}));
  EXPECT_EQ(joined(access->challenge_scope), "repository:app:pull,push repository:secret:pull");
}

TEST(Route, RefusesAnUploadWhoseDigestsBreakTheGrammar) {
  for (const std::string query :
       {"mount=", "mount", "mount=latest&from=a", "mount=sha256:ab&from=a", "digest=", "digest=sha256:ab", "digest=x"}) {
    EXPECT_EQ(refusal("POST", "/v2/app/blobs/uploads/?" + query), Reason::query_malformed) << query;
  }
  EXPECT_EQ(refusal("PUT", "/v2/app/blobs/uploads/u?digest=x"), Reason::query_malformed);
  EXPECT_EQ(refusal("PUT", "/v2/app/blobs/uploads/u?digest=" + kDigest + "&digest=" + kDigest), Reason::query_malformed);
}

TEST(Route, ReadsMountAndFromWhereUploadsStartAlone) {
  const auto session = ask("PATCH", "/v2/app/blobs/uploads/u?mount=" + kDigest + "&from=secret");
  const auto manifest = ask("PUT", "/v2/app/manifests/v1?tag=a&tag=b&digest=free");

  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->kind, RouteKind::upload_session);
  EXPECT_EQ(session->needs, std::vector<Need>{push("app")});
  EXPECT_TRUE(manifest.ok());
}

TEST(Route, RefusesATagWhoseBlanksServersTrimInTheirOwnWays) {
  const std::string uri = "/v2/app/manifests/" + kDigest + "?tag=";
  for (const std::string tag : {"%09latest", "latest%0A", "%0D", "%7Flatest", "%C2%A0latest", "a&tag=%E2%80%89latest"}) {
    EXPECT_EQ(refusal("PUT", uri + tag), Reason::query_malformed) << tag;
  }
  const auto blanks = ask("PUT", uri + "+latest%20&tag=-bad");
  ASSERT_TRUE(blanks.ok());
  EXPECT_EQ(blanks->tags, std::vector<std::string>{"latest"});
}

TEST(Route, AppliesTheQueryRulesOnEveryRoute) {
  for (const std::string uri : {"/v2/?%66rom=x", "/v2/_catalog?from=a&from=b", "/v2/app/tags/list?a;b=1", "/v2/app/manifests/v1?x=#"}) {
    EXPECT_EQ(refusal("GET", uri), Reason::query_malformed) << uri;
  }
}

TEST(Route, LooksAtThePathAlone) {
  expect_row({"GET", "/v2/?x=1", RouteKind::base, {}, Action::none, "", ""});
  expect_row({"GET", "/v2/?/../../x", RouteKind::base, {}, Action::none, "", ""});
  expect_row(
      {"GET", "/v2/app/tags/list?n=5?&/?/v2/other/tags/list", RouteKind::tags, {pull("app")}, Action::read, "repository:app:pull", ""});
}

TEST(Route, ParsesFromTheRight) {
  const struct {
    const char* method;
    std::string uri;
    const char* repository;
  } rows[] = {
      {"GET", "/v2/a/manifests/b/manifests/latest", "a/manifests/b"},
      {"GET", "/v2/a/blobs/uploads/tags/list", "a/blobs/uploads"},
      {"GET", "/v2/a/tags/list/manifests/v1", "a/tags/list"},
      {"GET", "/v2/tags/list/tags/list", "tags/list"},
      {"GET", "/v2/blobs/blobs/" + kDigest, "blobs"},
      {"POST", "/v2/blobs/uploads/blobs/uploads/", "blobs/uploads"},
      {"PATCH", "/v2/uploads/blobs/uploads/list", "uploads"},
      {"GET", "/v2/manifests/manifests/manifests", "manifests"},
  };
  for (const auto& row : rows) {
    const auto access = ask(row.method, row.uri);
    ASSERT_TRUE(access.ok()) << row.uri;
    EXPECT_EQ(access->repository, row.repository) << row.uri;
  }
}

TEST(Route, RefusesPathsThatAreNotCanonical) {
  for (const std::string uri : {"/v2/pub/../priv/manifests/x", "/v2/pub%2F..%2Fpriv/manifests/x", "//v2/", "/v2//app/tags/list",
                                "/v2/app/tags/list;x", "/v2/app/tags/list%3fx", "/v2/app/tags/list#x", "http://evil/v2/", "*", "", "?x"}) {
    EXPECT_EQ(refusal("GET", uri), Reason::path_not_canonical) << uri;
  }
}

TEST(Route, RefusesRoutesThatAreNotInTheTable) {
  for (const std::string uri : {"/", "/v2", "/V2/", "/v2/app", "/v2/app/", "/v2/app/manifests", "/v2/app/tags", "/v2/app/tags/",
                                "/v2/app/tags/lists", "/v2/app/blobs/uploads/u/x", "/v2/app/uploads/u", "/v1/", "/v2x/", "/v2/_catalog/",
                                "/v2/app/tags/list/", "/v2/_oci/ext/discover", "/auth"}) {
    EXPECT_EQ(refusal("GET", uri), Reason::route_unknown) << uri;
  }
}

TEST(Route, RefusesNamesThatBreakTheGrammar) {
  for (const std::string uri :
       {"/v2/App/tags/list", "/v2/tags/list", "/v2/.a/tags/list", "/v2/a___b/tags/list", "/v2/host:5000/x/tags/list", "/v2/app/manifests/",
        "/v2/app/manifests/.x", "/v2/app/manifests/a@b", "/v2/app/manifests/sha256:ab", "/v2/app/blobs/latest", "/v2/app/blobs/",
        "/v2/app/referrers/v1", "/v2/app/blobs/uploads", "/v2/_catalog/tags/list"}) {
    EXPECT_EQ(refusal("GET", uri), Reason::name_invalid) << uri;
  }
  EXPECT_EQ(refusal("PATCH", "/v2/app/blobs/uploads/a:b"), Reason::name_invalid);
  EXPECT_EQ(refusal("GET", "/v2/" + std::string(255, 'a') + "/tags/list"), Reason::allowed);
  EXPECT_EQ(refusal("GET", "/v2/" + std::string(256, 'a') + "/tags/list"), Reason::name_invalid);
}

TEST(Route, RefusesMethodsThatTheRouteDoesNotKnow) {
  for (const std::string method : {"OPTIONS", "TRACE", "CONNECT", "PROPFIND", "FOO", "get", "Get", "", "GET ", "PATCH"}) {
    EXPECT_EQ(refusal(method, "/v2/app/manifests/v1"), Reason::method_not_allowed) << method;
  }
  EXPECT_EQ(refusal("POST", "/v2/"), Reason::method_not_allowed);
  EXPECT_EQ(refusal("FOO", "/v2/App/tags/list"), Reason::method_not_allowed);
  EXPECT_EQ(refusal("GET", "/v2/app/blobs/uploads/"), Reason::method_not_allowed);
  EXPECT_EQ(refusal("POST", "/v2/app/blobs/uploads/u"), Reason::method_not_allowed);
  EXPECT_EQ(refusal("PUT", "/v2/app/tags/list"), Reason::method_not_allowed);
  EXPECT_EQ(refusal("DELETE", "/v2/app/referrers/" + kDigest), Reason::method_not_allowed);
  EXPECT_EQ(refusal("PUT", "/v2/app/blobs/" + kDigest), Reason::method_not_allowed);
}

TEST(Route, RefusesAUriBeyondTheLimit) {
  const std::string path = "/v2/?x=";
  EXPECT_EQ(refusal("GET", path + std::string(4096 - path.size(), 'a')), Reason::allowed);
  EXPECT_EQ(refusal("GET", path + std::string(4097 - path.size(), 'a')), Reason::uri_too_long);
}

const std::vector<ExtraRouteRule> kExtra = {
    {"/v2/_zot/ext/search", {"GET"}, {"registry", "catalog", "*"}, Action::read},
    {"/v2/_zot/", {"GET", "POST"}, {"registry", "zot", "use"}, Action::update},
    {"/v2/_zot/ext/", {"GET"}, {"registry", "ext", "use"}, Action::read},
};

TEST(ExtraRoute, MatchesExactlyBeforeThePrefixAndTheLongerPrefixFirst) {
  EXPECT_EQ(ask("GET", "/v2/_zot/ext/search?query=%7Bx%7D", kExtra)->needs.at(0).name, "catalog");
  EXPECT_EQ(ask("GET", "/v2/_zot/ext/other", kExtra)->needs.at(0).name, "ext");
  EXPECT_EQ(ask("GET", "/v2/_zot/x", kExtra)->needs.at(0).name, "zot");
  EXPECT_EQ(ask("GET", "/v2/_zot/", kExtra)->needs.at(0).name, "zot");
}

TEST(ExtraRoute, CarriesItsOwnNeedAndScope) {
  const auto access = ask("POST", "/v2/_zot/x", kExtra);

  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->kind, RouteKind::extra);
  EXPECT_EQ(access->action, Action::update);
  EXPECT_EQ(access->needs, (std::vector<Need>{{"registry", "zot", "use"}}));
  EXPECT_EQ(joined(access->challenge_scope), "registry:zot:use");
}

TEST(ExtraRoute, KnowsItsOwnMethodsAlone) {
  EXPECT_EQ(refusal("POST", "/v2/_zot/ext/search", kExtra), Reason::method_not_allowed);
  EXPECT_EQ(refusal("DELETE", "/v2/_zot/x", kExtra), Reason::method_not_allowed);
}

TEST(ExtraRoute, OfOnePathIsTheOneThatListsTheMethod) {
  const std::vector<ExtraRouteRule> two = {{"/v2/_zot/prefs", {"PUT"}, {"registry", "prefs", "write"}, Action::update},
                                           {"/v2/_zot/prefs", {"GET", "HEAD"}, {"registry", "prefs", "read"}, Action::read},
                                           {"/ui/", {"POST"}, {"registry", "ui", "write"}, Action::update},
                                           {"/ui/", {"GET"}, {"registry", "ui", "read"}, Action::read}};
  EXPECT_EQ(ask("PUT", "/v2/_zot/prefs", two)->needs.at(0).action, "write");
  EXPECT_EQ(ask("HEAD", "/v2/_zot/prefs", two)->needs.at(0).action, "read");
  EXPECT_EQ(ask("POST", "/ui/x", two)->needs.at(0).action, "write");
  EXPECT_EQ(ask("GET", "/ui/x", two)->needs.at(0).action, "read");
  EXPECT_EQ(refusal("DELETE", "/v2/_zot/prefs", two), Reason::method_not_allowed);
}

TEST(ExtraRoute, MatchesTheLongestPrefixInAnyOrder) {
  const std::vector<ExtraRouteRule> reversed(kExtra.rbegin(), kExtra.rend());
  EXPECT_EQ(ask("GET", "/v2/_zot/ext/other", reversed)->needs.at(0).name, "ext");
  EXPECT_EQ(ask("GET", "/v2/_zot/x", reversed)->needs.at(0).name, "zot");
}

TEST(ExtraRoute, NeverTakesAMethodThatNoRegistryKnows) {
  const std::vector<ExtraRouteRule> odd = {{"/ui/", {"FOO", "OPTIONS"}, {"registry", "ui", "use"}, Action::read}};
  EXPECT_EQ(refusal("FOO", "/ui/x", odd), Reason::method_not_allowed);
  EXPECT_EQ(refusal("OPTIONS", "/ui/x", odd), Reason::method_not_allowed);
}

TEST(ExtraRoute, DoesNotReachBeyondItsPath) {
  EXPECT_EQ(refusal("GET", "/v2/_zot", kExtra), Reason::route_unknown);
  EXPECT_EQ(refusal("GET", "/v2/_zot/../app/tags/list", kExtra), Reason::path_not_canonical);
}

TEST(ExtraRoute, NeverTakesARouteOfTheTable) {
  const std::vector<ExtraRouteRule> greedy = {{"/", {"GET", "PUT"}, {"registry", "open", "use"}, Action::read}};
  EXPECT_EQ(ask("GET", "/v2/app/tags/list", greedy)->needs, std::vector<Need>{pull("app")});
  EXPECT_EQ(refusal("PUT", "/v2/app/tags/list", greedy), Reason::method_not_allowed);
}

TEST(Overlap, IsSeenForExactPaths) {
  for (const std::string path :
       {"/v2/", "/v2/_catalog", "/v2/a/tags/list", "/v2/a/manifests/x", "/v2/a/blobs/uploads/", "/v2/a/blobs/uploads/x"}) {
    EXPECT_TRUE(overlaps_table(path)) << path;
  }
  for (const std::string path : {"/v2", "/ui", "/v2/_zot/ext/search", "/v2/_oci/tags/list", "/v2/app", "/v2/A/tags/list"}) {
    EXPECT_FALSE(overlaps_table(path)) << path;
  }
}

TEST(Overlap, IsSeenForPrefixes) {
  for (const std::string path : {"/", "/v2/", "/v2/a/", "/v2/a/b.c/", "/v2/a/blobs/uploads/"}) EXPECT_TRUE(overlaps_table(path)) << path;
  for (const std::string path : {"/ui/", "/v2/_zot/", "/v2/_zot/ext/", "/v2/a/_x/", "/v2x/", "/v1/", "/v2/A/"})
    EXPECT_FALSE(overlaps_table(path)) << path;
}

TEST(AskedAccess, TranslatesEveryAction) {
  const struct {
    const char* word;
    const char* need;
    Action action;
    const char* scope;
  } rows[] = {
      {"pull", "pull", Action::read, "repository:a/b:pull"},
      {"read", "pull", Action::read, "repository:a/b:pull"},
      {"push", "push", Action::create_or_update, "repository:a/b:pull,push"},
      {"create", "push", Action::create, "repository:a/b:pull,push"},
      {"update", "push", Action::update, "repository:a/b:pull,push"},
      {"delete", "delete", Action::delete_, "repository:a/b:delete"},
  };
  for (const auto& row : rows) {
    const auto access = asked_access("a/b", row.word);
    ASSERT_TRUE(access.ok()) << row.word;
    EXPECT_EQ(access->needs, (std::vector<Need>{{"repository", "a/b", row.need}})) << row.word;
    EXPECT_EQ(access->action, row.action) << row.word;
    EXPECT_EQ(joined(access->challenge_scope), row.scope) << row.word;
    EXPECT_EQ(access->repository, "a/b");
  }
}

TEST(AskedAccess, RefusesOtherActionsAndBadNames) {
  for (const std::string action : {"", "*", "Pull", "pull,push", "none"})
    EXPECT_EQ(asked_access("a", action).error().reason, Reason::bad_request) << action;
  for (const std::string name : {"", "A", "a/", "a b"}) EXPECT_EQ(asked_access(name, "pull").error().reason, Reason::name_invalid) << name;
}

}  // namespace
}  // namespace portcullis
