#include "keystore/algorithm.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

using enum Algorithm;

TEST(AlgorithmNames, EachNameLeadsBackToItsAlgorithm) {
  EXPECT_EQ(all_algorithms().size(), 11U);
  for (const Algorithm one : all_algorithms()) EXPECT_EQ(algorithm_from_name(algorithm_name(one)), one);
  EXPECT_EQ(algorithm_name(rs256), "RS256");
  EXPECT_EQ(algorithm_name(eddsa), "EdDSA");
  EXPECT_EQ(algorithm_name(ed25519), "Ed25519");
}

TEST(AlgorithmNames, NothingElseIsAnAlgorithm) {
  for (const char* name : {"", "none", "None", "HS256", "HS512", "rs256", "RS1", "ES256K", "ES521", "Ed448", "eddsa", "ED25519", "RS256 ",
                           "PS256x", "RSA-OAEP"}) {
    EXPECT_FALSE(algorithm_from_name(name)) << name;
  }
  EXPECT_FALSE(algorithm_from_name(std::string_view("RS256\0", 6)));
}

TEST(AlgorithmSets, ATypeServesItsOwnFamilyAlone) {
  EXPECT_EQ(algorithms_for(KeyType::rsa), (AlgorithmSet{rs256, rs384, rs512, ps256, ps384, ps512}));
  EXPECT_EQ(algorithms_for(KeyType::ec_p256), AlgorithmSet{es256});
  EXPECT_EQ(algorithms_for(KeyType::ec_p384), AlgorithmSet{es384});
  EXPECT_EQ(algorithms_for(KeyType::ec_p521), AlgorithmSet{es512});
  EXPECT_EQ(algorithms_for(KeyType::ed25519), (AlgorithmSet{eddsa, ed25519}));
}

TEST(AlgorithmSets, IntersectKeepsWhatBothHold) {
  EXPECT_EQ((AlgorithmSet{rs256, ps256}.intersect(AlgorithmSet{ps256, es256})), AlgorithmSet{ps256});
  EXPECT_TRUE((AlgorithmSet{rs256}.intersect(AlgorithmSet{es256})).empty());
  EXPECT_FALSE(AlgorithmSet{rs256}.contains(rs384));
}

TEST(KeyTypes, HaveNamesForPeople) {
  EXPECT_EQ(key_type_name(KeyType::rsa), "RSA");
  EXPECT_EQ(key_type_name(KeyType::ec_p256), "EC P-256");
  EXPECT_EQ(key_type_name(KeyType::ec_p384), "EC P-384");
  EXPECT_EQ(key_type_name(KeyType::ec_p521), "EC P-521");
  EXPECT_EQ(key_type_name(KeyType::ed25519), "Ed25519");
}

}  // namespace
}  // namespace portcullis
