#include "keystore/der.h"

#include <string>

#include <gtest/gtest.h>

namespace portcullis {
namespace {

std::optional<std::string_view> unsigned_in(const std::string& bytes) {
  DerReader reader(bytes);
  return reader.take_unsigned();
}

TEST(Der, TakesElementsOneBehindTheOther) {
  const std::string bytes("\x02\x01\x05\x05\x00", 5);
  DerReader reader(bytes);
  EXPECT_TRUE(reader.next_is(DerTag::integer));
  EXPECT_EQ(reader.take(DerTag::integer), "\x05");
  EXPECT_EQ(reader.take(DerTag::null), "");
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.next_is(DerTag::null));
  EXPECT_FALSE(reader.take(DerTag::null));
}

TEST(Der, AnotherTagConsumesNothing) {
  const std::string bytes("\x02\x01\x05", 3);
  DerReader reader(bytes);
  EXPECT_FALSE(reader.take(DerTag::sequence));
  EXPECT_EQ(reader.take(DerTag::integer), "\x05");
}

TEST(Der, RefusesElementsThatAreCutOff) {
  for (const std::string& bytes : {std::string("\x30", 1), std::string("\x30\x01", 2), std::string("\x30\x81", 2),
                                   std::string("\x30\x82\x01", 3), "\x30\x81\x80" + std::string(127, 'x')}) {
    DerReader reader(bytes);
    EXPECT_FALSE(reader.take(DerTag::sequence));
  }
}

TEST(Der, TakesLongLengthsInTheShortestFormOnly) {
  const std::string short_form = std::string("\x30\x7f", 2) + std::string(127, 'x');
  const std::string long_form = std::string("\x30\x81\x80", 3) + std::string(128, 'x');
  EXPECT_EQ(DerReader(short_form).take(DerTag::sequence)->size(), 127U);
  EXPECT_EQ(DerReader(long_form).take(DerTag::sequence)->size(), 128U);
  for (const std::string& bytes : {std::string("\x30\x81\x7f", 3) + std::string(127, 'x'),      // would fit the short form
                                   std::string("\x30\x82\x00\x80", 4) + std::string(128, 'x'),  // leading zero
                                   std::string("\x30\x80xx\x00\x00", 6),                        // indefinite (BER)
                                   std::string("\x30\x85\x01\x00\x00\x00\x00", 7)}) {           // five bytes of length
    EXPECT_FALSE(DerReader(bytes).take(DerTag::sequence));
  }
}

TEST(Der, UnsignedNumbersLoseTheirSignByte) {
  EXPECT_EQ(unsigned_in(std::string("\x02\x01\x00", 3)), "");
  EXPECT_EQ(unsigned_in(std::string("\x02\x01\x7f", 3)), "\x7f");
  EXPECT_EQ(unsigned_in(std::string("\x02\x02\x00\x80", 4)), "\x80");
}

TEST(Der, RefusesNegativeEmptyAndPaddedNumbers) {
  EXPECT_FALSE(unsigned_in(std::string("\x02\x01\x80", 3)));
  EXPECT_FALSE(unsigned_in(std::string("\x02\x02\xff\x01", 4)));
  EXPECT_FALSE(unsigned_in(std::string("\x02\x00", 2)));
  EXPECT_FALSE(unsigned_in(std::string("\x02\x02\x00\x7f", 4)));
  EXPECT_FALSE(unsigned_in(std::string("\x02\x02\x00\x00", 4)));
}

}  // namespace
}  // namespace portcullis
