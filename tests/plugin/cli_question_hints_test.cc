// What is told of a token's file and of a request that hold what people put there by mistake.
#include "plugin/cli/question_hints.h"

#include <string>

#include <gtest/gtest.h>

#include "plugin/cli/offline.h"
#include "tests/support/command_line.h"
#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using test::contains;

TEST(QuestionHints, NamesWhatStandsAroundAToken) {
  const auto hint = [](std::string_view token) { return token_hint(token, Reason::token_malformed); };
  for (const auto& [token, word] : {std::pair{"Bearer a.b.c", "holds a header"},
                                    {"bearer a.b.c", "holds a header"},
                                    {"Authorization: Bearer a.b.c", "holds a header"},
                                    {"\"a.b.c\"", "quotes"},
                                    {"'a.b.c'", "quotes"},
                                    {R"({"token":"a.b.c"})", "jq -r .token"},
                                    {"-----BEGIN PUBLIC KEY-----\n", "in PEM"},
                                    {"\xef\xbb\xbf"
                                     "a.b.c",
                                     "byte order mark"},
                                    {"a.\nb.c", "line breaks"},
                                    {" a.b.c", "line breaks"},
                                    {"a.b.c\n", "line breaks"}}) {
    EXPECT_TRUE(contains(hint(token), word)) << token << ": " << hint(token);
  }
  for (const char* token : {"", "a", "a.b.c", "bearera.b.c", "a+b.c.d", "bear"}) EXPECT_EQ(hint(token), "") << token;
  EXPECT_EQ(token_hint("\"a.b.c\"", Reason::token_too_large), "");
  EXPECT_TRUE(contains(token_hint("a.b.c", Reason::key_unknown), "portcullis keys CONFIG"));
}

TEST(QuestionHints, NamesWhatIsNoPathAndNoMethod) {
  for (const char* uri : {"https://registry.example/v2/", "v2/", ""})
    EXPECT_TRUE(contains(request_hint("GET", uri, Reason::path_not_canonical), "--uri is the path")) << uri;
  EXPECT_EQ(request_hint("GET", "/v2//", Reason::path_not_canonical), "");
  EXPECT_EQ(request_hint("GET", "v2/", Reason::route_unknown), "");
  EXPECT_TRUE(contains(request_hint("put", "/v2/", Reason::method_not_allowed), "capitals"));
  EXPECT_TRUE(contains(request_hint("Put", "/v2/", Reason::method_not_allowed), "capitals"));
  EXPECT_EQ(request_hint("TRACE", "/v2/", Reason::method_not_allowed), "");
}

TEST(QuestionHints, VerifyTellsThemBesideTheReason) {
  test::ChainWorld world{{}};
  const auto put = [&world](const char* path, const std::string& text) { ASSERT_TRUE(world.files.write(path, text, 0600).ok()); };
  put("/etc/portcullis/config.json", test::gate_config());
  put("/etc/portcullis/keys.json", test::secret_json({{"k1", &test::key_pair("ED25519")}}));
  const auto verify = [&](const std::string& token) {
    put("/tmp/token", token);
    return test::run_command(world, {"verify", "/etc/portcullis/config.json", "--token", "/tmp/token"});
  };

  const test::Said quoted = verify("\"canary.b.c\"\n");
  EXPECT_EQ(quoted.status, ExitStatus::no);
  EXPECT_TRUE(contains(quoted.out, "token_malformed")) << quoted.out;
  EXPECT_TRUE(contains(quoted.err, "portcullis: the token's file has quotes")) << quoted.err;
  EXPECT_FALSE(contains(quoted.out + quoted.err, "canary"));

  for (const char* nothing : {"", "\n", "\r\n"}) {
    const test::Said empty = verify(nothing);
    EXPECT_EQ(empty.status, ExitStatus::cannot_judge);
    EXPECT_TRUE(contains(empty.err, "--token: /tmp/token holds nothing")) << empty.err;
  }
}

}  // namespace
}  // namespace portcullis
