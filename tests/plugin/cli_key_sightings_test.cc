#include "plugin/cli/key_sightings.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_http.h"

namespace portcullis {
namespace {

TEST(KeySightings, OfSeveralGatesAreSummedAndTheLatestTimeStays) {
  SourceSightings seen;
  ASSERT_TRUE(add_sightings(R"({"sources":[{"name":"file","keys":[{"kid":"a","uses":2,"lastUsed":"2026-03-01T12:00:00.000Z"}]}]})", seen));
  ASSERT_TRUE(add_sightings(R"({"sources":[{"name":"file","keys":[{"kid":"a","uses":3,"lastUsed":"2026-03-01T11:00:00.000Z"}]}]})", seen));

  EXPECT_EQ(seen.at("file").at("a").uses, 5);
  EXPECT_EQ(seen.at("file").at("a").last_used, test::kNow);
}

TEST(KeySightings, AreOfTheirOwnSourceAlone) {
  SourceSightings seen;
  ASSERT_TRUE(add_sightings(R"({"sources":[{"name":"oidc","keys":[{"kid":"a","uses":2,"lastUsed":null}]}]})", seen));

  EXPECT_EQ(seen.count("file"), 0U);
  EXPECT_EQ(seen.at("oidc").at("a").uses, 2);
}

TEST(KeySightings, OddMembersAreNoSightings) {
  SourceSightings seen;
  ASSERT_TRUE(add_sightings(R"({"sources":[{"name":"file","keys":[{"kid":1,"uses":2},{"kid":"a","uses":-1,"lastUsed":"yesterday"},)"
                            R"({"kid":"b","uses":9223372036854775807},{"kid":"b","uses":1}]}]})",
                            seen));

  EXPECT_EQ(seen.at("file").size(), 2U);
  EXPECT_EQ(seen.at("file").at("a").uses, 0);
  EXPECT_FALSE(seen.at("file").at("a").last_used);
  EXPECT_EQ(seen.at("file").at("b").uses, 9223372036854775807);
}

TEST(KeySightings, OfWhatIsNoStatusAreRefused) {
  SourceSightings seen;

  for (const char* text : {"", "no", "[]", "{}", R"({"sources":{}})"})
    EXPECT_EQ(add_sightings(text, seen).error().reason, Reason::json_malformed) << text;
}

TEST(KeySightings, AreAskedForWhereTheAdminListenerIs) {
  for (const auto& [given, asked] : {std::pair{"127.0.0.1:9181", "http://127.0.0.1:9181/status"},
                                     {"http://[::1]:9181/", "http://[::1]:9181/status"},
                                     {"https://gate.example/admin/status", "https://gate.example/admin/status"}}) {
    FakeHttp http;
    http.answer(200, R"({"sources":[]})");
    SourceSightings seen;
    EXPECT_TRUE(ask_sightings(http, given, seen)) << given;
    EXPECT_EQ(http.asked().at(0).url, asked);
  }
}

TEST(KeySightings, AFaultNamesTheGateAndNotItsQuery) {
  FakeHttp http;
  http.answer(404, "");
  http.answer(200, "<html>");
  SourceSightings seen;

  EXPECT_EQ(ask_sightings(http, "127.0.0.1:1", seen).error().detail, "http://127.0.0.1:1/status: HTTP 404");
  const Error page = ask_sightings(http, "http://127.0.0.1:1/status?canary", seen).error();
  EXPECT_TRUE(page.detail.starts_with("http://127.0.0.1:1/status: ")) << page.detail;
}

}  // namespace
}  // namespace portcullis
