#include "keystore/key_text.h"

#include <gtest/gtest.h>

#include "tests/keystore/keys.h"

namespace portcullis {
namespace {

using test::key_pair;
using test::kNow;

std::string jwk(const char* kid) { return key_pair("P-256").public_jwk({.kid = kid, .alg = {}, .use = {}, .extra = {}}); }
std::string set_of(const std::string& jwks) { return R"({"keys":[)" + jwks + "]}"; }

TEST(SingleKey, IsAPemBlockAJwkOrAJwksOfOne) {
  for (const std::string& text :
       {key_pair("P-256").public_pem(), "\n " + jwk("a"), set_of(jwk("a")), key_pair("P-256").certificate_pem(kNow, kNow)}) {
    const Result<Key> key = read_single_key(text, kNow);
    ASSERT_TRUE(key.ok()) << key.error().detail;
    EXPECT_EQ(key->type(), KeyType::ec_p256);
  }
}

TEST(SingleKey, AJwksOfNoneOrTwoIsRefusedInWordsThatCount) {
  EXPECT_EQ(read_single_key(R"({"keys":[]})", kNow).error().detail, "expected 1 key in JWKS, found 0");
  EXPECT_EQ(read_single_key(set_of(jwk("a") + "," + jwk("b")), kNow).error().detail, "expected 1 key in JWKS, found 2");
  EXPECT_EQ(read_single_key(set_of(jwk("a") + "," + jwk("a")), kNow).error().detail, "expected 1 key in JWKS, found 2");
}

TEST(SingleKey, TheFaultOfTheKeyIsTheFault) {
  EXPECT_EQ(test::refusal(set_of(R"({"kty":"oct","k":"AA"})")), Reason::key_symmetric);
  EXPECT_EQ(test::refusal(set_of("1")), Reason::key_malformed);
  EXPECT_EQ(test::refusal(key_pair("P-256").private_pem()), Reason::key_private);
}

TEST(SingleKey, OtherTextIsRefused) {
  for (const char* text : {"", " ", "{", "{}", "null", "[]", "garbage", R"({"keys":1})", R"({"kty":"EC","kty":"EC"})"}) {
    EXPECT_EQ(test::refusal(text), Reason::key_malformed) << text;
  }
}

TEST(KeyText, IsAnyFormToldByItsFirstBytes) {
  EXPECT_EQ(read_key_text(key_pair("P-256").public_pem(), kNow)->keys.at(0).id(), "");
  EXPECT_EQ(read_key_text(jwk("a"), kNow)->keys.at(0).id(), "a");
  EXPECT_EQ(read_key_text(set_of(jwk("a") + "," + jwk("b")), kNow)->keys.size(), 2U);
  EXPECT_EQ(read_key_text("{\"entry\":" + jwk("a") + "}", kNow)->keys.at(0).id(), "entry");
}

TEST(KeyText, ShowsWhatWasSetAsideEvenIfThatIsAll) {
  const Result<ParsedKeys> parsed = read_key_text(R"({"kty":"oct","k":"AA","kid":"a"})", kNow);
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->keys.empty());
  EXPECT_EQ(parsed->quarantined.at(0).id, "a");
  EXPECT_EQ(parsed->quarantined.at(0).error.reason, Reason::key_symmetric);
}

TEST(KeyText, OfNoFormIsAnError) {
  EXPECT_EQ(read_key_text("garbage", kNow).error().reason, Reason::key_malformed);
  EXPECT_EQ(read_key_text("{", kNow).error().reason, Reason::secret_malformed);
}

}  // namespace
}  // namespace portcullis
