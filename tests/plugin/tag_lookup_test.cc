// Asking the registry for a tag: what counts as an answer, how long it does, and whose credential asks.
#include <condition_variable>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/mutex.h"
#include "plugin/tag_lookup.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_http.h"

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

struct Bench {
  FakeHttp http;
  FakeFiles files;
  FakeClock clock;
  TagLookup lookup{&http, files, clock, 1, 8};
  TagQuestion question{.registry = {.url = "http://registry:5000/", .tag_lookup = true, .token_file = std::nullopt},
                       .repository = "team/app",
                       .tags = {"v1"}};

  std::vector<std::pair<std::string, bool>> ask() {
    std::vector<std::pair<std::string, bool>> said;
    for (const TagFact& fact : lookup.ask(question, clock.steady_now())) said.emplace_back(fact.tag, fact.exists);
    return said;
  }
};

using Said = std::vector<std::pair<std::string, bool>>;

TEST(TagLookupTest, AsksForTheManifestInAllItsTypes) {
  Bench bench;
  bench.http.answer(200, "");

  EXPECT_EQ(bench.ask(), (Said{{"v1", true}}));

  const OutgoingRequest asked = bench.http.asked().at(0);
  EXPECT_EQ(asked.method, "HEAD");
  EXPECT_EQ(asked.url, "http://registry:5000/v2/team/app/manifests/v1");
  ASSERT_EQ(asked.headers.size(), 1U) << "no credential of anybody";
  EXPECT_EQ(asked.headers[0].first, "Accept");
  for (const std::string_view type : {"oci.image.manifest.v1", "oci.image.index.v1", "distribution.manifest.v2", "manifest.list.v2"})
    EXPECT_NE(asked.headers[0].second.find(type), std::string::npos) << type;
  EXPECT_EQ(asked.timeout, TagLookup::kTimeout);
}

TEST(TagLookupTest, SendsTheGatesOwnToken) {
  Bench bench;
  bench.question.registry.token_file = "/etc/portcullis/registry-token";
  ASSERT_TRUE(bench.files.write("/etc/portcullis/registry-token", "secret\n", 0600).ok());
  bench.http.answer(200, "");
  bench.ask();

  EXPECT_EQ(bench.http.asked().at(0).headers.at(1), (std::pair<std::string, std::string>{"Authorization", "Bearer secret"}));
}

TEST(TagLookupTest, AsksNothingWithATokenThatCannotBeRead) {
  Bench bench;
  bench.question.registry.token_file = "/absent";
  EXPECT_EQ(bench.ask(), Said{});
  ASSERT_TRUE(bench.files.write("/absent", "two\nlines\n", 0600).ok());
  EXPECT_EQ(bench.ask(), Said{});
  EXPECT_TRUE(bench.http.asked().empty());
}

TEST(TagLookupTest, BelievesA404OnlyOfARegistry) {
  Bench bench;
  bench.http.answer(404, "");
  bench.http.answer(404, "");
  EXPECT_EQ(bench.ask(), Said{}) << "the URL is no registry's";
  bench.http.answer(404, "");
  bench.http.answer(200, "{}");
  EXPECT_EQ(bench.ask(), (Said{{"v1", false}}));
  EXPECT_EQ(bench.http.asked().back().url, "http://registry:5000/v2/");
  bench.http.answer(404, "");
  EXPECT_EQ(bench.ask(), (Said{{"v1", false}})) << "a registry stays one for a minute, a missing tag is asked for again";
  EXPECT_EQ(bench.http.asked().size(), 5U);
}

TEST(TagLookupTest, TakesNothingElseForAnAnswer) {
  for (const int status : {201, 301, 307, 400, 401, 403, 405, 429, 500, 503}) {
    Bench bench;
    bench.http.answer(status, "");
    EXPECT_EQ(bench.ask(), Said{}) << status;
  }
  Bench bench;
  bench.http.fail("connection refused");
  EXPECT_EQ(bench.ask(), Said{});
}

TEST(TagLookupTest, RemembersForASecondThatATagExists) {
  Bench bench;
  bench.http.answer(200, "");
  bench.ask();
  bench.clock.advance(999ms);
  EXPECT_EQ(bench.ask(), (Said{{"v1", true}}));
  EXPECT_EQ(bench.http.asked().size(), 1U);
  bench.clock.advance(1ms);
  bench.http.answer(200, "");
  bench.ask();
  EXPECT_EQ(bench.http.asked().size(), 2U);
}

TEST(TagLookupTest, AsksForEachTagWithinOneTime) {
  Bench bench;
  bench.question.tags = {"old", "new"};
  bench.http.answer(200, "");
  bench.http.answer(404, "");
  bench.http.answer(200, "{}");
  EXPECT_EQ(bench.ask(), (Said{{"old", true}, {"new", false}}));

  const SteadyPoint begin = bench.clock.steady_now();
  bench.clock.advance(TagLookup::kTimeout);
  EXPECT_TRUE(bench.lookup.ask({bench.question.registry, "other", {"v1"}}, begin).empty());
  EXPECT_EQ(bench.http.asked().size(), 3U);
}

TEST(TagLookupTest, DoesNotAskForVeryManyTags) {
  Bench bench;
  bench.question.tags.assign(TagLookup::kMostTags + 1, "v");
  EXPECT_EQ(bench.ask(), Said{});
  EXPECT_TRUE(bench.http.asked().empty());
}

TEST(TagLookupTest, AnswersOnItsOwnThreadAndAlsoWhenItHasStopped) {
  Bench bench;
  Mutex mutex;
  std::condition_variable_any changed;
  std::vector<std::size_t> answers;
  const auto ask = [&] {
    bench.lookup.submit(bench.question, [&](const std::vector<TagFact>& facts) {
      const MutexLock lock(mutex);
      answers.push_back(facts.size());
      changed.notify_all();
    });
  };
  const auto wait_for = [&](std::size_t count) {
    const MutexLock lock(mutex);
    while (answers.size() < count) changed.wait(mutex);
  };
  bench.http.answer(200, "");
  ask();
  wait_for(1);
  bench.lookup.stop();
  bench.clock.advance(2s);
  ask();
  wait_for(2);

  EXPECT_EQ(answers, (std::vector<std::size_t>{1, 0}));
  EXPECT_FALSE(bench.lookup.admission().enter("client").has_value());
}

TEST(TagLookupTest, KnowsNothingWithoutANetwork) {
  Bench bench;
  TagLookup lookup(nullptr, bench.files, bench.clock, 1, 1);
  EXPECT_TRUE(lookup.ask(bench.question, bench.clock.steady_now()).empty());
}

}  // namespace
}  // namespace portcullis::test
