#include "keystore/public_numbers.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "tests/keystore/keys.h"

namespace portcullis {
namespace {

std::string padded(std::string bytes, std::size_t width) { return std::string(width - bytes.size(), '\0') + bytes; }

Reason ec_verdict(KeyType curve, std::string_view x, std::string_view y) {
  const Result<Key> key = make_ec_key("", curve, x, y, algorithms_for(curve));
  return key ? Reason::allowed : key.error().reason;
}

struct Curve {
  const char* kind;
  KeyType type;
  std::size_t width;
};
constexpr Curve kCurves[] = {{"P-256", KeyType::ec_p256, 32}, {"P-384", KeyType::ec_p384, 48}, {"P-521", KeyType::ec_p521, 66}};

TEST(PublicNumbers, EcCoordinatesHaveExactlyTheLengthOfTheCurve) {
  for (const Curve& curve : kCurves) {
    const std::string x = padded(test::key_pair(curve.kind).part("qx"), curve.width);
    const std::string y = padded(test::key_pair(curve.kind).part("qy"), curve.width);
    EXPECT_EQ(coordinate_bytes(curve.type), curve.width);
    EXPECT_EQ(ec_verdict(curve.type, x, y), Reason::allowed);
    EXPECT_EQ(ec_verdict(curve.type, x.substr(1), y), Reason::key_malformed);
    EXPECT_EQ(ec_verdict(curve.type, std::string(1, '\0') + x, y), Reason::key_malformed);
    EXPECT_EQ(ec_verdict(curve.type, x, y.substr(1)), Reason::key_malformed);
    EXPECT_EQ(ec_verdict(curve.type, x, y + std::string(1, '\0')), Reason::key_malformed);
    EXPECT_EQ(ec_verdict(curve.type, "", ""), Reason::key_malformed);
  }
}

TEST(PublicNumbers, EcPointsMustBeOnTheCurve) {
  for (const Curve& curve : kCurves) {
    const std::string x = padded(test::key_pair(curve.kind).part("qx"), curve.width);
    std::string y = padded(test::key_pair(curve.kind).part("qy"), curve.width);
    y.back() = static_cast<char>(y.back() ^ 1);
    EXPECT_EQ(ec_verdict(curve.type, x, y), Reason::key_malformed);
    EXPECT_EQ(ec_verdict(curve.type, std::string(curve.width, '\0'), std::string(curve.width, '\0')), Reason::key_malformed);
    EXPECT_EQ(ec_verdict(curve.type, std::string(curve.width, '\xff'), std::string(curve.width, '\xff')), Reason::key_malformed);
    EXPECT_EQ(ERR_peek_error(), 0UL);
  }
}

TEST(PublicNumbers, RsaKeysAreCheckedBeforeTheyAreMade) {
  const AlgorithmSet all = algorithms_for(KeyType::rsa);
  EXPECT_EQ(make_rsa_key("", test::big_number(2047), test::kExponent65537, all).error().reason, Reason::key_weak);
  const Result<Key> key = make_rsa_key("a", test::big_number(8192), test::kExponent65537, all);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->bits(), 8192);
  EXPECT_EQ(rsa_modulus(*key), test::big_number(8192));
}

TEST(PublicNumbers, Ed25519KeysAreCheckedBeforeTheyAreMade) {
  const AlgorithmSet all = algorithms_for(KeyType::ed25519);
  EXPECT_EQ(make_ed25519_key("", std::string(32, '\0'), all).error().reason, Reason::key_weak);
  EXPECT_EQ(make_ed25519_key("", std::string(31, 'x'), all).error().reason, Reason::key_malformed);
  EXPECT_TRUE(make_ed25519_key("", test::key_pair("ED25519").part("pub"), all));
}

TEST(PublicNumbers, MembersAreSortedByName) {
  const Result<Key> key = make_ed25519_key("", test::key_pair("ED25519").part("pub"), algorithms_for(KeyType::ed25519));
  const auto members = jwk_members(key->native(), key->type());
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(members[0], (std::pair<std::string_view, std::string>("crv", "Ed25519")));
  EXPECT_EQ(members[1], (std::pair<std::string_view, std::string>("kty", "OKP")));
  EXPECT_EQ(members[2].first, "x");
}

}  // namespace
}  // namespace portcullis
