#include "keystore/key_secret.h"

#include <gtest/gtest.h>

#include "base/codec/json_writer.h"
#include "tests/keystore/keys.h"

namespace portcullis {
namespace {

using test::key_pair;
using test::kNow;

Result<ParsedKeys> read(std::string_view json) { return read_secret(json, kNow); }

Reason error_of(std::string_view json) {
  const Result<ParsedKeys> parsed = read(json);
  return parsed ? Reason::allowed : parsed.error().reason;
}

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// A secret of one good entry "good" and another.
std::string with_good(const std::string& id, const std::string& value) {
  return R"({"good":)" + json_text(key_pair("ED25519").public_pem()) + "," + json_text(id) + ":" + value + "}";
}

std::string jwk(const char* kind, const std::optional<std::string>& kid = {}, const char* name = "first") {
  return key_pair(kind, name).public_jwk({.kid = kid, .alg = {}, .use = {}, .extra = {}});
}
std::string set_of(const std::string& jwks) { return R"({"keys":[)" + jwks + "]}"; }

std::vector<std::string> ids(const Result<ParsedKeys>& parsed) {
  std::vector<std::string> all;
  if (parsed) {
    for (const Key& key : parsed->keys) all.push_back(key.id());
  }
  return all;
}
using Ids = std::vector<std::string>;

TEST(KeySecret, MapsIdsToEveryFormOfKey) {
  const Result<ParsedKeys> parsed =
      read("{\"pem\":" + json_text(key_pair("RSA-2048").public_pem()) + ",\"pkcs1\":" + json_text(key_pair("RSA-2048").public_pkcs1_pem()) +
           ",\"certificate\":" + json_text(key_pair("P-256").certificate_pem(kNow, kNow)) +
           ",\"jwks text\":" + json_text(set_of(jwk("ED25519"))) + ",\"jwk text\":" + json_text(" \n" + jwk("P-384")) +
           ",\"jwks\":" + set_of(jwk("P-521")) + ",\"jwk\":" + jwk("P-256") + "}");
  ASSERT_TRUE(parsed.ok()) << parsed.error().detail;
  EXPECT_EQ(ids(parsed), (Ids{"certificate", "jwk", "jwk text", "jwks", "jwks text", "pem", "pkcs1"}));
  EXPECT_TRUE(parsed->quarantined.empty());
}

TEST(KeySecret, TheNameOfTheEntryRulesOverTheKidOfASingleKey) {
  EXPECT_EQ(ids(read("{\"outer\":" + json_text(set_of(jwk("P-256", "inner"))) + "}")), Ids{"outer"});
  EXPECT_EQ(ids(read("{\"outer\":" + jwk("P-256", "inner") + "}")), Ids{"outer"});
}

TEST(KeySecret, SeveralKeysOfAnEntryStandUnderTheirOwnKids) {
  EXPECT_EQ(ids(read("{\"outer\":" + set_of(jwk("P-256", "a") + "," + jwk("P-384", "b")) + "}")), (Ids{"a", "b"}));

  const Result<ParsedKeys> parsed = read("{\"outer\":" + set_of(jwk("P-256") + "," + jwk("P-384", "b")) + "}");
  EXPECT_EQ(ids(parsed), Ids{"b"});
  EXPECT_EQ(parsed->quarantined.at(0).id, "outer");
}

TEST(KeySecret, ABareJwkOrJwksIsTakenToo) {
  EXPECT_EQ(ids(read(jwk("P-256", "a"))), Ids{"a"});
  EXPECT_EQ(ids(read(jwk("P-256"))), Ids{""});
  EXPECT_EQ(ids(read(set_of(jwk("P-256", "a") + "," + jwk("ED25519", "b")))), (Ids{"a", "b"}));
}

TEST(KeySecret, AnEntryMayBeCalledKtyOrKeys) {
  EXPECT_EQ(ids(read("{\"kty\":" + json_text(key_pair("ED25519").public_pem()) + "}")), Ids{"kty"});
  EXPECT_EQ(ids(read("{\"kty\":" + json_text(jwk("ED25519")) + "}")), Ids{"kty"});
  EXPECT_EQ(ids(read("{\"kty\":" + jwk("ED25519") + "}")), Ids{"kty"});
  EXPECT_EQ(ids(read("{\"keys\":" + json_text(key_pair("ED25519").public_pem()) + "}")), Ids{"keys"});
  EXPECT_EQ(ids(read("{\"keys\":" + set_of(jwk("ED25519")) + "}")), Ids{"keys"});
}

TEST(KeySecret, TheEmptyIdIsAnId) { EXPECT_EQ(ids(read("{\"\":" + jwk("ED25519") + "}")), Ids{""}); }

TEST(KeySecret, IdsHave256BytesAtMost) {
  EXPECT_EQ(read(with_good(std::string(256, 'a'), jwk("P-256")))->keys.size(), 2U);
  const Result<ParsedKeys> parsed = read(with_good(std::string(257, 'a'), jwk("P-256")));
  EXPECT_EQ(ids(parsed), Ids{"good"});
  EXPECT_EQ(parsed->quarantined.at(0).error.reason, Reason::key_malformed);
  EXPECT_EQ(parsed->quarantined.at(0).id, std::string(256, 'a'));
}

TEST(KeySecret, OneBadEntryIsSetAsideAndNamed) {
  struct Bad {
    std::string value;
    Reason reason;
  };
  const TimePoint past = kNow - std::chrono::hours(1);
  for (const Bad& bad :
       {Bad{"1", Reason::key_malformed}, Bad{"null", Reason::key_malformed}, Bad{"[]", Reason::key_malformed},
        Bad{"true", Reason::key_malformed}, Bad{"1.5", Reason::key_malformed}, Bad{"{}", Reason::key_malformed},
        Bad{"\"\"", Reason::key_malformed}, Bad{"\"garbage\"", Reason::key_malformed}, Bad{"\"{\"", Reason::key_malformed},
        Bad{json_text(R"({"keys":[],"keys":[]})"), Reason::key_malformed}, Bad{R"({"keys":[]})", Reason::keys_empty},
        Bad{R"({"keys":{}})", Reason::key_malformed}, Bad{json_text(key_pair("ED25519").private_pem()), Reason::key_private},
        Bad{R"({"kty":"oct","k":"AA"})", Reason::key_symmetric}, Bad{json_text(key_pair("RSA-1024").public_pem()), Reason::key_weak},
        Bad{json_text(key_pair("P-256").certificate_pem(past, past)), Reason::key_certificate_invalid},
        Bad{json_text(key_pair("ED448").public_pem()), Reason::key_type_unsupported}}) {
    const Result<ParsedKeys> parsed = read(with_good("bad", bad.value));
    ASSERT_TRUE(parsed.ok()) << bad.value;
    EXPECT_EQ(ids(parsed), Ids{"good"}) << bad.value;
    ASSERT_EQ(parsed->quarantined.size(), 1U) << bad.value;
    EXPECT_EQ(parsed->quarantined[0].id, "bad");
    EXPECT_EQ(parsed->quarantined[0].error.reason, bad.reason) << bad.value;
  }
}

TEST(KeySecret, TextsThatAreNoObjectAreMalformed) {
  for (const char* text :
       {"", "null", "[]", "1", R"("text")", "{", "not JSON", "\xef\xbb\xbf{}", R"({"a":"x","a":"x"})", R"({"a\u0000":"x"})", R"({} {})"}) {
    EXPECT_EQ(error_of(text), Reason::secret_malformed) << text;
    EXPECT_TRUE(read(text).error().detail.starts_with("failed to parse secret JSON")) << text;
  }
  EXPECT_EQ(error_of(R"({"kty":"RSA","keys":1})"), Reason::secret_malformed);
}

TEST(KeySecret, PemInPlaceOfTheJsonIsToldWhatToWrite) {
  for (const std::string& text :
       {key_pair("ED25519").public_pem(), "\n " + key_pair("P-256").public_pem(), std::string("-----BEGIN garbage")}) {
    EXPECT_EQ(error_of(text), Reason::secret_malformed) << text;
    const std::string detail = read(text).error().detail;
    EXPECT_TRUE(detail.starts_with("failed to parse secret JSON: this is PEM")) << detail;
    EXPECT_NE(detail.find("key generate --keys"), std::string::npos) << detail;
    EXPECT_NE(detail.find("http.auth.bearer.cert"), std::string::npos) << detail;
  }
}

TEST(KeySecret, OtherTextsInPlaceOfTheJsonAreNamed) {
  const auto says = [](std::string_view text, std::string_view what) { return read(text).error().detail.find(what) != std::string::npos; };
  EXPECT_TRUE(says("", "it is empty"));
  EXPECT_TRUE(says(" \r\n", "it is empty"));
  EXPECT_TRUE(says("ssh-rsa AAAA ada@host", "a key of OpenSSH"));
  EXPECT_TRUE(says("ecdsa-sha2-nistp256 AAAA", "a key of OpenSSH"));
  EXPECT_TRUE(says(std::string_view("0*\x30\x05\x06\x03\0", 7), "this is DER"));
  EXPECT_FALSE(says("0", "DER"));
  EXPECT_TRUE(says("\xef\xbb\xbf{}", "byte order mark"));
}

TEST(KeySecret, APrivateKeyInPlaceOfTheJsonIsRefusedAsOne) {
  const std::string alone = key_pair("ED25519").private_pem();
  const std::string behind = key_pair("ED25519").public_pem() + alone;
  for (const std::string& text : {alone, behind}) {
    EXPECT_EQ(error_of(text), Reason::key_private);
    EXPECT_NE(read(text).error().detail.find("treat it as leaked"), std::string::npos);
  }
}

TEST(KeySecret, WithoutAnyUsableKeyItIsEmpty) {
  EXPECT_EQ(error_of("{}"), Reason::keys_empty);
  EXPECT_EQ(error_of(R"({"keys":[]})"), Reason::keys_empty);
  EXPECT_EQ(error_of(R"({"a":"garbage"})"), Reason::keys_empty);
  EXPECT_EQ(error_of(R"({"kty":"oct","k":"AA"})"), Reason::keys_empty);
}

TEST(KeySecret, TheFaultOfAnEmptyOneNamesIdsAndReasons) {
  const Result<ParsedKeys> parsed = read("{\"one\\n\":\"x\",\"two\":" + json_text(key_pair("RSA-1024").public_pem()) + "}");
  EXPECT_NE(parsed.error().detail.find("\"one\\x0a\": key_malformed (no valid PEM data found)"), std::string::npos)
      << parsed.error().detail;
  EXPECT_NE(parsed.error().detail.find("\"two\": key_weak (RSA modulus of 1024 bits"), std::string::npos) << parsed.error().detail;
}

TEST(KeySecret, TheFaultOfAnEmptyOneIsBounded) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + std::string(400, 'x') + "\":1";
  const Result<ParsedKeys> parsed = read(text + "}");
  EXPECT_LT(parsed.error().detail.size(), 4096U);
  EXPECT_TRUE(parsed.error().detail.ends_with("and 992 more"));
}

TEST(KeySecret, FaultsHoldNoMaterial) {
  const std::string secret = "Y2FuYXJ5LWluLWEtc2VjcmV0";
  for (const std::string& text :
       {R"({"a":")" + secret + "\"}", R"({"a":{"kty":"RSA","d":")" + secret + "\"}}", "{\"a\":\"" + secret,
        R"({"a":["x",")" + secret + "\"]}",
        "{\"a\":" + json_text("-----BEGIN PRIVATE KEY-----\n" + secret + "\n-----END PRIVATE KEY-----\n") + "}"}) {
    const Result<ParsedKeys> parsed = read(text);
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.error().detail.find("Y2Fu"), std::string::npos) << parsed.error().detail;
  }
}

TEST(KeySecret, DuplicatesAmongEntriesAreOneKeyOrAFault) {
  EXPECT_EQ(ids(read("{\"a\":" + jwk("P-256") + ",\"set\":" + set_of(jwk("P-256", "a") + "," + jwk("P-384", "b")) + "}")), (Ids{"a", "b"}));
  EXPECT_EQ(error_of("{\"a\":" + jwk("P-521") + ",\"set\":" + set_of(jwk("P-256", "a") + "," + jwk("P-384", "b")) + "}"),
            Reason::key_duplicate);
}

TEST(KeySecret, OneKeyMayHaveTwoIds) { EXPECT_EQ(ids(read("{\"a\":" + jwk("P-256") + ",\"b\":" + jwk("P-256") + "}")), (Ids{"a", "b"})); }

TEST(KeySecret, TenMebibytesAtMost) {
  const std::string text = "{\"a\":" + jwk("P-256") + "}";
  EXPECT_EQ(error_of(text + std::string(10485760 - text.size(), ' ')), Reason::allowed);
  EXPECT_EQ(error_of(text + std::string(10485760 - text.size() + 1, ' ')), Reason::secret_malformed);
}

TEST(KeySecret, AHundredThousandKeysAtMost) {
  const auto of_size = [](std::size_t count) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
    return text + "}";
  };
  EXPECT_EQ(error_of(of_size(100000)), Reason::keys_empty);
  EXPECT_EQ(error_of(of_size(100001)), Reason::secret_malformed);
}

TEST(KeySecret, ParsedAloneShowsWhatWasSetAsideEvenIfThatIsAll) {
  const Result<ParsedKeys> parsed = parse_secret(R"({"a":"garbage"})", kNow);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->quarantined.size(), 1U);
}

TEST(KeySecret, JsonBeginsWithABraceBlanksAside) {
  EXPECT_TRUE(looks_like_json(" \r\n\t{"));
  EXPECT_FALSE(looks_like_json(""));
  EXPECT_FALSE(looks_like_json("  "));
  EXPECT_FALSE(looks_like_json("-----BEGIN"));
  EXPECT_FALSE(looks_like_json("[{"));
}

}  // namespace
}  // namespace portcullis
