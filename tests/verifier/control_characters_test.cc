// Control characters.
#include "verifier/control_characters.h"

#include <gtest/gtest.h>

#include <string>

namespace portcullis {
namespace {

TEST(ControlCharacters, AreFoundAnywhere) {
  for (unsigned c = 0; c < 0x20; ++c) EXPECT_TRUE(has_control(std::string("ab") + static_cast<char>(c) + "c")) << c;
  EXPECT_TRUE(has_control("\x7f"));
  for (unsigned c = 0x80; c < 0xa0; ++c) EXPECT_TRUE(has_control(std::string("a\xc2") + static_cast<char>(c))) << c;
}

TEST(ControlCharacters, AreNotSeenInOtherText) {
  EXPECT_FALSE(has_control(""));
  EXPECT_FALSE(has_control(" ~"));
  EXPECT_FALSE(has_control("\xc2\xa0"));
  EXPECT_FALSE(has_control("\xc3\x80\xe2\x82\x80"));  // the continuation bytes 0x80 of other characters
}

}  // namespace
}  // namespace portcullis
