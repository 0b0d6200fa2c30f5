// Forms and query strings, read in one way only.
#include <string>

#include <gtest/gtest.h>

#include "base/codec/form.h"

namespace portcullis {
namespace {

TEST(Form, DecodesNamesAndValuesOnceAndInOrder) {
  const auto fields = form_decode("b=1&a=x+y%2B&b=%32&%61=&c&&=v", 10);
  ASSERT_TRUE(fields.ok());
  EXPECT_EQ(*fields, (FormFields{{"b", "1"}, {"a", "x y+"}, {"b", "2"}, {"a", ""}, {"c", ""}, {"", "v"}}));
}

TEST(Form, OfNothingHasNoFields) { EXPECT_EQ(*form_decode("", 0), FormFields{}); }

TEST(Form, RefusesBrokenEscapesInNamesAndValues) {
  for (const char* text : {"a=%zz", "a=%", "a=%4", "%zz=1", "a=1&b=%"}) {
    const auto fields = form_decode(text, 10);
    ASSERT_FALSE(fields.ok()) << text;
    EXPECT_EQ(fields.error().reason, Reason::bad_request);
  }
}

TEST(Form, RefusesSemicolons) {
  EXPECT_FALSE(form_decode("a=1;b=2", 10).ok());
  EXPECT_TRUE(form_decode("a=1%3Bb=2", 10).ok());
}

TEST(Form, BoundsTheNumberOfFields) {
  EXPECT_TRUE(form_decode("a&b", 2).ok());
  EXPECT_FALSE(form_decode("a&b&c", 2).ok());
}

TEST(Form, EncodesWhatItDecodes) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  const FormFields fields{{"a b", every}, {every, ""}, {"a b", "again"}};
  const std::string text = form_encode(fields);
  EXPECT_EQ(*form_decode(text, 3), fields);
  EXPECT_EQ(form_encode({{"scope", "repository:a/b:pull,push"}, {"x", "a b~-._"}}), "scope=repository%3Aa%2Fb%3Apull%2Cpush&x=a+b~-._");
}

}  // namespace
}  // namespace portcullis
