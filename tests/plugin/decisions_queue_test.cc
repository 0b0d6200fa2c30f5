// The queue between request threads and the writer, and which refusals are kept in a flood.
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

std::vector<std::string> ids_in(const std::vector<std::string>& batch) {
  std::vector<std::string> ids;
  for (const std::string& packed : batch)
    for (std::string_view rest = packed; !rest.empty();) ids.emplace_back(unpack_record(rest).text(RecordText::id));
  return ids;
}

TEST(DecisionQueueTest, GivesWhatItWasGivenInOrder) {
  DecisionQueue queue(2, 1 << 16);
  EXPECT_TRUE(queue.push(record_called("1"), QueueShare::all));
  EXPECT_TRUE(queue.push(record_called("2"), QueueShare::half));
  std::vector<std::string> batch;

  const std::size_t waited = queue.bytes();

  EXPECT_EQ(queue.take(batch), waited);
  EXPECT_EQ(ids_in(batch), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST(DecisionQueueTest, IsFullAtItsBoundAndNotBefore) {
  const std::size_t size = packed_size(record_called("1"));
  DecisionQueue queue(1, 2 * size);

  EXPECT_TRUE(queue.push(record_called("1"), QueueShare::all));
  EXPECT_TRUE(queue.push(record_called("2"), QueueShare::all));
  EXPECT_FALSE(queue.push(record_called("3"), QueueShare::all));
}

TEST(DecisionQueueTest, HasRoomAgainOnceItWasEmptied) {
  const std::size_t size = packed_size(record_called("1"));
  DecisionQueue queue(1, size);
  std::vector<std::string> batch;
  ASSERT_TRUE(queue.push(record_called("1"), QueueShare::all));
  ASSERT_FALSE(queue.push(record_called("2"), QueueShare::all));
  queue.take(batch);

  EXPECT_TRUE(queue.push(record_called("2"), QueueShare::all));
}

TEST(DecisionQueueTest, KeepsRoomForAllows) {
  const std::size_t size = packed_size(record_called("1"));
  DecisionQueue queue(1, 8 * size);
  int anonymous = 0;
  while (queue.push(record_called("n"), QueueShare::half)) ++anonymous;
  int known = 0;
  while (queue.push(record_called("k"), QueueShare::three_quarters)) ++known;
  int allows = 0;
  while (queue.push(record_called("a"), QueueShare::all)) ++allows;

  EXPECT_EQ(anonymous, 4);
  EXPECT_EQ(known, 2);
  EXPECT_EQ(allows, 2);
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
  std::vector<std::string> batch;
  const auto take = [&] {
    for (std::string& packed : batch) packed.clear();
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
