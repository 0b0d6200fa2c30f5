// Header names: the same in any letter case, and to the byte else.
#include <string>

#include <gtest/gtest.h>

#include "plugin/http/header_scan.h"

namespace portcullis::test {
namespace {

/// What ASCII says of two bytes.
bool same_byte(unsigned char left, unsigned char right) {
  const auto is_letter = [](unsigned char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); };
  return left == right || (is_letter(left) && is_letter(right) && (left | 0x20) == (right | 0x20));
}

TEST(SameHeaderNameTest, HoldsForEveryPairOfBytesInEveryPlace) {
  for (const std::size_t size : {1U, 7U, 8U, 9U, 17U}) {
    for (std::size_t place = 0; place < size; ++place) {
      for (unsigned left = 0; left < 256; ++left) {
        for (unsigned right = 0; right < 256; ++right) {
          std::string one(size, 'x');
          std::string other(size, 'X');
          one[place] = static_cast<char>(left);
          other[place] = static_cast<char>(right);
          ASSERT_EQ(same_header_name(one, other), same_byte(static_cast<unsigned char>(left), static_cast<unsigned char>(right)))
              << left << " and " << right << " at " << place << " of " << size;
        }
      }
    }
  }
}

TEST(SameHeaderNameTest, WantsTheSameLength) {
  EXPECT_TRUE(same_header_name("X-Original-URI", "x-original-uri"));
  EXPECT_FALSE(same_header_name("x-original-uri", "x-original-ur"));
  EXPECT_FALSE(same_header_name("x_original-uri", "x-original-uri"));
  EXPECT_TRUE(same_header_name("", ""));
}

TEST(HeaderScanTest, CountsFactsAndKeepsTheFirstValue) {
  GateRules rules;
  rules.client_address_header = "X-Real-IP";
  rules.scheme_header = "X-Forwarded-Proto";
  HttpRequest request;
  request.headers = {{"X-ORIGINAL-URI", "/v2/"}, {"x-original-uri", "/v3/"},     {"X_Original_URI", "/v4/"},
                     {"x-real-ip", "192.0.2.7"}, {"X-Forwarded-Proto", "https"}, {"authorization", "Bearer x"}};
  const HeaderScan scan = scan_headers(request, rules);

  EXPECT_EQ(scan[Fact::original_uri].count, 2U);
  EXPECT_EQ(scan[Fact::original_uri].value, "/v2/");
  EXPECT_EQ(scan[Fact::client_address].value, "192.0.2.7");
  EXPECT_EQ(scan[Fact::scheme].value, "https");
  EXPECT_EQ(scan[Fact::authorization].count, 1U);
  EXPECT_EQ(scan[Fact::marker].count, 0U);
  EXPECT_TRUE(scan.names_are_tokens);
}

TEST(HeaderScanTest, TellsOfANameThatIsNoToken) {
  HttpRequest request;
  request.headers = {{"X Original-URI", "/v2/"}};
  EXPECT_FALSE(scan_headers(request, GateRules()).names_are_tokens);
  request.headers = {{"", "/v2/"}};
  EXPECT_FALSE(scan_headers(request, GateRules()).names_are_tokens);
}

}  // namespace
}  // namespace portcullis::test
