#include "plugin/cli/argument_mask.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/codec/percent.h"

namespace portcullis {
namespace {

ArgumentMask mask_of(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "portcullis");
  return {static_cast<int>(arguments.size()), arguments.data()};
}

TEST(ArgumentMask, TokensAndKeysLookLikeSecrets) {
  EXPECT_TRUE(looks_like_secret("eyJhbGciOiJFZERTQSJ9.e30.c2ln"));
  EXPECT_TRUE(looks_like_secret("-----BEGIN PRIVATE KEY-----\nMC4C/AQ\n"));
  EXPECT_TRUE(looks_like_secret(std::string(65, 'a')));
  EXPECT_TRUE(looks_like_secret(std::string(64, 'a') + "="));
}

TEST(ArgumentMask, NamesPathsAndExpressionsDoNot) {
  EXPECT_FALSE(looks_like_secret(std::string(64, 'a')));
  EXPECT_FALSE(looks_like_secret("/" + std::string(100, 'a')));
  EXPECT_FALSE(looks_like_secret(std::string(100, 'a') + " == 1"));
  EXPECT_FALSE(looks_like_secret("repository:" + std::string(100, 'a') + ":pull"));
  EXPECT_FALSE(looks_like_secret("vpce-0123456789abcdef0-abcdefgh.dkr.ecr.eu-west-1.vpce.amazonaws.com"));
  EXPECT_TRUE(looks_like_secret(std::string(64, 'a') + "0"));
  EXPECT_FALSE(looks_like_secret("eyJabcde"));
  EXPECT_FALSE(looks_like_secret(""));
}

TEST(ArgumentMask, EightBytesAreShown) {
  EXPECT_EQ(masked("eyJhbGciOiJ"), "eyJhbGci…");
  EXPECT_EQ(masked("eyJhbGci"), "eyJhbGci");
  EXPECT_EQ(shown_argument("eyJhbGciOiJ"), "eyJhbGci…");
  EXPECT_EQ(shown_argument("a-longer-name"), "a-longer-name");
}

TEST(ArgumentMask, MasksASecretWhereverItStands) {
  const ArgumentMask mask = mask_of({"verify", "--token=eyJhbGciOiJ.e30.c2ln", "Bearer eyJraWQiOiIx", "base.json"});

  EXPECT_TRUE(mask.any());
  EXPECT_EQ(mask.apply("a eyJhbGciOiJ.e30.c2ln: b eyJhbGciOiJ.e30.c2ln"), "a eyJhbGci…: b eyJhbGci…");
  EXPECT_EQ(mask.apply("'Bearer eyJraWQiOiIx' of base.json"), "'Bearer eyJraWQi…' of base.json");
}

TEST(ArgumentMask, MasksASecretThatIsPartOfAnotherAndOneThatWasEscaped) {
  const std::string pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n" + std::string(400, 'A');
  const ArgumentMask mask = mask_of({"eyJhbGciOiJ", "eyJhbGciOiJ.e30", pem.c_str()});

  EXPECT_EQ(mask.apply("eyJhbGciOiJ.e30, eyJhbGciOiJ"), "eyJhbGci…, eyJhbGci…");
  EXPECT_EQ(mask.apply(pem + "|" + escape_for_log(pem)), "-----BEG…|-----BEG…");
}

TEST(ArgumentMask, MasksASecretThatAMessageCutsOff) {
  const std::string token = "eyJhbGciOiJ." + std::string(400, 'a');
  const ArgumentMask mask = mask_of({("--token=" + token).c_str()});

  const std::string shown = mask.apply("no option '" + escape_for_log("--token=" + token) + "' here");

  EXPECT_TRUE(shown.starts_with("no option '--token=eyJhbGci…")) << shown;
  EXPECT_TRUE(shown.ends_with("' here")) << shown;
  EXPECT_EQ(shown.find("aaa"), std::string::npos) << shown;
}

TEST(ArgumentMask, WithoutSecretsNothingChanges) {
  const ArgumentMask mask = mask_of({"verify", "base.json"});

  EXPECT_FALSE(mask.any());
  EXPECT_EQ(mask.apply("eyJhbGciOiJ.e30"), "eyJhbGciOiJ.e30");
}

}  // namespace
}  // namespace portcullis
