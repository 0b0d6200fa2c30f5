// Basic credentials: strict base64, one colon at least, no controls; and a token as the password.
#include <string>

#include <gtest/gtest.h>

#include "base/codec/base64url.h"
#include "plugin/http/basic_credential.h"

namespace portcullis {
namespace {

FactValue header(const std::string& value) { return {.count = 1, .value = value}; }

Reason refusal_of(const std::string& value) {
  const auto read = read_basic(header(value));
  return read.ok() ? Reason::allowed : read.error().reason;
}

TEST(BasicCredential, HoldsUserAndPassword) {
  for (const std::string scheme : {"Basic ", "basic ", "BASIC   "}) {
    const std::string value = scheme + base64_encode("alice:pass:word");
    const auto read = read_basic(header(value));
    ASSERT_TRUE(read.ok()) << value;
    ASSERT_TRUE(read->has_value());
    EXPECT_EQ((*read)->user, "alice");
    EXPECT_EQ((*read)->password.reveal(), "pass:word");
    EXPECT_EQ((*read)->encoded, base64_encode("alice:pass:word"));
  }
}

TEST(BasicCredential, IsAbsentWithoutAHeaderAndWithAnEmptyOne) {
  EXPECT_FALSE(read_basic({})->has_value());
  EXPECT_FALSE(read_basic(header(""))->has_value());
}

TEST(BasicCredential, IsEmptyWithoutUserAndPassword) {
  EXPECT_TRUE((*read_basic(header("Basic Og==")))->empty());
  EXPECT_FALSE((*read_basic(header("Basic " + base64_encode("u:"))))->empty());
}

TEST(BasicCredential, RefusesWhatIsNotUserAndPassword) {
  for (const std::string& value :
       {std::string("Basic"), std::string("Basic "), std::string("Basic x"), "Basic " + base64_encode("nocolon"),
        "Basic " + base64_encode("u:p\n"), "Basic " + base64_encode(std::string("u\0:p", 4)), "Basic " + base64_encode("u:\x7f"),
        "Basic " + base64_encode("u:p") + " x", "Basic\t" + base64_encode("u:p"), std::string("Basic dTpw="), std::string("Basic dTq_")}) {
    const Reason reason = refusal_of(value);
    EXPECT_TRUE(reason == Reason::authorization_malformed || reason == Reason::scheme_unsupported) << value << ": " << reason_name(reason);
  }
  EXPECT_EQ(refusal_of("Basic dTpw"), Reason::allowed);
}

TEST(BasicCredential, RefusesOtherSchemesAndTwoHeaders) {
  EXPECT_EQ(refusal_of("Bearer abc"), Reason::scheme_unsupported);
  EXPECT_EQ(read_basic({.count = 2, .value = "Basic dTpw"}).error().reason, Reason::multiple_credentials);
}

TEST(BearerOrBasic, TakesThePasswordForTheToken) {
  Secret decoded;
  const std::string value = "Basic " + base64_encode("anybody:aaa.bbb.ccc");
  const auto token = read_bearer_or_basic(header(value), decoded);
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(*token, "aaa.bbb.ccc");
  EXPECT_EQ(decoded.reveal(), "aaa.bbb.ccc");
}

TEST(BearerOrBasic, ReadsBearerAsBefore) {
  Secret decoded;
  EXPECT_EQ(*read_bearer_or_basic(header("Bearer aaa.bbb.ccc"), decoded), "aaa.bbb.ccc");
  EXPECT_EQ(read_bearer_or_basic(header("Token abc"), decoded).error().reason, Reason::scheme_unsupported);
  EXPECT_EQ(read_bearer_or_basic({.count = 2, .value = "Basic dTpw"}, decoded).error().reason, Reason::multiple_credentials);
  EXPECT_TRUE(decoded.empty());
}

TEST(BearerOrBasic, SeesNoCredentialInEmptyOnes) {
  Secret decoded;
  EXPECT_EQ(*read_bearer_or_basic(header("Basic Og=="), decoded), std::nullopt);
  EXPECT_EQ(*read_bearer_or_basic({}, decoded), std::nullopt);
}

}  // namespace
}  // namespace portcullis
