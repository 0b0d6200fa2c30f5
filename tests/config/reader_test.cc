#include "config/read/reader.h"

#include <gtest/gtest.h>

#include "config/load.h"

namespace portcullis {
namespace {

constexpr JsonLimits kLimits{.bytes = 1 << 16, .depth = 16, .members = 1000};
constexpr CountBounds kBounds{2, 5};
constexpr DurationBounds kTimes{Duration{1000}, Duration{2000}};

/// Reads one object and keeps what was said.
class Reader : public testing::Test {
 protected:
  Section open(std::string_view json) {
    auto parsed = parse_json(json, kLimits);
    EXPECT_TRUE(parsed.ok());
    document_.emplace(std::move(parsed).value());
    return {context_, document_->root(), "s"};
  }
  [[nodiscard]] std::string said() const { return format_findings(report_.findings()); }

  Report report_;
  std::string folder_ = "/f";
  ReadContext context_{report_, folder_};
  std::optional<JsonDocument> document_;
};

TEST_F(Reader, FindsKeysInAnyLetterCase) {
  Section section = open(R"({"SERVICE":"a","maxStale":"1s"})");

  EXPECT_EQ(section.text("service"), "a");
  EXPECT_EQ(section.duration("maxstale", kTimes), Duration{1000});
  section.finish();
  EXPECT_EQ(said(), "");
}

TEST_F(Reader, RefusesTwoSpellingsOfOneKey) {
  open(R"({"Realm":"a","realm":"b","REALM":"c"})");

  EXPECT_EQ(said(),
            "error: s.realm: two spellings of one key: \"Realm\" and \"realm\"\nerror: s.REALM: two spellings of one key: \"Realm\" and "
            "\"REALM\"\n");
}

TEST_F(Reader, NamesUnknownKeysWithTheNearest) {
  Section section = open(R"({"relam":"a","nothingLikeIt":1,"odd key\n":2})");
  section.text("realm");
  section.finish();

  EXPECT_EQ(said(),
            "error: s.relam: unknown key; did you mean \"realm\"?\nerror: s.nothingLikeIt: unknown key; the keys here are realm\n"
            "error: s[\"odd key\\n\"]: unknown key; the keys here are realm\n");
}

TEST_F(Reader, ReportsWrongTypesWithTheirPath) {
  Section section = open(R"({"a":1,"b":"x","c":"5","d":null,"e":{},"f":[1],"g":"","h":"a\u0007"})");

  EXPECT_FALSE(section.text("a"));
  EXPECT_FALSE(section.boolean("b"));
  EXPECT_FALSE(section.count("c", kBounds));
  EXPECT_FALSE(section.text("d"));
  EXPECT_FALSE(section.texts("e"));
  EXPECT_FALSE(section.texts("f"));
  EXPECT_FALSE(section.text("g"));
  EXPECT_FALSE(section.text("h"));
  EXPECT_EQ(said(),
            "error: s.a: must be a string, not integer\nerror: s.b: must be true or false, not string\nerror: s.c: must be a whole number, "
            "not string\n"
            "error: s.d: must be a string, not null; leave the key out\nerror: s.e: must be a list of strings, not object\n"
            "error: s.f[0]: must be a string, not integer\nerror: s.g: must not be empty; leave the key out instead\n"
            "error: s.h: must not hold control characters\n");
}

TEST_F(Reader, BoundsCountsAtBothEnds) {
  Section section = open(R"({"a":1,"b":2,"c":5,"d":6,"e":-1,"f":2.5})");

  EXPECT_FALSE(section.count("a", kBounds));
  EXPECT_EQ(section.count("b", kBounds), 2U);
  EXPECT_EQ(section.count("c", kBounds), 5U);
  EXPECT_FALSE(section.count("d", kBounds));
  EXPECT_FALSE(section.count("e", kBounds));
  EXPECT_FALSE(section.count("f", kBounds));
  EXPECT_EQ(report_.findings().size(), 4U);
}

TEST_F(Reader, BoundsDurationsAtBothEnds) {
  Section section = open(R"({"a":"999ms","b":"1s","c":"2s","d":"2001ms","e":"-1s"})");

  EXPECT_FALSE(section.duration("a", kTimes));
  EXPECT_EQ(section.duration("b", kTimes), Duration{1000});
  EXPECT_EQ(section.duration("c", kTimes), Duration{2000});
  EXPECT_FALSE(section.duration("d", kTimes));
  EXPECT_FALSE(section.duration("e", kTimes));
  EXPECT_EQ(report_.findings().size(), 3U);
  EXPECT_EQ(report_.findings()[0].message, "must be from 1s to 2s");
}

TEST_F(Reader, SaysThatABareNumberHasNoUnit) {
  Section section = open(R"({"a":60,"b":1.5})");

  section.duration("a", kTimes);
  section.duration("b", kTimes);

  EXPECT_EQ(said(),
            "error: s.a: a bare number has no unit (zot would read nanoseconds); write \"60s\" for seconds\n"
            "error: s.b: a bare number has no unit (zot would read nanoseconds); write \"1.5s\" for seconds\n");
}

TEST_F(Reader, MakesAListOfAScalar) {
  Section section = open(R"({"a":"x","b":["x","y"],"c":[]})");

  EXPECT_EQ(section.texts("a"), std::vector<std::string>{"x"});
  EXPECT_EQ(section.texts("b"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(section.texts("c"), std::vector<std::string>{});
  EXPECT_EQ(section.texts("d"), std::nullopt);
  EXPECT_EQ(said(), "");
}

TEST_F(Reader, ReadsListsOfObjectsAndMapsWithTheirPaths) {
  Section section = open(R"({"l":[{"x":1},2],"one":{"x":1},"m":{"Team/*":{"x":1},"b":3}})");
  const auto read = [](Section& inner) { inner.text("x"); };

  section.objects("l", [&](Section& inner, std::size_t) { read(inner); });
  section.objects("one", [&](Section& inner, std::size_t) { read(inner); });
  section.map("m", [&](std::string_view, Section& inner) { read(inner); });

  EXPECT_EQ(said(),
            "error: s.l[0].x: must be a string, not integer\nerror: s.l[1]: must be an object, not integer\nerror: s.one.x: must be a "
            "string, not integer\n"
            "error: s.m[\"Team/*\"].x: must be a string, not integer\nerror: s.m[\"b\"]: must be an object, not integer\n");
}

TEST_F(Reader, ResolvesFilesAgainstTheFolder) {
  Section section = open(R"({"a":"k.json","b":"/k.json","c":")" + std::string(4093, 'x') + R"(","d":")" + std::string(4092, 'x') + "\"}");

  EXPECT_EQ(section.file("a"), "/f/k.json");
  EXPECT_EQ(section.file("b"), "/k.json");
  EXPECT_FALSE(section.file("c"));
  EXPECT_TRUE(section.file("d"));
  EXPECT_EQ(said(), "error: s.c: a path has at most 4095 bytes\n");
}

TEST_F(Reader, AnAbsentSectionHasNoKeysAndNoFaults) {
  Section section(context_, JsonView(), "s");

  EXPECT_FALSE(section.present());
  EXPECT_FALSE(section.required_text("region", "region must be specified"));
  EXPECT_FALSE(section.count("workers", kBounds));
  section.finish();
  EXPECT_EQ(said(), "");
}

TEST_F(Reader, AsksForRequiredTexts) {
  Section section = open(R"({"b":"","c":"x"})");

  section.required_text("a", "a must be specified");
  section.required_text("b", "b must be specified");
  EXPECT_EQ(section.required_text("c", "c must be specified"), "x");

  EXPECT_EQ(said(), "error: s.a: a must be specified\nerror: s.b: b must be specified\n");
}

TEST_F(Reader, SuggestsAWord) {
  Section section = open(R"({"a":"advisery","b":"off"})");

  EXPECT_FALSE(section.word("a", {"off", "advisory"}));
  EXPECT_EQ(section.word("b", {"off", "advisory"}), "off");
  EXPECT_EQ(said(), "error: s.a: \"advisery\" is not one of off, advisory; did you mean \"advisory\"?\n");
}

TEST_F(Reader, ReadsTextsByName) {
  Section section = open(R"({"a":{"k":"v","l":""},"b":["k"],"c":{"k":1,"odd key":"a\u0007"},"d":{}})");

  EXPECT_EQ(section.texts_by_name("a"), (std::map<std::string, std::string>{{"k", "v"}, {"l", ""}}));
  EXPECT_FALSE(section.texts_by_name("b"));
  EXPECT_FALSE(section.texts_by_name("c"));
  EXPECT_EQ(section.texts_by_name("d"), (std::map<std::string, std::string>()));
  EXPECT_FALSE(section.texts_by_name("e"));
  EXPECT_EQ(said(),
            "error: s.b: must be an object of strings, not array\nerror: s.c[\"k\"]: must be a string, not integer\n"
            "error: s.c[\"odd key\"]: must not hold control characters\n");
}

TEST_F(Reader, AnObjectAListAndAMapThatAreNoneAreToldOnce) {
  Section section = open(R"({"o":[],"l":7,"m":[1]})");
  int calls = 0;

  section.object("o", [](Section& inner) { EXPECT_FALSE(inner.present()); });
  section.objects("l", [&](Section&, std::size_t) { ++calls; });
  section.map("m", [&](std::string_view, Section&) { ++calls; });

  EXPECT_EQ(calls, 0);
  EXPECT_EQ(said(),
            "error: s.o: must be an object, not array\nerror: s.l: must be a list of objects, not integer\n"
            "error: s.m: must be an object, not array\n");
}

TEST_F(Reader, WithoutAKeyThatIsNearOrAnyItListsNone) {
  Section nothing = open(R"({"x":1})");
  nothing.finish();
  EXPECT_EQ(said(), "error: s.x: unknown key\n");
}

TEST_F(Reader, AWordThatIsNearNoneIsToldWithThoseThatAre) {
  Section section = open(R"({"a":"zzzzzzzz"})");
  EXPECT_FALSE(section.word("a", {"off", "advisory"}));
  EXPECT_EQ(said(), "error: s.a: \"zzzzzzzz\" is not one of off, advisory\n");
}

}  // namespace
}  // namespace portcullis
