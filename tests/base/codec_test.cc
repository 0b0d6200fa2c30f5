// base/codec: base64url, hex, percent, UTF-8.
#include <string>

#include <gtest/gtest.h>

#include "base/codec/base64url.h"
#include "base/codec/hex.h"
#include "base/codec/percent.h"
#include "base/codec/utf8.h"

namespace portcullis {
namespace {

TEST(Base64Url, EncodesTheExamplesOfRfc4648WithoutPadding) {
  EXPECT_EQ(base64url_encode(""), "");
  EXPECT_EQ(base64url_encode("f"), "Zg");
  EXPECT_EQ(base64url_encode("fo"), "Zm8");
  EXPECT_EQ(base64url_encode("foo"), "Zm9v");
  EXPECT_EQ(base64url_encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
}

TEST(Base64Url, DecodesWhatItEncodes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    const auto back = base64url_decode(base64url_encode(bytes));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, bytes);
  }
}

TEST(Base64Url, RefusesEveryByteThatIsNotOfTheAlphabet) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (int i = 0; i < 256; ++i) {
    const std::string text = {'A', 'A', 'A', static_cast<char>(i)};
    EXPECT_EQ(base64url_decode(text).ok(), alphabet.find(static_cast<char>(i)) != std::string::npos) << i;
  }
}

TEST(Base64Url, RefusesAByteOfNoAlphabetWhereverItStands) {
  for (const std::size_t size : {20U, 36U, 63U, 64U, 66U}) {
    const std::string good(size, 'b');
    const std::string bytes = *base64url_decode(good.substr(0, size / 4 * 4));
    EXPECT_EQ(bytes.substr(0, 3), "\x6d\xb6\xdb");
    for (std::size_t place = 0; place < size / 4 * 4; ++place) {
      for (const char foreign : {'+', '/', '=', '\0', '\x7f', '\xff', '@', '[', '`', '{', ' '}) {
        std::string text = good;
        text[place] = foreign;
        EXPECT_FALSE(base64url_decode(text).ok()) << size << ' ' << place << ' ' << static_cast<int>(foreign);
      }
    }
  }
}

TEST(Base64Url, ReadsEveryLetterAtEveryPlace) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t shift = 0; shift < 64; ++shift) {
    const std::string text = alphabet.substr(shift) + alphabet.substr(0, shift);
    const auto bytes = base64url_decode(text);
    ASSERT_TRUE(bytes.ok()) << shift;
    ASSERT_EQ(bytes->size(), 48U);
    for (std::size_t place = 0; place < 64; ++place) {
      const std::size_t bit = place * 6;
      unsigned value = 0;
      for (std::size_t i = bit; i < bit + 6; ++i) value = value * 2 + ((static_cast<unsigned char>((*bytes)[i / 8]) >> (7 - i % 8)) & 1U);
      EXPECT_EQ(value, (place + shift) % 64) << shift << ' ' << place;
    }
  }
}

TEST(Base64Url, RefusesPaddingAndLengthsThatEndInsideAByte) {
  EXPECT_FALSE(base64url_decode("Zg==").ok());
  EXPECT_FALSE(base64url_decode("Zm8=").ok());
  EXPECT_FALSE(base64url_decode("Z").ok());
  EXPECT_FALSE(base64url_decode("Zm9vY").ok());
  EXPECT_TRUE(base64url_decode("Zm9vYg").ok());
}

TEST(Base64, IsWrittenBehindWhatIsThere) {
  using Example = std::pair<std::string, std::string>;
  for (const auto& [bytes, text] :
       {Example("", ""), Example("f", "Zg=="), Example("fo", "Zm8="), Example("foo", "Zm9v"), Example("\xfb\xff\xfe", "+//+")}) {
    std::string behind = "Basic ";
    base64_append(behind, bytes);
    EXPECT_EQ(behind, std::string("Basic ") + text);
    EXPECT_EQ(base64_encode(bytes), text);
  }
}

TEST(Base64Url, RefusesSpareBitsThatAreNotZero) {
  int accepted = 0;
  for (const char c : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
    accepted += base64url_decode(std::string("Z") + c).ok() ? 1 : 0;
  }
  EXPECT_EQ(accepted, 4);  // A, Q, g, w: four spare bits of two characters
}

TEST(Base64, ReadsBasicCredentialsStrictly) {
  EXPECT_EQ(*base64_decode("dXNlcjpwYXNz"), "user:pass");
  EXPECT_EQ(*base64_decode("Og=="), ":");
  EXPECT_FALSE(base64_decode("Og").ok());
  EXPECT_FALSE(base64_decode("O===").ok());
  EXPECT_FALSE(base64_decode("====").ok());
  EXPECT_FALSE(base64_decode("Og=g").ok());
  EXPECT_FALSE(base64_decode("-_8=").ok());
}

TEST(Hex, RoundTripsAndRefusesOddOrForeignText) {
  EXPECT_EQ(hex_encode(std::string("\x00\x7f\xff", 3)), "007fff");
  EXPECT_EQ(*hex_decode("007FfF"), std::string("\x00\x7f\xff", 3));
  EXPECT_FALSE(hex_decode("0").ok());
  EXPECT_FALSE(hex_decode("0g").ok());
  EXPECT_TRUE(hex_decode("").ok());
}

TEST(QueryDecode, ReadsAsARegistryDoes) {
  EXPECT_EQ(*query_decode("a%2Fb+c"), "a/b c");
  EXPECT_EQ(*query_decode(""), "");
  EXPECT_FALSE(query_decode("%").ok());
  EXPECT_FALSE(query_decode("%2").ok());
  EXPECT_FALSE(query_decode("%zz").ok());
}

TEST(QueryDecode, DecodesOnceOnly) { EXPECT_EQ(*query_decode("%252f"), "%2f"); }

TEST(HeaderEncode, EncodesWhatCouldNotTravel) {
  EXPECT_EQ(header_encode("alice@example.com", false), "alice@example.com");
  EXPECT_EQ(header_encode("a b%c\r\n\x7f", false), "a%20b%25c%0D%0A%7F");
  EXPECT_EQ(header_encode("\xc3\xa9", false), "%C3%A9");
  EXPECT_EQ(header_encode("-", false), "%2D");
  EXPECT_EQ(header_encode("--", false), "--");
}

TEST(HeaderEncode, KeepsACommaInsideOneMemberOfAList) {
  EXPECT_EQ(header_encode("x,admins", true), "x%2Cadmins");
  EXPECT_EQ(header_encode("x,admins", false), "x,admins");
}

TEST(EscapeForLog, EscapesControlsQuotesAndBrokenUtf8) {
  EXPECT_EQ(escape_for_log("a\n\"\\\x1b[31m"), "a\\x0a\\\"\\\\\\x1b[31m");
  EXPECT_EQ(escape_for_log("\xff\xc3\xa9"), "\\xff\xc3\xa9");
}

TEST(DetailForLog, EscapesNoQuoteTwiceAndIsElseTheSame) {
  EXPECT_EQ(detail_for_log("the key \"a\\x0a\" is\n bad\xff"), "the key \"a\\x0a\" is\\x0a bad\\xff");
  EXPECT_EQ(detail_for_log(std::string(254, '"')), escape_for_log(std::string(254, 'a')).replace(0, 253, std::string(253, '"')));
}

TEST(EscapeForLog, CutsAt256Bytes) {
  EXPECT_EQ(escape_for_log(std::string(253, 'a')).size(), 253U);
  const std::string cut = escape_for_log(std::string(254, 'a'));
  EXPECT_LE(cut.size(), 256U);
  EXPECT_TRUE(cut.ends_with("…"));
}

TEST(Utf8, AcceptsTheEdgesOfEachLength) {
  for (const char* text :
       {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
}

TEST(Utf8, RefusesOverlongSurrogateAndCutSequences) {
  for (const char* text : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80", "\xc2", "\xe1\x80", "\xf1\x80\x80"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Utf8, APrefixCutsNoSequenceInHalf) {
  EXPECT_EQ(utf8_prefix("abc", 2), "ab");
  EXPECT_EQ(utf8_prefix("abc", 3), "abc");
  EXPECT_EQ(utf8_prefix("abc", 4), "abc");
  EXPECT_EQ(utf8_prefix("a\xe2\x82\xac", 3), "a");
  EXPECT_EQ(utf8_prefix("a\xe2\x82\xac", 4), "a\xe2\x82\xac");
  EXPECT_EQ(utf8_prefix("\xe2\x82z", 2), "\xe2\x82") << "broken bytes count one by one";
  EXPECT_EQ(utf8_prefix("", 0), "");
}

TEST(Utf8, WritesTheEdgesOfEachLength) {
  const std::pair<std::uint32_t, std::string_view> rows[] = {{0x1, "\x01"},
                                                             {0x7f, "\x7f"},
                                                             {0x80, "\xc2\x80"},
                                                             {0x7ff, "\xdf\xbf"},
                                                             {0x800, "\xe0\xa0\x80"},
                                                             {0xd7ff, "\xed\x9f\xbf"},
                                                             {0xffff, "\xef\xbf\xbf"},
                                                             {0x10000, "\xf0\x90\x80\x80"},
                                                             {0x10ffff, "\xf4\x8f\xbf\xbf"}};
  std::string all = "behind: ";
  std::string expected = all;
  for (const auto& [code, text] : rows) {
    char written[4];
    EXPECT_EQ(std::string_view(written, static_cast<std::size_t>(put_utf8(written, code) - written)), text) << code;
    append_utf8(all, code);
    expected += text;
  }
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace portcullis
