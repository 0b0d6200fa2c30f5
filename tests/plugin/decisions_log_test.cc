// The decision log: what is kept is written, what cannot be is counted, and nobody waits for the disk.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include <gtest/gtest.h>

#include "plugin/decisions/decision_log.h"
#include "plugin/log_output.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

/// A log with its surroundings; messages about it go to `app.log`.
struct Bench {
  explicit Bench(std::size_t queue_bytes = DecisionLog::kQueueBytes)
      : decisions(std::make_unique<DecisionLog>(log, metrics, clock, 1, queue_bytes)) {}

  testing::AssertionResult writes_to(const std::string& path, bool refuse = false) {
    const Result<void> done = decisions->configure({.output = path, .refuse_when_full = refuse});
    return done.ok() ? testing::AssertionSuccess() : testing::AssertionFailure() << done.error().detail;
  }
  bool keep(std::string_view id, Reason reason = Reason::allowed, Proof proof = Proof::token) {
    DecisionRecord record;
    record.time = clock.now();
    record.reason = reason;
    record.proof = proof;
    record.set(RecordText::id, id);
    return decisions->keep(record);
  }
  [[nodiscard]] std::string said() const { return folder.read("app.log"); }

  TempFolder folder;
  FakeClock clock;
  LogOutput output = LogOutput::open(folder.path("app.log")).value();
  Log log{clock, output.descriptor(), LogForm::json, LogLevel::info};
  GateMetrics metrics;
  std::unique_ptr<DecisionLog> decisions;
};

/// The ids of the lines, and `?` for one that is no line.
std::vector<std::string> ids_of(const std::string& text) {
  std::vector<std::string> ids;
  std::size_t from = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; from = end + 1, end = text.find('\n', from)) {
    const std::string line = text.substr(from, end - from);
    const std::size_t at = line.find("\"id\":\"");
    const bool whole = line.starts_with("{\"v\":1,") && line.ends_with("}") && at != std::string::npos;
    ids.push_back(whole ? line.substr(at + 6, line.find('"', at + 6) - at - 6) : "?");
  }
  if (from < text.size()) ids.emplace_back("half a line");
  return ids;
}

using Ids = std::vector<std::string>;

TEST(DecisionLogTest, IsOffUntilItIsConfigured) {
  Bench bench;
  EXPECT_FALSE(bench.decisions->enabled());
  ASSERT_TRUE(bench.writes_to(bench.folder.path("d.jsonl")));
  EXPECT_TRUE(bench.decisions->enabled());
  ASSERT_TRUE(bench.decisions->configure({}).ok());
  EXPECT_FALSE(bench.decisions->enabled());
}

TEST(DecisionLogTest, WritesALineForEachRecordInOrder) {
  Bench bench;
  ASSERT_TRUE(bench.writes_to(bench.folder.path("d.jsonl")));
  EXPECT_TRUE(bench.keep("1"));
  EXPECT_TRUE(bench.keep("2", Reason::scope_insufficient));
  bench.decisions->flush();

  EXPECT_EQ(ids_of(bench.folder.read("d.jsonl")), (Ids{"1", "2"}));
  EXPECT_EQ(bench.metrics.logged(), 2U);
  EXPECT_EQ(bench.metrics.unlogged(Unlogged::dropped), 0U);
}

TEST(DecisionLogTest, WritesWithoutBeingAskedTo) {
  Bench bench;
  ASSERT_TRUE(bench.writes_to(bench.folder.path("d.jsonl")));
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(bench.keep("x"));
    while (bench.metrics.logged() <= static_cast<std::uint64_t>(round)) std::this_thread::yield();
  }
  EXPECT_EQ(ids_of(bench.folder.read("d.jsonl")), (Ids{"x", "x", "x"}));
}

TEST(DecisionLogTest, WritesWhatWaitsBeforeItEnds) {
  Bench bench;
  ASSERT_TRUE(bench.writes_to(bench.folder.path("d.jsonl")));
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(bench.keep("x"));
  bench.decisions.reset();

  EXPECT_EQ(ids_of(bench.folder.read("d.jsonl")).size(), 1000U);
}

TEST(DecisionLogTest, ChangesNothingWhereTheFileCannotBeOpened) {
  Bench bench;
  ASSERT_TRUE(bench.writes_to(bench.folder.path("d.jsonl")));
  EXPECT_FALSE(bench.writes_to(bench.folder.path("absent/d.jsonl")));
  EXPECT_TRUE(bench.keep("1"));
  bench.decisions->flush();

  EXPECT_EQ(ids_of(bench.folder.read("d.jsonl")), Ids{"1"});
}

TEST(DecisionLogTest, GoesToAnotherFileWithoutLosingALine) {
  Bench bench;
  ASSERT_TRUE(bench.writes_to(bench.folder.path("a.jsonl")));
  ASSERT_TRUE(bench.keep("1"));
  bench.decisions->flush();
  ASSERT_TRUE(bench.writes_to(bench.folder.path("b.jsonl")));
  ASSERT_TRUE(bench.keep("2"));
  bench.decisions->flush();

  EXPECT_EQ(ids_of(bench.folder.read("a.jsonl")), Ids{"1"});
  EXPECT_EQ(ids_of(bench.folder.read("b.jsonl")), Ids{"2"});
}

TEST(DecisionLogTest, OpensARotatedFileAnew) {
  Bench bench;
  const std::string path = bench.folder.path("d.jsonl");
  ASSERT_TRUE(bench.writes_to(path));
  ASSERT_TRUE(bench.keep("1"));
  bench.decisions->flush();
  std::filesystem::rename(path, path + ".1");
  ASSERT_TRUE(bench.keep("2"));
  bench.decisions->reopen();
  bench.decisions->flush();
  ASSERT_TRUE(bench.keep("3"));
  bench.decisions->flush();

  EXPECT_EQ(ids_of(bench.folder.read("d.jsonl.1")), (Ids{"1", "2"}));
  EXPECT_EQ(ids_of(bench.folder.read("d.jsonl")), Ids{"3"});
}

TEST(DecisionLogTest, StaysWhereItIsWhenItCannotBeOpenedAnew) {
  Bench bench;
  std::filesystem::create_directory(bench.folder.path("logs"));
  ASSERT_TRUE(bench.writes_to(bench.folder.path("logs/d.jsonl")));
  std::filesystem::rename(bench.folder.path("logs"), bench.folder.path("moved"));
  bench.decisions->reopen();
  ASSERT_TRUE(bench.keep("1"));
  bench.decisions->flush();

  EXPECT_EQ(ids_of(bench.folder.read("moved/d.jsonl")), Ids{"1"});
  EXPECT_NE(bench.said().find("the decision log stays where it was"), std::string::npos);
}

TEST(DecisionLogTest, KeepsLinesWhileTheDiskIsFullAndThenCountsWhatItDrops) {
  Bench bench(4096);
  ASSERT_TRUE(bench.writes_to("/dev/full"));
  ASSERT_TRUE(bench.keep("1"));
  bench.decisions->flush();
  EXPECT_TRUE(bench.metrics.decision_log_failing());
  EXPECT_NE(bench.said().find("No space left on device"), std::string::npos);
  std::uint64_t offered = 0;
  for (; bench.metrics.unlogged(Unlogged::dropped) < 5; ++offered) ASSERT_TRUE(bench.keep("x")) << "an allow was refused";
  ASSERT_TRUE(bench.writes_to(bench.folder.path("d.jsonl")));
  bench.decisions->flush();

  EXPECT_EQ(ids_of(bench.folder.read("d.jsonl")).size(), 1 + offered - 5);
  EXPECT_FALSE(bench.metrics.decision_log_failing());
  EXPECT_NE(bench.said().find("decisions can be logged again\",\"dropped\":5"), std::string::npos) << bench.said();
}

TEST(DecisionLogTest, TellsOfAFullDiskOnceAMinute) {
  Bench bench;
  ASSERT_TRUE(bench.writes_to("/dev/full"));
  const auto told = [&] {
    const std::string said = bench.said();
    std::size_t count = 0;
    for (std::size_t at = said.find("No space left"); at != std::string::npos; at = said.find("No space left", at + 1)) ++count;
    return count;
  };
  ASSERT_TRUE(bench.keep("1"));
  bench.decisions->flush();
  bench.clock.advance(std::chrono::milliseconds(59'999));
  bench.decisions->flush();
  EXPECT_EQ(told(), 1U);
  bench.clock.advance(std::chrono::milliseconds(1));
  bench.decisions->flush();
  EXPECT_EQ(told(), 2U);
}

TEST(DecisionLogTest, RefusesAllowsWhileTheDiskIsFullWhereItIsToldTo) {
  Bench bench;
  ASSERT_TRUE(bench.writes_to("/dev/full", true));
  EXPECT_TRUE(bench.keep("1")) << "nothing was known of the disk yet";
  bench.decisions->flush();

  EXPECT_FALSE(bench.keep("2"));
  EXPECT_TRUE(bench.keep("3", Reason::scope_insufficient)) << "a refusal stands whether or not it is logged";
  ASSERT_TRUE(bench.writes_to(bench.folder.path("d.jsonl"), true));
  bench.decisions->flush();
  EXPECT_TRUE(bench.keep("4"));
  bench.decisions->flush();
  EXPECT_EQ(ids_of(bench.folder.read("d.jsonl")), (Ids{"1", "3", "4"}));
}

TEST(DecisionLogTest, RefusesAnAllowThatFindsNoRoomWhereItIsToldTo) {
  Bench bench(1);
  ASSERT_TRUE(bench.writes_to(bench.folder.path("d.jsonl"), true));
  EXPECT_FALSE(bench.keep("1"));
  ASSERT_TRUE(bench.writes_to(bench.folder.path("d.jsonl"), false));
  EXPECT_TRUE(bench.keep("1"));
  EXPECT_EQ(bench.metrics.unlogged(Unlogged::dropped), 2U);
}

TEST(DecisionLogTest, SamplesRefusalsOfNobodyInParticularAndNoOthers) {
  Bench bench;
  ASSERT_TRUE(bench.writes_to(bench.folder.path("d.jsonl")));
  constexpr std::uint32_t kMany = FloodSampling::kWholePerSecond + 2 * FloodSampling::kOneIn;
  for (std::uint32_t i = 0; i < kMany; ++i) ASSERT_TRUE(bench.keep("n", Reason::bad_signature, Proof::none));
  for (std::uint32_t i = 0; i < kMany; ++i) ASSERT_TRUE(bench.keep("k", Reason::scope_insufficient));
  bench.decisions->flush();
  const std::string text = bench.folder.read("d.jsonl");
  const Ids ids = ids_of(text);

  EXPECT_EQ(std::count(ids.begin(), ids.end(), "n"), FloodSampling::kWholePerSecond + 2);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "k"), kMany);
  EXPECT_EQ(bench.metrics.unlogged(Unlogged::sampled), 2 * (FloodSampling::kOneIn - 1));
  EXPECT_NE(text.find(R"("weight":100)"), std::string::npos);
}

/// A limit of file sizes for this process, as a quota would be.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(DecisionLogTest, EndsALineThatWasBegunBeforeTheDiskWasFull) {
  Bench bench;
  const std::string path = bench.folder.path("d.jsonl");
  ASSERT_TRUE(bench.writes_to(path));
  ASSERT_TRUE(bench.keep("1"));
  bench.decisions->flush();
  const std::size_t line = bench.folder.read("d.jsonl").size();
  {
    const SizeLimit limit(line + line / 2);
    ASSERT_TRUE(bench.keep("2"));
    bench.decisions->flush();
    EXPECT_EQ(ids_of(bench.folder.read("d.jsonl")), (Ids{"1", "half a line"}));
  }
  bench.decisions->flush();

  EXPECT_EQ(ids_of(bench.folder.read("d.jsonl")), (Ids{"1", "2"}));
}

TEST(DecisionLogTest, BeginsALineAnewInAnotherFile) {
  Bench bench;
  ASSERT_TRUE(bench.writes_to(bench.folder.path("a.jsonl")));
  ASSERT_TRUE(bench.keep("1"));
  bench.decisions->flush();
  const std::size_t line = bench.folder.read("a.jsonl").size();
  {
    const SizeLimit limit(line + line / 2);
    ASSERT_TRUE(bench.keep("2"));
    ASSERT_TRUE(bench.keep("3"));
    bench.decisions->flush();
  }
  {
    const SizeLimit limit(line + line / 2);
    ASSERT_TRUE(bench.writes_to(bench.folder.path("b.jsonl")));
    bench.decisions->flush();
  }
  bench.decisions->flush();

  EXPECT_EQ(ids_of(bench.folder.read("a.jsonl")), (Ids{"1", "half a line"}));
  EXPECT_EQ(ids_of(bench.folder.read("b.jsonl")), (Ids{"2", "3"}));
}

TEST(DecisionLogTest, SaysHowManyLinesAreLostAtTheEnd) {
  Bench bench;
  ASSERT_TRUE(bench.writes_to("/dev/full"));
  ASSERT_TRUE(bench.keep("1"));
  ASSERT_TRUE(bench.keep("2"));
  bench.decisions->flush();
  bench.decisions.reset();

  EXPECT_EQ(bench.metrics.unlogged(Unlogged::dropped), 2U);
  EXPECT_NE(bench.said().find("decisions were lost: they could not be written before the end\",\"lines\":2"), std::string::npos)
      << bench.said();
}

TEST(DecisionLogTest, CountsWhatStillWaitsInTheQueueAtTheEnd) {
  Bench bench;
  ASSERT_TRUE(bench.writes_to("/dev/full"));
  ASSERT_TRUE(bench.keep("1"));
  bench.decisions->flush();
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(bench.keep("x"));
  bench.decisions.reset();

  EXPECT_EQ(bench.metrics.unlogged(Unlogged::dropped), 10U);
  EXPECT_NE(bench.said().find("\"lines\":10"), std::string::npos) << bench.said();
}

TEST(DecisionLogTest, WritesEveryLineOfManyChunksThroughAFullDiskAndASwitch) {
  constexpr int kMany = 2000;  // lines of several chunks
  Bench bench;
  ASSERT_TRUE(bench.writes_to("/dev/full"));
  for (int i = 0; i < kMany; ++i) ASSERT_TRUE(bench.keep(std::to_string(i)));
  bench.decisions->flush();
  for (int i = kMany; i < 2 * kMany; ++i) ASSERT_TRUE(bench.keep(std::to_string(i)));
  ASSERT_TRUE(bench.writes_to(bench.folder.path("d.jsonl")));
  bench.decisions->flush();

  Ids expected;
  for (int i = 0; i < 2 * kMany; ++i) expected.push_back(std::to_string(i));
  EXPECT_EQ(ids_of(bench.folder.read("d.jsonl")), expected);
  EXPECT_EQ(bench.metrics.logged(), 2U * kMany);
}

TEST(DecisionLogTest, CountsAllThatIsLostWhenItIsSwitchedOffWithAFullDisk) {
  constexpr std::uint64_t kMany = 2000;
  Bench bench;
  ASSERT_TRUE(bench.writes_to("/dev/full"));
  for (std::uint64_t i = 0; i < kMany; ++i) ASSERT_TRUE(bench.keep("x"));
  bench.decisions->flush();
  ASSERT_TRUE(bench.decisions->configure({}).ok());
  bench.decisions->flush();

  EXPECT_EQ(bench.metrics.unlogged(Unlogged::dropped), kMany);
  EXPECT_FALSE(bench.metrics.decision_log_failing());
}

TEST(DecisionLogTest, LosesNothingBetweenThreadsAndRotations) {
  constexpr std::size_t kEach = 3000;
  Bench bench;
  const std::string path = bench.folder.path("d.jsonl");
  ASSERT_TRUE(bench.writes_to(path));
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&bench] {
      for (std::size_t n = 0; n < kEach; ++n) EXPECT_TRUE(bench.keep("x"));
    });
  for (int rotation = 0; rotation < 5; ++rotation) {
    std::filesystem::rename(path, path + "." + std::to_string(rotation));
    bench.decisions->reopen();
    bench.decisions->flush();
  }
  for (std::thread& thread : threads) thread.join();
  bench.decisions->flush();

  Ids all = ids_of(bench.folder.read("d.jsonl"));
  for (int rotation = 0; rotation < 5; ++rotation) {
    const Ids more = ids_of(bench.folder.read("d.jsonl." + std::to_string(rotation)));
    all.insert(all.end(), more.begin(), more.end());
  }
  EXPECT_EQ(all, Ids(3 * kEach, "x"));
}

}  // namespace
}  // namespace portcullis::test
