// base/codec/json and json_writer: strict in, escaped out.
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "base/codec/json_writer.h"

namespace portcullis {
namespace {

constexpr JsonLimits kLimits{.bytes = 1000, .depth = 8, .members = 20};

bool accepts(std::string_view text) { return parse_json(text, kLimits).ok(); }

TEST(ParseJson, ReadsEachType) {
  const auto document = parse_json(R"({"t":true,"i":-7,"r":1.5,"s":"x\u00e9","n":null,"a":[1,2],"o":{"k":"v"}})", kLimits);
  ASSERT_TRUE(document.ok());
  const JsonView root = document->root();
  EXPECT_EQ(root.get("t").boolean(), true);
  EXPECT_EQ(root.get("i").integer(), -7);
  EXPECT_EQ(root.get("r").number(), 1.5);
  EXPECT_EQ(root.get("s").string(), "x\xc3\xa9");
  EXPECT_TRUE(root.get("n").is_null());
  EXPECT_EQ(root.get("a").elements().size(), 2U);
  EXPECT_EQ(root.get("o").get("k").string(), "v");
  EXPECT_FALSE(root.get("missing").exists());
}

TEST(ParseJson, CoercesNothing) {
  const auto document = parse_json(R"({"i":"1","s":1,"b":1})", kLimits);
  EXPECT_FALSE(document->root().get("i").integer().has_value());
  EXPECT_FALSE(document->root().get("s").string().has_value());
  EXPECT_FALSE(document->root().get("b").boolean().has_value());
}

TEST(ParseJson, RefusesDuplicateMembersEvenWhenEscapedOrNested) {
  EXPECT_FALSE(accepts(R"({"a":1,"a":1})"));
  EXPECT_FALSE(accepts(R"({"a":1,"\u0061":1})"));
  EXPECT_FALSE(accepts(R"({"x":{"b":1,"b":2}})"));
}

TEST(ParseJson, NamesADuplicateWithoutQuotingIt) {
  const auto document = parse_json(R"({"hunter2":1,"hunter2":1})", kLimits);
  EXPECT_EQ(document.error().reason, Reason::json_malformed);
  EXPECT_NE(document.error().detail.find("duplicate"), std::string::npos);
  EXPECT_EQ(document.error().detail.find("hunter2"), std::string::npos);
}

TEST(ParseJson, RefusesWhatIsNotJson) {
  for (const char* text : {"", "{", "{}x", "{} {}", "[1,]", "{'a':1}", "// c\n{}", "NaN", "Infinity", "01", "+1", ".5", "\xef\xbb\xbf{}",
                           "\"\xff\"", "\"\\ud800\"", "tru"}) {
    EXPECT_FALSE(accepts(text)) << text;
  }
}

TEST(ParseJson, SaysWhatAnEditorPutInFrontOfIt) {
  const auto detail = [](std::string_view text) { return parse_json(text, {.bytes = 100, .depth = 4, .members = 10}).error().detail; };
  EXPECT_EQ(detail("\xef\xbb\xbf{}"), "not JSON at line 1, column 1: it begins with a byte order mark, save it as UTF-8 without one");
  EXPECT_EQ(detail("\xff\xfe{"), "not JSON at line 1, column 1: it is UTF-16, save it as UTF-8");
  EXPECT_EQ(detail("\xfe\xff"), "not JSON at line 1, column 1: it is UTF-16, save it as UTF-8");
  EXPECT_EQ(detail("\xef\xbb"), "not JSON at line 1, column 1");
}

TEST(ParseJson, RefusesNulInNamesAndValues) {
  EXPECT_FALSE(accepts(R"({"a":"x\u0000y"})"));
  EXPECT_FALSE(accepts(R"({"a\u0000":1})"));
  EXPECT_FALSE(parse_json(std::string_view("{}\0", 3), kLimits).ok());
}

TEST(ParseJson, RefusesNumbersBeyondTheirType) {
  EXPECT_TRUE(accepts("9223372036854775807"));
  EXPECT_FALSE(accepts("9223372036854775808"));
  EXPECT_TRUE(accepts("-9223372036854775808"));
  EXPECT_FALSE(accepts("-9223372036854775809"));
  EXPECT_FALSE(accepts("1e400"));
}

TEST(ParseJson, HoldsTheLimitOfBytes) {
  EXPECT_TRUE(accepts("\"" + std::string(998, 'a') + "\""));
  EXPECT_FALSE(accepts("\"" + std::string(999, 'a') + "\""));
}

TEST(ParseJson, HoldsTheLimitOfDepth) {
  EXPECT_TRUE(accepts(std::string(8, '[') + std::string(8, ']')));
  EXPECT_FALSE(accepts(std::string(9, '[') + std::string(9, ']')));
}

TEST(ParseJson, HoldsTheLimitOfMembersAndIgnoresTextInStrings) {
  std::string list = "[0";
  for (int i = 1; i < 20; ++i) list += ",0";
  EXPECT_TRUE(accepts(list + "]"));
  EXPECT_FALSE(accepts(list + ",0]"));
  EXPECT_TRUE(accepts("[\"" + std::string(100, ',') + "\\\"[[[[[[[[[[[[\"]"));
}

TEST(ParseJson, DoesNotRecurseIntoAMillionBrackets) {
  EXPECT_FALSE(parse_json(std::string(1'000'000, '['), {.bytes = 2'000'000, .depth = 32, .members = 1000}).ok());
}

TEST(JsonWriter, WritesMembersInOrderAndEscapes) {
  JsonWriter out;
  out.begin_object().key("z").string("a\"\\\n\x01\x7f\xff\xc3\xa9").key("a").begin_array().integer(-1).boolean(false).null().end_array();
  out.key("r").number(0.5).key("bad").number(std::nan("")).key("raw").raw("{}").end_object();
  EXPECT_EQ(out.text(), "{\"z\":\"a\\\"\\\\\\n\\u0001\\u007f\\u00ff\xc3\xa9\",\"a\":[-1,false,null],\"r\":0.5,\"bad\":null,\"raw\":{}}");
}

TEST(JsonWriter, WritesWhatTheParserReads) {
  std::string every_byte;
  for (int i = 1; i < 256; ++i) every_byte += static_cast<char>(i);
  JsonWriter out;
  out.string(every_byte);
  EXPECT_TRUE(parse_json(out.text(), {.bytes = 10000, .depth = 1, .members = 1}).ok());
}

}  // namespace
}  // namespace portcullis
