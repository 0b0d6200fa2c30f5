#include "broker/pull_secret/ownership.h"

#include <gtest/gtest.h>

#include "broker/pull_secret/manifest.h"

namespace portcullis {
namespace {

using Type = GeneratedSecretConfig::Type;

/// A secret of `pulls` as we leave it.
KubeObject ours(const std::string& space, const std::string& name = "regcred") {
  const std::string uid = "uid-" + space + "-" + name;
  return {.space = space,
          .name = name,
          .uid = uid,
          .version = "7",
          .labels = {{std::string(kManagedByLabel), "portcullis"}, {std::string(kOwnerLabel), "pulls"}},
          .annotations = {{std::string(kUidAnnotation), uid}, {std::string(kTypeAnnotation), "docker"}}};
}

class OwnershipTest : public testing::Test {
 protected:
  OwnershipTest() {
    config.name = "pulls";
    config.secrets = {{.name = "regcred", .type = Type::docker}};
  }

  /// "create a/regcred, apply b/regcred".
  std::string plan() {
    std::string text;
    for (const SecretAction& action :
         plan_secrets({.pull_secret = config, .spaces = spaces, .going = going, .seen = seen, .written = written})) {
      const char* const names[] = {"create", "apply", "remove", "keep", "leave"};
      text += (text.empty() ? "" : ", ") + std::string(names[static_cast<int>(action.step)]) + " " + action.place.first + "/" +
              action.place.second;
    }
    return text;
  }

  PullSecretConfig config;
  std::set<std::string> spaces{"a"};
  std::set<std::string> going;
  std::vector<KubeObject> seen;
  std::map<SecretPlace, WrittenSecret> written;
};

TEST_F(OwnershipTest, MakesEverySecretInEveryNamespace) {
  spaces = {"a", "b"};
  config.secrets.push_back({.name = "token", .type = Type::generic});
  EXPECT_EQ(plan(), "create a/regcred, create a/token, create b/regcred, create b/token");
}

TEST_F(OwnershipTest, RenewsWhatIsOurs) {
  seen = {ours("a")};
  EXPECT_EQ(plan(), "apply a/regcred");
}

TEST_F(OwnershipTest, KeepsWhatItWroteItselfAndNobodyChanged) {
  seen = {ours("a")};
  written[{"a", "regcred"}] = {.uid = seen[0].uid, .version = "7"};
  EXPECT_EQ(plan(), "keep a/regcred");

  written[{"a", "regcred"}] = {.uid = seen[0].uid, .version = "6"};
  EXPECT_EQ(plan(), "apply a/regcred");
  written[{"a", "regcred"}] = {.uid = "another", .version = "7"};
  EXPECT_EQ(plan(), "apply a/regcred");
}

TEST_F(OwnershipTest, RemovesWhatIsOursWhereItIsNoLongerWanted) {
  seen = {ours("a"), ours("b"), ours("a", "old-name")};
  EXPECT_EQ(plan(), "remove a/old-name, remove b/regcred, apply a/regcred");
}

TEST_F(OwnershipTest, LeavesASecretOfThatNameThatIsNotOurs) {
  seen = {{.space = "a", .name = "regcred", .uid = "u", .version = "1"}};
  EXPECT_EQ(plan(), "leave a/regcred");
}

TEST_F(OwnershipTest, LeavesTheSecretOfAnotherPullSecret) {
  seen = {ours("a")};
  seen[0].labels[std::string(kOwnerLabel)] = "others";
  EXPECT_EQ(plan(), "leave a/regcred");
}

TEST_F(OwnershipTest, LeavesACopyOfOursWhereverItIs) {
  seen = {ours("a"), ours("b")};
  seen[0].uid = "of-the-copy";
  seen[1].uid = "of-the-other-copy";
  EXPECT_EQ(plan(), "leave a/regcred");
}

TEST_F(OwnershipTest, IsOwnedByBothLabelsAndTheRecordedUid) {
  const KubeObject whole = ours("a");
  EXPECT_TRUE(is_owned(whole, "pulls"));
  EXPECT_FALSE(is_owned(whole, "other"));
  for (const std::string_view label : {kManagedByLabel, kOwnerLabel}) {
    KubeObject lacking = whole;
    lacking.labels.erase(std::string(label));
    EXPECT_FALSE(is_owned(lacking, "pulls")) << label;
  }
  KubeObject lacking = whole;
  lacking.annotations.erase(std::string(kUidAnnotation));
  EXPECT_FALSE(is_owned(lacking, "pulls"));
}

TEST_F(OwnershipTest, FinishesWhatWasCreatedAndNotFilled) {
  seen = {ours("a")};
  seen[0].annotations[std::string(kUidAnnotation)] = std::string(kUidPending);
  EXPECT_EQ(plan(), "apply a/regcred");
}

TEST_F(OwnershipTest, MakesASecretAnewWhoseTypeChanged) {
  seen = {ours("a"), ours("b")};
  spaces = {"a", "b"};
  config.secrets[0].type = Type::generic;
  EXPECT_EQ(plan(), "remove a/regcred, remove b/regcred, create a/regcred, create b/regcred");
}

TEST_F(OwnershipTest, TouchesNothingInANamespaceThatIsGoing) {
  spaces = {"a", "b"};
  going = {"b"};
  seen = {ours("b")};
  EXPECT_EQ(plan(), "create a/regcred");
}

TEST_F(OwnershipTest, WaitsForASecretOfOursThatIsGoing) {
  seen = {ours("a"), ours("b")};
  seen[0].going = seen[1].going = true;
  EXPECT_EQ(plan(), "");
}

TEST_F(OwnershipTest, SeesEachSecretOnceThoughTwoListsHaveIt) {
  seen = {ours("a"), ours("a")};
  EXPECT_EQ(plan(), "apply a/regcred");
}

}  // namespace
}  // namespace portcullis
