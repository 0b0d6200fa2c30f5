#include "keystore/refresh/jwks_source.h"

#include <gtest/gtest.h>

#include "keystore/refresh/round.h"
#include "tests/keystore/keys.h"
#include "tests/support/fake_http.h"
#include "tests/support/printing.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::key_pair;
using test::kNow;

const std::string kFirst = test::jwks_json({{"k1", &key_pair("ED25519")}});
const std::string kSecond = test::jwks_json({{"k2", &key_pair("P-256")}});

class JwksSourceTest : public testing::Test {
 protected:
  Error fault() {
    const Result<ParsedKeys> brought = source_->fetch(kNow);
    return brought ? Error{Reason::allowed, "it was good"} : brought.error();
  }
  Reason reason_for(int status, std::string body, HttpHeaders headers = {}) {
    http_.answer(status, std::move(body), std::move(headers));
    return fault().reason;
  }
  KeysOrigin origin_with(HttpHeaders headers) {
    http_.answer(200, kFirst, std::move(headers));
    return source_->fetch(kNow)->origin;
  }
  /// The `If-None-Match` of a request, or nothing.
  std::optional<std::string> condition(std::size_t request) {
    const OutgoingRequest asked = http_.asked().at(request);
    for (const auto& [name, value] : asked.headers) {
      if (name == "If-None-Match") return value;
    }
    return std::nullopt;
  }

  FakeHttp http_;
  std::unique_ptr<KeySource> source_ = make_jwks_source(http_, "https://keys.example/jwks.json?token=canary");
};

TEST_F(JwksSourceTest, HasALabelAndNoFiles) {
  EXPECT_EQ(source_->name(), "jwksURL");
  EXPECT_TRUE(source_->watched_files().empty());
}

TEST_F(JwksSourceTest, GetsTheKeysWithinBounds) {
  http_.answer(200, kFirst, {{"Content-Type", "text/plain"}});
  const Result<ParsedKeys> brought = source_->fetch(kNow);

  ASSERT_TRUE(brought);
  EXPECT_EQ(brought->keys.at(0).id(), "k1");
  const OutgoingRequest asked = http_.asked().at(0);
  EXPECT_EQ(asked.method, "GET");
  EXPECT_EQ(asked.url, "https://keys.example/jwks.json?token=canary");
  EXPECT_EQ(asked.body_limit, 1048576U);
  EXPECT_EQ(asked.timeout, 5s);
  EXPECT_EQ(asked.reachable, ReachableHosts::with_loopback) << "http on this host alone, no link-local address";
}

TEST_F(JwksSourceTest, AnUnchangedSetCostsA304AndKeepsTheKeys) {
  http_.answer(200, kFirst, {{"ETag", "\"one\""}});
  http_.answer(304, "");
  http_.answer(200, kSecond, {{"ETag", "W/\"two\""}});
  http_.answer(304, "");

  ASSERT_TRUE(source_->fetch(kNow));
  EXPECT_EQ(condition(0), std::nullopt);
  EXPECT_EQ(source_->fetch(kNow)->keys.at(0).id(), "k1");
  EXPECT_EQ(condition(1), "\"one\"");
  EXPECT_EQ(source_->fetch(kNow)->keys.at(0).id(), "k2");
  EXPECT_EQ(condition(2), "\"one\"");
  EXPECT_EQ(source_->fetch(kNow)->keys.at(0).id(), "k2");
  EXPECT_EQ(condition(3), "W/\"two\"");
}

TEST_F(JwksSourceTest, A304KeepsTheGeneration) {
  http_.answer(200, kFirst, {{"ETag", "\"one\""}});
  http_.answer(304, "");
  SourceState state;
  state.max_stale = 24h;
  state = finish_round(state, source_->fetch(kNow), 1, kNow).next;
  const RoundOutcome outcome = finish_round(state, source_->fetch(kNow + 1min), 2, kNow + 1min);

  EXPECT_FALSE(outcome.keys_changed);
  EXPECT_EQ(outcome.next.keys, state.keys);
  EXPECT_EQ(outcome.next.last_success, kNow + 1min);
}

TEST_F(JwksSourceTest, A304ToAnUnconditionalRequestIsAFailedRound) {
  EXPECT_EQ(reason_for(304, ""), Reason::io_failed);
  EXPECT_EQ(reason_for(200, kFirst), Reason::allowed);
  EXPECT_EQ(reason_for(304, ""), Reason::io_failed) << "there was no tag";
}

TEST_F(JwksSourceTest, WhatCouldNotBeUsedIsNeverCalledUnchanged) {
  http_.answer(200, kFirst, {{"ETag", "\"good\""}});
  http_.answer(200, "{\"keys\":[]}", {{"ETag", "\"empty\""}});
  http_.answer(304, "");
  ASSERT_TRUE(source_->fetch(kNow));

  EXPECT_EQ(fault().reason, Reason::keys_empty);
  EXPECT_TRUE(source_->fetch(kNow));
  EXPECT_EQ(condition(2), "\"good\"");
}

TEST_F(JwksSourceTest, ASetWithoutATagIsReadWholeAgain) {
  http_.answer(200, kFirst, {{"ETag", "\"one\""}});
  http_.answer(200, kSecond);
  http_.answer(200, kFirst);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(source_->fetch(kNow));

  EXPECT_EQ(condition(2), std::nullopt);
}

TEST_F(JwksSourceTest, TagsThatAHeaderCouldNotCarryAreForgotten) {
  for (const std::string& tag : {std::string("one"), std::string("\""), std::string(), std::string("W/"), std::string("\"a\" b"),
                                 "\"" + std::string(1023, 'x') + "\"", std::string("\"a\r\nX: y\"")}) {
    http_.answer(200, kFirst, {{"ETag", tag}});
    http_.answer(200, kFirst);
    const std::unique_ptr<KeySource> source = make_jwks_source(http_, "https://keys.example/");
    ASSERT_TRUE(source->fetch(kNow) && source->fetch(kNow));
    EXPECT_EQ(condition(http_.asked().size() - 1), std::nullopt) << tag;
  }
  http_.answer(200, kFirst, {{"ETag", "\"" + std::string(1022, 'x') + "\""}});
  http_.answer(304, "");
  EXPECT_TRUE(source_->fetch(kNow) && source_->fetch(kNow)) << "1,024 bytes";
}

TEST_F(JwksSourceTest, AnyOtherStatusIsAFailedRound) {
  for (const int status : {201, 204, 206, 301, 302, 307, 308, 400, 401, 403, 404, 429, 500, 503})
    EXPECT_EQ(reason_for(status, kFirst, {{"Location", "https://elsewhere.example/"}}), Reason::io_failed) << status;
  EXPECT_EQ(http_.asked().size(), 14U) << "no redirect was followed";
}

TEST_F(JwksSourceTest, WhatIsNoJwksIsAFailedRound) {
  for (const char* body : {"<html><body>sign in</body></html>", "", "null", "[]", "{}", "{\"keys\":1}", "\x1f\x8b\x08"})
    EXPECT_NE(reason_for(200, body, {{"Content-Type", "application/json"}}), Reason::allowed) << body;
  EXPECT_EQ(reason_for(200, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}"), Reason::keys_empty);
  EXPECT_EQ(reason_for(200, test::jwks_json({{"a", &key_pair("ED25519")}, {"a", &key_pair("P-256")}})), Reason::key_duplicate);
}

TEST_F(JwksSourceTest, AFaultOfTheNetworkIsAFailedRoundThatShowsNoQuery) {
  http_.fail("keys.example: connect timed out");
  const Error error = fault();

  EXPECT_EQ(error, (Error{Reason::io_failed, "failed to retrieve JWKS https://keys.example/jwks.json: keys.example: connect timed out"}));
}

TEST_F(JwksSourceTest, AGoodKeyBesideABadOneServes) {
  http_.answer(200, R"({"keys":[)" + key_pair("ED25519").public_jwk({.kid = "k1", .alg = {}, .use = {}, .extra = {}}) +
                        R"(,{"kty":"oct","kid":"k2","k":"AAAA"}]})");
  const Result<ParsedKeys> brought = source_->fetch(kNow);

  ASSERT_TRUE(brought);
  EXPECT_EQ(brought->keys.size(), 1U);
  EXPECT_EQ(brought->quarantined.at(0).id, "k2");
}

TEST_F(JwksSourceTest, MaxAgeIsWhatTheOriginGrantsLessTheAge) {
  EXPECT_EQ(origin_with({}).max_age, std::nullopt);
  EXPECT_EQ(origin_with({{"Cache-Control", "public, max-age=300"}}).max_age, 300s);
  EXPECT_EQ(origin_with({{"Cache-Control", "Max-Age=\"300\",must-revalidate"}}).max_age, 300s);
  EXPECT_EQ(origin_with({{"Cache-Control", "max-age=300"}, {"Age", "299"}}).max_age, 1s);
  EXPECT_EQ(origin_with({{"Cache-Control", "max-age=300"}, {"Age", "301"}}).max_age, 0s);
  EXPECT_EQ(origin_with({{"Cache-Control", "max-age=99999999999999999999"}}).max_age, std::chrono::seconds(2147483648));
}

TEST_F(JwksSourceTest, AMaxAgeThatCannotBeBelievedIsNone) {
  for (const char* control : {"no-store, max-age=300", "max-age=300, no-cache", "max-age=300, max-age=300", "max-age",
                              "max-age=", "max-age=-1", "max-age=1.5", "max-age=3 0", "s-maxage=300", "xmax-age=300", ",,,"})
    EXPECT_EQ(origin_with({{"Cache-Control", control}}).max_age, std::nullopt) << control;
}

TEST_F(JwksSourceTest, AFollowerCountsTheAgeOfTheKeysAtTheirOrigin) {
  EXPECT_EQ(origin_with({}).good_at, kNow);
  EXPECT_EQ(origin_with({{"Age", "3600"}}).good_at, kNow - 1h);
  EXPECT_EQ(origin_with({{"Age", "-5"}}).good_at, kNow);
  EXPECT_EQ(origin_with({{"Age", "x"}}).good_at, kNow);

  http_.answer(200, kFirst, {{"Age", "86400"}});
  SourceState state;
  state.max_stale = 24h;
  state = finish_round(state, source_->fetch(kNow), 1, kNow).next;
  EXPECT_EQ(state.last_success, kNow - 24h);
  EXPECT_EQ(state.freshness(kNow), Freshness::fresh);
  EXPECT_EQ(state.freshness(kNow + 1ms), Freshness::expired);
}

TEST_F(JwksSourceTest, WhatACacheHoldsFreshByItsOriginsWordIsGood) {
  const std::string week = "public, max-age=604800";
  EXPECT_EQ(origin_with({{"Cache-Control", week}, {"Age", "90000"}}).good_at, kNow);
  EXPECT_EQ(origin_with({{"Cache-Control", week}, {"Age", "604800"}}).good_at, kNow);
  EXPECT_EQ(origin_with({{"Cache-Control", week}, {"Age", "604801"}}).good_at, kNow - 604801s);
  EXPECT_EQ(origin_with({{"Cache-Control", "max-age=0"}, {"Age", "90000"}}).good_at, kNow - 90000s);
  EXPECT_EQ(origin_with({{"Cache-Control", "no-cache, max-age=604800"}, {"Age", "90000"}}).good_at, kNow - 90000s);
}

TEST_F(JwksSourceTest, AnAgeThatGrowsBehindA304GrowsHereToo) {
  http_.answer(200, kFirst, {{"ETag", "\"one\""}, {"Age", "10"}});
  http_.answer(304, "", {{"Age", "70"}});
  ASSERT_TRUE(source_->fetch(kNow));

  EXPECT_EQ(source_->fetch(kNow + 1min)->origin.good_at, kNow - 10s);
}

}  // namespace
}  // namespace portcullis
