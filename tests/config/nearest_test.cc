#include "config/read/nearest.h"

#include <array>

#include <gtest/gtest.h>

namespace portcullis {
namespace {

const std::array<std::string, 4> kKnown = {"realm", "service", "cert", "awsSecretsManager"};

TEST(EditDistance, CountsInsertionsDropsChangesAndSwaps) {
  EXPECT_EQ(edit_distance("realm", "realm"), 0U);
  EXPECT_EQ(edit_distance("realm", "REALM"), 0U);
  EXPECT_EQ(edit_distance("reelm", "realm"), 1U);
  EXPECT_EQ(edit_distance("ralm", "realm"), 1U);
  EXPECT_EQ(edit_distance("reaalm", "realm"), 1U);
  EXPECT_EQ(edit_distance("relam", "realm"), 1U);
  EXPECT_EQ(edit_distance("", "cert"), 4U);
  EXPECT_EQ(edit_distance("abc", "xyz"), 3U);
}

TEST(Nearest, FindsTheWordThatWasMeant) {
  EXPECT_EQ(nearest("realms", kKnown), "realm");
  EXPECT_EQ(nearest("crt", kKnown), "cert");
  EXPECT_EQ(nearest("awsSecretManager", kKnown), "awsSecretsManager");
  EXPECT_EQ(nearest("serivce", kKnown), "service");
}

TEST(Nearest, FindsNothingFarAway) {
  EXPECT_EQ(nearest("htpasswd", kKnown), std::nullopt);
  EXPECT_EQ(nearest("", kKnown), std::nullopt);
  EXPECT_EQ(nearest("xy", kKnown), std::nullopt);
  EXPECT_EQ(nearest(std::string(65, 'r'), kKnown), std::nullopt);
}

}  // namespace
}  // namespace portcullis
