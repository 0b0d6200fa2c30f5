#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

LoadedConfig access(const std::string& members) { return load({.http = R"("accessControl":{)" + members + "},"}); }

LoadedConfig policy(const std::string& members) { return access(R"("repositories":{"Team/*":{"policies":[{)" + members + "}]}}"); }

constexpr std::string_view kPolicy = "http.accessControl.repositories[\"Team/*\"].policies[0]";

TEST(AccessControl, AWholeOneHasNoFaultButThatItIsNotAvailable) {
  const LoadedConfig loaded = access(
      R"("repositories":{"**":{"policies":[{"users":["u"],"groups":"g","actions":["read","create","update","delete","detectManifestCollision"],"deny":false,
         "conditions":[{"expression":"true","message":"m"},{"expression":"true"}]}],"defaultPolicy":["read"],"anonymousPolicy":[]}},
         "groups":{"Devs":{"users":["u"]}},"adminPolicy":{"users":["a"],"actions":["read"]},"metrics":{"users":["m"],"anonymousPolicy":["read"]})");

  EXPECT_TRUE(refuses(loaded, "http.accessControl", "not available"));
  EXPECT_EQ(count_errors(loaded), 1U) << format_findings(loaded.findings);
}

TEST(AccessControl, SuggestsActions) {
  EXPECT_TRUE(refuses(policy(R"("actions":["raed"])"), std::string(kPolicy) + ".actions", "did you mean \"read\"?"));
  EXPECT_TRUE(refuses(policy(R"("actions":["pull"])"), std::string(kPolicy) + ".actions", "did you mean \"read\"?"));
  EXPECT_TRUE(refuses(policy(R"("actions":["push"])"), std::string(kPolicy) + ".actions", "did you mean \"create\"?"));
  EXPECT_TRUE(refuses(policy(R"("actions":["*"])"), std::string(kPolicy) + ".actions", "is no action"));
}

TEST(AccessControl, PointsStarUsersToTheDefaultPolicy) {
  EXPECT_TRUE(refuses(policy(R"("users":["*"])"), std::string(kPolicy) + ".users", "defaultPolicy"));
  EXPECT_TRUE(refuses(policy(R"("users":[""])"), std::string(kPolicy) + ".users[0]", "must not be empty"));
}

TEST(AccessControl, FindsUnknownKeysAtEveryDepth) {
  EXPECT_TRUE(refuses(policy(R"("user":["u"])"), std::string(kPolicy) + ".user", "did you mean \"users\"?"));
  EXPECT_TRUE(refuses(policy(R"("conditions":[{"expresion":"x"}])"), std::string(kPolicy) + ".conditions[0].expresion",
                      "did you mean \"expression\"?"));
  EXPECT_TRUE(
      refuses(policy(R"("conditions":[{"message":"x"}])"), std::string(kPolicy) + ".conditions[0].expression", "needs an expression"));
  EXPECT_TRUE(refuses(access(R"("groups":{"devs":["u"]})"), "http.accessControl.groups[\"devs\"]", "must be an object"));
}

TEST(AccessControl, OneLetterCaseOfAPatternIsNotTheOther) {
  const LoadedConfig loaded = access(R"("groups":{"Devs":{"users":["u"]},"devs":{"users":["v"]}})");

  EXPECT_EQ(count_errors(loaded), 1U) << format_findings(loaded.findings);
}

TEST(Shadow, IsCheckedAndNotUsed) {
  const LoadedConfig good = load({.portcullis = R"("shadow":{"repositories":{}},)"});

  EXPECT_TRUE(loads(good));
  EXPECT_TRUE(warns(good, "portcullis.shadow", "not available in this version: not used"));
  EXPECT_TRUE(
      refuses(load({.portcullis = R"("shadow":{"adminPolicy":{"actions":["raed"]}},)"}), "portcullis.shadow.adminPolicy.actions", "read"));
}

}  // namespace
}  // namespace portcullis
