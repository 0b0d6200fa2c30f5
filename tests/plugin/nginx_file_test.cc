// nginx's configuration language.
#include "plugin/cli/nginx_file.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

using Words = std::vector<std::string>;

std::string fault_of(std::string_view text) {
  const auto read = read_nginx(text);
  return read ? "none" : read.error().detail;
}

TEST(NginxFile, IsWordsAndBlocks) {
  const auto read = read_nginx("a b  c;\n# d;\nserver {\n  listen 80; # e\n  location = /x { internal; }\n}\n");

  ASSERT_TRUE(read.ok()) << read.error().detail;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].words, (Words{"a", "b", "c"}));
  const NginxDirective& server = (*read)[1];
  EXPECT_EQ(server.line, 3U);
  ASSERT_EQ(server.children.size(), 2U);
  EXPECT_EQ(server.children[1].words, (Words{"location", "=", "/x"}));
  EXPECT_EQ(server.children[1].line, 5U);
  ASSERT_NE(server.child("location"), nullptr);
  EXPECT_NE(server.child("location")->child("internal"), nullptr);
  EXPECT_EQ(server.child("internal"), nullptr);
  EXPECT_EQ(server.word(7), "");
}

TEST(NginxFile, KnowsQuotesEscapesAndVariables) {
  const auto read = read_nginx(R"(a "b;{ \" c" 'd "e' f\;g ${h}/i "" j#k;)");
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(read->front().words, (Words{"a", "b;{ \" c", "d \"e", "f\\;g", "${h}/i", "", "j#k"}));
}

TEST(NginxFile, SaysWhereItIsBroken) {
  EXPECT_EQ(fault_of("a\nb"), "line 2: a directive has no end: ; or { is missing");
  EXPECT_EQ(fault_of("a { b; "), "line 1: a block has no end: } is missing");
  EXPECT_EQ(fault_of("a { b }"), "line 1: a directive has no end: ; is missing");
  EXPECT_EQ(fault_of("}"), "line 1: there is no block that } could end");
  EXPECT_EQ(fault_of(";"), "line 1: a directive has no name");
  EXPECT_EQ(fault_of("{ }"), "line 1: a directive has no name");
  EXPECT_EQ(fault_of("a \"b"), "line 1: a quote has no end");
  EXPECT_EQ(fault_of("a ${b;"), "line 1: a variable has no end: } is missing");
  EXPECT_EQ(fault_of(""), "none");
}

TEST(NginxFile, IsBounded) {
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "a {";
    return text + "b;" + std::string(depth, '}');
  };
  EXPECT_EQ(fault_of(nested(kNginxDepth)), "none");
  EXPECT_EQ(fault_of(nested(kNginxDepth + 1)), "line 1: blocks are nested too deep");
  EXPECT_EQ(fault_of(std::string(kNginxBytes, ' ')), "none");
  EXPECT_EQ(fault_of(std::string(kNginxBytes + 1, ' ')), "the file is larger than 1 MiB");
}

}  // namespace
}  // namespace portcullis
