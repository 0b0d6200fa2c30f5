// The value of an Authorization header to the one bearer token in it.
#include "plugin/http/credential.h"

#include <gtest/gtest.h>

#include <string>

#include "plugin/http/request.h"
#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

struct Credential {
  Reason reason;
  std::string token;
};

Credential credential(const test::HeaderList& headers) {
  HttpRequest request;
  for (const auto& [name, value] : headers) request.headers.emplace_back(name, value);
  const auto token = bearer_token(request);
  if (!token) return {token.error().reason, ""};
  return {Reason::allowed, *token ? std::string(**token) : "(none)"};
}

Credential credential(const std::string& value) { return credential(test::HeaderList{{"Authorization", value}}); }

TEST(BearerToken, IsReadInAnyLetterCaseBehindOneBlankOrMore) {
  for (const std::string scheme : {"Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer  ", "Bearer         "}) {
    EXPECT_EQ(credential(scheme + "a.b.c").token, "a.b.c") << scheme;
  }
}

TEST(BearerToken, IsOneWordOfTheB64Alphabet) {
  for (const std::string token : {"a", "AZaz09-._~+/", "abc=", "abc==", "a======"}) EXPECT_EQ(credential("Bearer " + token).token, token);
  for (const std::string token :
       {"=", "==", "a=b", "a b", "a ", "a,", "a, Basic b", "a\tb", "a\"", "a;", "a:b", "\xc3\xa4", "a\x7f", "a%41", "a\n"}) {
    EXPECT_EQ(credential("Bearer " + token).reason, Reason::authorization_malformed) << token;
  }
}

TEST(BearerToken, EachByteIsLookedAtWhereverItStands) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";
  for (const std::size_t size : {1U, 15U, 16U, 17U, 33U}) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int byte = 1; byte < 256; ++byte) {
        std::string token(size, 'a');
        token[place] = static_cast<char>(byte);
        const bool good = alphabet.find(static_cast<char>(byte)) != std::string_view::npos ||
                          (byte == '=' && place + 1 == size && size > 1) || (byte == ' ' && place == 0 && size > 1);
        ASSERT_EQ(credential("Bearer " + token).reason, good ? Reason::allowed : Reason::authorization_malformed)
            << "byte " << byte << " at " << place << " of " << size;
      }
    }
  }
}

TEST(BearerToken, IsNotThereWithoutAHeaderOrInAnEmptyOne) {
  EXPECT_EQ(credential(test::HeaderList{}).token, "(none)");
  EXPECT_EQ(credential("").token, "(none)");
}

TEST(BearerToken, IsMalformedWithoutASchemeOrWithoutAToken) {
  for (const std::string value : {"Bearer", "Bearer ", "Bearer   ", "bearer", "a.b.c", "Bearer\ta.b.c", " Bearer a", " ", "Basic", "a.b c",
                                  "Bearer:a", "B\xc3\xa4r x", ", x"}) {
    EXPECT_EQ(credential(value).reason, Reason::authorization_malformed) << value;
  }
}

TEST(BearerToken, IsNotLookedForInOtherSchemes) {
  for (const std::string value : {"Basic dXNlcjpwYXNz", "Basic Og==", "Token a.b.c", "Foo Bearer a.b.c", "xBearer a.b.c", "Negotiate x y",
                                  "Bearerx a", "AWS4-HMAC-SHA256 a"}) {
    EXPECT_EQ(credential(value).reason, Reason::scheme_unsupported) << value;
  }
}

TEST(BearerToken, IsRefusedTwiceEvenWhereBothAreEqual) {
  using List = test::HeaderList;
  for (const List& headers :
       {List{{"Authorization", "Bearer a"}, {"Authorization", "Bearer a"}}, List{{"Authorization", "Bearer a"}, {"authorization", ""}},
        List{{"AUTHORIZATION", "Basic a"}, {"Authorization", "Bearer a"}}, List{{"Authorization", ""}, {"Authorization", ""}}}) {
    EXPECT_EQ(credential(headers).reason, Reason::multiple_credentials);
  }
}

}  // namespace
}  // namespace portcullis
