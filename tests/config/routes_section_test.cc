#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

LoadedConfig routes(const std::string& list) { return load({.portcullis = R"("extraRoutes":)" + list + ","}); }

LoadedConfig route(std::string_view path, std::string_view methods = R"(["GET"])", std::string_view scope = "registry:catalog:*",
                   std::string_view action = "read") {
  return routes(R"([{"path":")" + std::string(path) + R"(","methods":)" + std::string(methods) + R"(,"scope":")" + std::string(scope) +
                R"(","action":")" + std::string(action) + "\"}]");
}

constexpr std::string_view kPath = "portcullis.extraRoutes[0]";

std::string at(std::string_view name) { return std::string(kPath) + "." + std::string(name); }

TEST(ExtraRoutes, AreRead) {
  const LoadedConfig loaded =
      routes(R"([{"path":"/v2/_zot/ext/search","methods":["GET","POST"],"scope":"registry:catalog:*","action":"read"},
      {"path":"/ui/","methods":"GET","scope":"repository(plugin):team/app:pull","action":"read"}])");

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->extra_routes, (std::vector<ExtraRoute>{{"/v2/_zot/ext/search", {"GET", "POST"}, "registry:catalog:*", "read"},
                                                                  {"/ui/", {"GET"}, "repository(plugin):team/app:pull", "read"}}));
}

TEST(ExtraRoutes, NeedEveryMember) {
  const LoadedConfig loaded = routes("[{}]");

  EXPECT_EQ(count_errors(loaded), 4U) << format_findings(loaded.findings);
  for (const std::string_view name : {"path", "methods", "scope", "action"})
    EXPECT_TRUE(refuses(loaded, at(name), "a route needs a")) << name;
  EXPECT_TRUE(refuses(route("/a", "[]"), at("methods"), "a method at least"));
}

TEST(ExtraRoutes, TakeCanonicalPathsAlone) {
  for (const std::string_view path :
       {"v2/x", "/v2//x", "/v2/./x", "/v2/../x", "/v2/..", "/.", "/a%20b", "/a;b", "/a\\\\b", "/a#b", "/a?b", "/a b", "/\u00e9"}) {
    EXPECT_TRUE(refuses(route(path), at("path"))) << path;
  }
  for (const std::string_view path : {"/", "/a", "/a/", "/v2/_zot/ext/search", "/.well-known/x", "/a/..b", "/a/b.", "/~x:@!$&'()*+,="}) {
    EXPECT_TRUE(loads(route(path))) << path;
  }
}

TEST(ExtraRoutes, TakeRegistryMethodsAlone) {
  EXPECT_TRUE(loads(route("/a", R"(["GET","HEAD","POST","PUT","PATCH","DELETE"])")));
  for (const std::string_view method : {"get", "OPTIONS", "TRACE", "FOO"}) {
    EXPECT_TRUE(refuses(route("/a", "\"" + std::string(method) + "\""), at("methods"), "is not one of")) << method;
  }
}

TEST(ExtraRoutes, TakeScopesOfTheGrammar) {
  for (const std::string_view scope :
       {"registry", "registry:catalog", "registry::*", ":a:pull", "registry:catalog:", "registry:catalog:PULL", "registry:catalog:**",
        "registry:a b:pull", "registry:a,b:pull", "registry:a\\\"b:pull", "repository(:a:pull", "repository():a:pull", "Registry:a:pull",
        "registry:catalog:a-b"}) {
    EXPECT_TRUE(refuses(route("/a", "\"GET\"", scope), at("scope"), "no scope")) << scope;
  }
  for (const std::string_view scope :
       {"registry:catalog:*", "repository:team/app:pull", "repository(plugin):a:push", "repository:host:5000/a:pull"}) {
    EXPECT_TRUE(loads(route("/a", "\"GET\"", scope))) << scope;
  }
}

TEST(ExtraRoutes, TakePolicyActionsAlone) {
  for (const std::string_view action : {"read", "create", "update", "delete"})
    EXPECT_TRUE(loads(route("/a", "\"GET\"", "registry:catalog:*", action))) << action;
  EXPECT_TRUE(refuses(route("/a", "\"GET\"", "registry:catalog:*", "pull"), at("action"), "not one of"));
}

TEST(ExtraRoutes, AreNotGivenTwice) {
  constexpr std::string_view kOne = R"({"path":"/a","methods":["GET","POST"],"scope":"registry:catalog:*","action":"read"})";
  constexpr std::string_view kOther = R"({"path":"/a","methods":["POST"],"scope":"registry:x:*","action":"read"})";
  constexpr std::string_view kThird = R"({"path":"/a","methods":["PUT"],"scope":"registry:x:*","action":"read"})";

  EXPECT_TRUE(refuses(routes("[" + std::string(kOne) + "," + std::string(kOther) + "]"), "portcullis.extraRoutes[1].path", "already"));
  EXPECT_TRUE(loads(routes("[" + std::string(kOne) + "," + std::string(kThird) + "]")));
}

}  // namespace
}  // namespace portcullis
