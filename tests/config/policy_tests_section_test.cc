#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

LoadedConfig with(const std::string& tests, const std::string& http = R"("accessControl":{"repositories":{}},)") {
  return load({.http = http, .portcullis = R"("policyTests":)" + tests + ","});
}

TEST(PolicyTestsSection, ReadsAWholeTest) {
  const LoadedConfig loaded = with(R"([{"name":"n","user":"u","groups":["g","h"],"claims":{"b":[1,{"c":null}],"a":"x"},"method":"PUT",
      "uri":"/v2/a/manifests/v1","at":"2026-01-01T00:00:00Z","client":"10.0.0.1","userAgent":"docker","tagExists":true,
      "expect":"deny","reason":"policy_denied"}])");

  ASSERT_TRUE(loads(loaded));
  ASSERT_EQ(loaded.config->policy_tests.size(), 1U);
  const PolicyTestConfig& test = loaded.config->policy_tests[0];
  EXPECT_EQ(test.name, "n");
  EXPECT_EQ(test.user, "u");
  EXPECT_EQ(test.groups, (std::vector<std::string>{"g", "h"}));
  EXPECT_EQ(test.claims, R"({"a":"x","b":[1,{"c":null}]})");
  EXPECT_EQ(test.method, "PUT");
  EXPECT_EQ(test.uri, "/v2/a/manifests/v1");
  EXPECT_EQ(test.at, "2026-01-01T00:00:00Z");
  EXPECT_EQ(test.client, "10.0.0.1");
  EXPECT_EQ(test.user_agent, "docker");
  EXPECT_EQ(test.tag_exists, true);
  EXPECT_FALSE(test.allow);
  EXPECT_EQ(test.reason, "policy_denied");
}

TEST(PolicyTestsSection, ReadsOneTestInPlaceOfAList) {
  const LoadedConfig loaded = with(R"({"name":"n","method":"GET","uri":"/v2/","expect":"allow"})");

  ASSERT_TRUE(loads(loaded));
  EXPECT_TRUE(loaded.config->policy_tests.at(0).allow);
  EXPECT_FALSE(loaded.config->policy_tests.at(0).user);
}

TEST(PolicyTestsSection, NeedsNameMethodUriAndAnswer) {
  EXPECT_TRUE(refuses(with(R"([{"method":"GET","uri":"/v2/","expect":"allow"}])"), "portcullis.policyTests[0].name", "needs a name"));
  EXPECT_TRUE(refuses(with(R"([{"name":"n","uri":"/v2/","expect":"allow"}])"), "portcullis.policyTests[0].method", "needs a method"));
  EXPECT_TRUE(refuses(with(R"([{"name":"n","method":"GET","expect":"allow"}])"), "portcullis.policyTests[0].uri", "needs a uri"));
  EXPECT_TRUE(refuses(with(R"([{"name":"n","method":"GET","uri":"/v2/"}])"), "portcullis.policyTests[0].expect", "needs an answer"));
  EXPECT_TRUE(refuses(with(R"([{"name":"n","method":"GET","uri":"/v2/","expect":"yes"}])"), "portcullis.policyTests[0].expect"));
}

TEST(PolicyTestsSection, ClaimsAreAnObject) {
  EXPECT_TRUE(refuses(with(R"([{"name":"n","method":"GET","uri":"/v2/","expect":"deny","claims":["a"]}])"),
                      "portcullis.policyTests[0].claims", "an object"));
}

TEST(PolicyTestsSection, NeedAPolicyToTest) {
  EXPECT_TRUE(refuses(with(R"([{"name":"n","method":"GET","uri":"/v2/","expect":"deny"}])", ""), "portcullis.policyTests",
                      "there is no policy to test"));
}

}  // namespace
}  // namespace portcullis
