// The decision log while its file calls fail, one after the other and for a while: no line is lost that is not counted, and none is half.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "plugin/decisions/decision_log.h"
#include "plugin/log_output.h"
#include "tests/fault/each_call.h"
#include "tests/fault/killed_process.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

using Ids = std::vector<std::string>;

/// A decision log in its surroundings.
struct LogBench {
  explicit LogBench(const std::string& folder) : output(LogOutput::open(folder + "/app.log").value()) {}

  bool configure(const std::string& path) { return decisions.configure({.output = path, .refuse_when_full = false}).ok(); }
  /// Keeps one decision, and waits until it is written or cannot be.
  void keep(std::string_view id) {
    DecisionRecord record;
    record.time = clock.now();
    record.set(RecordText::id, id);
    EXPECT_TRUE(decisions.keep(record));
    decisions.flush();
  }
  /// Keeps `count` decisions, one after the other.
  void keep_many(int count, char mark) {
    for (int i = 0; i < count; ++i) keep(mark + std::to_string(i));
  }
  [[nodiscard]] std::uint64_t lost() const { return metrics.unlogged(Unlogged::dropped); }

  FakeClock clock;
  LogOutput output;
  Log log{clock, output.descriptor(), LogForm::json, LogLevel::info};
  GateMetrics metrics;
  DecisionLog decisions{log, metrics, clock, 1};
};

/// The ids of whole lines; `?` for what is none.
Ids ids_in(std::string_view text) {
  Ids ids;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto line = parse_json(text.substr(0, end), {.bytes = 65536, .depth = 8, .members = 100});
    ids.emplace_back(end != std::string_view::npos && line.ok() ? std::string(line->root().get("id").string().value_or("?")) : "?");
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return ids;
}

TEST(DecisionLogFile, LosesALineAtMostWhereverTheProcessIsKilled) {
  std::uint64_t nth = 0;
  for (bool killed = true; killed && !HasFailure();) {
    ++nth;
    const TempFolder folder;
    const std::string path = folder.path("decisions.jsonl");
    const auto write = [&](int count, char mark) {
      LogBench bench(folder.path("."));
      if (bench.configure(path)) bench.keep_many(count, mark);
    };
    killed = killed_at(nth, [&] { write(3, 'a'); });
    write(2, 'b');
    const Ids ids = ids_in(folder.read("decisions.jsonl"));
    // What the next process writes is whole, and of the first there is half a line at most.
    ASSERT_GE(ids.size(), 2U) << nth;
    EXPECT_EQ(ids[ids.size() - 2], "b0") << nth;
    EXPECT_EQ(ids.back(), "b1") << nth;
    for (std::size_t i = 0; i + 3 < ids.size(); ++i) EXPECT_EQ(ids[i], "a" + std::to_string(i)) << nth;
  }
  EXPECT_GE(nth, 4U);
}

/// How a call of the writer's thread goes wrong.
const std::vector<CallPlan> kWriterFaults{
    {.error = ENOSPC, .whose = Whose::other_threads}, {.error = EIO, .whose = Whose::other_threads},
    {.error = EINTR, .whose = Whose::other_threads},  {.error = EAGAIN, .whose = Whose::other_threads},
    {.error = EDQUOT, .whose = Whose::other_threads}, {.ending = Ending::half, .whose = Whose::other_threads}};

std::string name_of(const CallPlan& plan) {
  return (plan.ending == Ending::half ? std::string("half of a write") : std::string("error ") + std::to_string(plan.error)) +
         (plan.outage == Outage::one ? "" : " from then on");
}

/// Runs `scenario` with each call of the writer's thread failing in turn, in each way, alone and with all behind it; `check` looks when
/// calls are well again. How many calls there were.
template <class Scenario, class Check>
std::uint64_t fail_each_writer_call(Scenario scenario, Check check) {
  std::uint64_t calls = 0;
  for (CallPlan plan : kWriterFaults) {
    for (const Outage outage : {Outage::one, Outage::from_now}) {
      plan.outage = outage;
      // A call that is interrupted each time, or never has room, is tried for ever.
      if (outage == Outage::from_now && (plan.error == EINTR || plan.error == EAGAIN)) continue;
      for (std::uint64_t nth = 1;; ++nth) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, testing::Message() << name_of(plan) << ", call " << nth);
        const TempFolder folder;
        LogBench bench(folder.path("."));
        EXPECT_TRUE(bench.configure(folder.path("decisions.jsonl")));
        bench.decisions.flush();
        bool happened = false;
        {
          const CallFault fault(nth, plan);
          scenario(bench, folder);
          happened = CallFault::happened();
        }
        check(bench, folder);
        if (testing::Test::HasFailure() || !happened) break;
        calls = std::max(calls, nth);
      }
    }
  }
  return calls;
}

TEST(DecisionLogFile, LosesNothingWhicheverCallOfItsThreadFails) {
  const std::uint64_t calls = fail_each_writer_call([](LogBench& bench, const TempFolder& /*folder*/) { bench.keep_many(3, 'a'); },
                                                    [](LogBench& bench, const TempFolder& folder) {
                                                      bench.keep("b");
                                                      EXPECT_EQ(ids_in(folder.read("decisions.jsonl")), (Ids{"a0", "a1", "a2", "b"}));
                                                      EXPECT_EQ(bench.metrics.logged(), 4U);
                                                      EXPECT_EQ(bench.lost(), 0U);
                                                      EXPECT_FALSE(bench.metrics.decision_log_failing());
                                                    });
  EXPECT_GE(calls, 3U);
}

TEST(DecisionLogFile, LosesNothingWhereARotationFails) {
  const std::uint64_t calls = fail_each_writer_call(
      [](LogBench& bench, const TempFolder& folder) {
        bench.keep("a");
        std::filesystem::rename(folder.path("decisions.jsonl"), folder.path("rotated.jsonl"));
        bench.decisions.reopen();
        bench.decisions.flush();
        bench.keep("b");
      },
      [](LogBench& bench, const TempFolder& folder) {
        bench.decisions.reopen();
        bench.decisions.flush();
        bench.keep("c");
        Ids ids = ids_in(folder.read("rotated.jsonl"));
        const Ids more = ids_in(folder.read("decisions.jsonl"));
        EXPECT_EQ(more.empty() ? "" : more.back(), "c") << "the next rotation works";
        ids.insert(ids.end(), more.begin(), more.end());
        EXPECT_EQ(ids, (Ids{"a", "b", "c"}));
        EXPECT_EQ(bench.lost(), 0U);
      });
  EXPECT_GE(calls, 6U);
}

TEST(DecisionLogFile, CountsEachLineThatItLosesAtTheEnd) {
  for (const int error : {ENOSPC, EIO}) {
    const TempFolder folder;
    LogBench surroundings(folder.path("."));
    GateMetrics metrics;
    std::optional<DecisionLog> decisions(std::in_place, surroundings.log, metrics, surroundings.clock, 1U);
    ASSERT_TRUE(decisions->configure({.output = folder.path("decisions.jsonl"), .refuse_when_full = false}).ok());
    decisions->flush();
    const CallFault fault(2, {.error = error, .outage = Outage::from_now, .whose = Whose::other_threads});
    for (int i = 0; i < 500; ++i) {
      DecisionRecord record;
      record.time = surroundings.clock.now();
      ASSERT_TRUE(decisions->keep(record));
      if (i == 100 || i == 250) decisions->flush();
    }
    decisions.reset();

    EXPECT_GE(metrics.logged(), 1U);
    EXPECT_GE(metrics.unlogged(Unlogged::dropped), 1U);
    EXPECT_EQ(metrics.logged() + metrics.unlogged(Unlogged::dropped), 500U);
  }
}

TEST(DecisionLogFile, StaysWhereItIsWhicheverCallFailsWhenItIsToMove) {
  const TempFolder folder;
  LogBench bench(folder.path("."));
  ASSERT_TRUE(bench.configure(folder.path("old.jsonl")));
  int number = 0;
  Ids expected;
  const std::uint64_t calls = fail_each_call(
      Calls::file, [&] { return bench.configure(folder.path("new" + std::to_string(number) + ".jsonl")); },
      [&](bool moved) {
        const std::string path = "new" + std::to_string(number) + ".jsonl";
        const std::string id = std::to_string(number++);
        bench.keep(id);
        if (moved) {
          EXPECT_EQ(ids_in(folder.read(path)), Ids{id});
          ASSERT_TRUE(bench.configure(folder.path("old.jsonl")));
        } else {
          expected.push_back(id);
        }
      });
  EXPECT_GE(calls, 3U);
  EXPECT_EQ(ids_in(folder.read("old.jsonl")), expected);
  EXPECT_EQ(bench.lost(), 0U);
}

}  // namespace
}  // namespace portcullis::test
