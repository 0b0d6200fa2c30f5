// The queue between request threads and the writer, and which refusals are kept in a flood.
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/decisions/queue.h"
#include "plugin/decisions/sampling.h"

namespace portcullis::test {
namespace {

DecisionRecord record_called(std::string_view id) {
  DecisionRecord record;
  record.set(RecordText::id, id);
  return record;
}

using Batch = std::deque<PackedRecords>;

std::vector<std::string> ids_in(const Batch& batch) {
  std::vector<std::string> ids;
  for (const PackedRecords& records : batch)
    for (std::size_t position = 0; position < records.bytes();) ids.emplace_back(records.read(position).id);
  return ids;
}

/// Bytes of the first record of its kind, and of each one more.
struct Sizes {
  Sizes() {
    PackedRecords records;
    records.append(record_called("1"), 1 << 16);
    first = records.bytes();
    records.append(record_called("2"), 1 << 16);
    more = records.bytes() - first;
  }
  std::size_t first;
  std::size_t more;
};

TEST(DecisionQueueTest, GivesWhatItWasGivenInOrder) {
  DecisionQueue queue(2, 1 << 16);
  EXPECT_TRUE(queue.push(record_called("1"), QueueShare::all));
  EXPECT_TRUE(queue.push(record_called("2"), QueueShare::half));
  Batch batch;

  const std::size_t waited = queue.bytes();

  EXPECT_EQ(queue.take(batch), waited);
  EXPECT_EQ(ids_in(batch), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST(DecisionQueueTest, IsFullAtItsBoundAndNotBefore) {
  const Sizes size;
  DecisionQueue queue(1, size.first + size.more);

  EXPECT_TRUE(queue.push(record_called("1"), QueueShare::all));
  EXPECT_TRUE(queue.push(record_called("2"), QueueShare::all));
  EXPECT_FALSE(queue.push(record_called("3"), QueueShare::all));
}

TEST(DecisionQueueTest, HasRoomAgainOnceItWasEmptied) {
  DecisionQueue queue(1, Sizes().first);
  Batch batch;
  ASSERT_TRUE(queue.push(record_called("1"), QueueShare::all));
  ASSERT_FALSE(queue.push(record_called("2"), QueueShare::all));
  queue.take(batch);

  EXPECT_TRUE(queue.push(record_called("2"), QueueShare::all));
}

TEST(DecisionQueueTest, KeepsRoomForAllows) {
  const Sizes size;
  const std::size_t quarter = size.first + 2 * size.more;
  DecisionQueue queue(1, 4 * quarter);
  int anonymous = 0;
  while (queue.push(record_called("n"), QueueShare::half)) ++anonymous;
  int known = 0;
  while (queue.push(record_called("k"), QueueShare::three_quarters)) ++known;
  int allows = 0;
  while (queue.push(record_called("a"), QueueShare::all)) ++allows;

  const auto fit = [&size](std::size_t bytes) { return static_cast<int>((bytes - size.first) / size.more) + 1; };
  EXPECT_EQ(anonymous, fit(2 * quarter));
  EXPECT_EQ(anonymous + known, fit(3 * quarter));
  EXPECT_EQ(anonymous + known + allows, fit(4 * quarter));
  EXPECT_GT(known, 0);
  EXPECT_GT(allows, 0);
}

TEST(DecisionQueueTest, RefusesARecordThatCouldNeverFit) {
  DecisionQueue queue(1, 8);
  EXPECT_FALSE(queue.push(record_called("1"), QueueShare::all));
}

TEST(DecisionQueueTest, LosesNothingBetweenThreads) {
  constexpr std::size_t kEach = 2000;
  DecisionQueue queue(4, 1 << 24);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&queue] {
      for (std::size_t n = 0; n < kEach; ++n) EXPECT_TRUE(queue.push(record_called("x"), QueueShare::all));
    });
  std::size_t taken = 0;
  Batch batch;
  const auto take = [&] {
    for (PackedRecords& records : batch) records.clear();
    queue.take(batch);
    taken += ids_in(batch).size();
  };
  while (taken < kEach) take();
  for (std::thread& thread : threads) thread.join();
  take();

  EXPECT_EQ(taken, 4 * kEach);
}

TEST(FloodSamplingTest, KeepsTheFirstThousandOfASecondAndThenOneInAHundred) {
  FloodSampling sampling;
  const TimePoint now{std::chrono::seconds(100)};
  std::uint32_t whole = 0;
  for (std::uint32_t i = 0; i < FloodSampling::kWholePerSecond; ++i) whole += sampling.weigh(now);
  EXPECT_EQ(whole, FloodSampling::kWholePerSecond);

  EXPECT_EQ(sampling.weigh(now), FloodSampling::kOneIn);
  for (std::uint32_t i = 1; i < FloodSampling::kOneIn; ++i) ASSERT_EQ(sampling.weigh(now), 0U) << i;
  EXPECT_EQ(sampling.weigh(now + std::chrono::milliseconds(999)), FloodSampling::kOneIn);
}

TEST(FloodSamplingTest, BeginsAnewWithEachSecond) {
  FloodSampling sampling;
  const TimePoint now{std::chrono::seconds(100)};
  for (int i = 0; i < 5000; ++i) sampling.weigh(now);

  EXPECT_EQ(sampling.weigh(now + std::chrono::seconds(1)), 1U);
}

}  // namespace
}  // namespace portcullis::test
