// Packed records: what goes in comes out again, what many say alike stands there once, and the bound holds.
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/decisions/packed_records.h"

namespace portcullis::test {
namespace {

constexpr std::size_t kAmple = 1UL << 24;

DecisionRecord record_of(std::string_view id, std::string_view user, std::string_view repository = "team/app") {
  DecisionRecord record;
  record.time = TimePoint(std::chrono::milliseconds(1'795'000'000'123));
  record.took = std::chrono::microseconds(42);
  record.endpoint = Endpoint::forward;
  record.reason = Reason::scope_insufficient;
  record.route = "/v2/<name>/tags/list";
  record.kind = RouteKind::tags;
  record.action = Action::read;
  record.proof = Proof::token;
  record.scope = ScopeFact::insufficient;
  record.key_generation = 7;
  record.weight = 3;
  record.cut = 5;
  record.tls = true;
  record.has_mount_source = true;
  record.set(RecordText::id, id);
  record.set(RecordText::username, user);
  record.set(RecordText::repository, repository);
  record.set(RecordText::peer, "127.0.0.1");
  return record;
}

void expect_same(const DecisionRecord& left, const DecisionRecord& right) {
  EXPECT_EQ(left.time, right.time);
  EXPECT_EQ(left.took, right.took);
  EXPECT_EQ(left.endpoint, right.endpoint);
  EXPECT_EQ(left.reason, right.reason);
  EXPECT_EQ(left.route, right.route);
  EXPECT_EQ(left.kind, right.kind);
  EXPECT_EQ(left.action, right.action);
  EXPECT_EQ(left.proof, right.proof);
  EXPECT_EQ(left.scope, right.scope);
  EXPECT_EQ(left.key_generation, right.key_generation);
  EXPECT_EQ(left.weight, right.weight);
  EXPECT_EQ(left.cut, right.cut);
  EXPECT_EQ(left.tls, right.tls);
  EXPECT_EQ(left.has_mount_source, right.has_mount_source);
  EXPECT_EQ(left.texts, right.texts);
}

TEST(PackedRecordsTest, GiveBackWhatTheyWereGiven) {
  PackedRecords records;
  ASSERT_TRUE(records.append(record_of("1", "alice"), kAmple));
  ASSERT_TRUE(records.append(DecisionRecord(), kAmple));
  ASSERT_TRUE(records.append(record_of("3", "alice"), kAmple));
  std::size_t position = 0;

  expect_same(records.whole(records.read(position)), record_of("1", "alice"));
  expect_same(records.whole(records.read(position)), DecisionRecord());
  expect_same(records.whole(records.read(position)), record_of("3", "alice"));
  EXPECT_EQ(position, records.bytes());
}

TEST(PackedRecordsTest, HoldWhatIsAlikeOnce) {
  PackedRecords records;
  ASSERT_TRUE(records.append(record_of("1", "alice"), kAmple));
  const std::size_t first = records.bytes();
  ASSERT_TRUE(records.append(record_of("2", "alice"), kAmple));
  const std::size_t alike = records.bytes() - first;
  ASSERT_TRUE(records.append(record_of("3", "bob"), kAmple));
  const std::size_t other_user = records.bytes() - first - alike;
  std::size_t position = 0;
  const PackedRecord one = records.read(position);
  const PackedRecord two = records.read(position);
  const PackedRecord three = records.read(position);

  EXPECT_LT(alike, first / 2);
  EXPECT_GT(other_user, alike);
  EXPECT_LT(other_user, first);
  EXPECT_EQ(one.parts, two.parts);
  EXPECT_EQ(one.parts[0], three.parts[0]);
  EXPECT_NE(one.parts[1], three.parts[1]);
}

TEST(PackedRecordsTest, KeepTheirBound) {
  PackedRecords measured;
  ASSERT_TRUE(measured.append(record_of("1", "alice"), kAmple));
  const std::size_t first = measured.bytes();
  ASSERT_TRUE(measured.append(record_of("2", "alice"), kAmple));
  const std::size_t both = measured.bytes();
  PackedRecords records;

  EXPECT_FALSE(records.append(record_of("1", "alice"), first - 1));
  EXPECT_TRUE(records.append(record_of("1", "alice"), first));
  EXPECT_FALSE(records.append(record_of("2", "alice"), both - 1));
  EXPECT_EQ(records.bytes(), first);
  EXPECT_TRUE(records.append(record_of("2", "alice"), both));
  std::size_t position = first;
  expect_same(records.whole(records.read(position)), record_of("2", "alice"));
}

TEST(PackedRecordsTest, ForgetWhatTheyHeld) {
  PackedRecords records;
  ASSERT_TRUE(records.append(record_of("1", "alice"), kAmple));
  const std::size_t first = records.bytes();
  records.clear();
  EXPECT_EQ(records.bytes(), 0U);
  ASSERT_TRUE(records.append(record_of("2", "alice"), kAmple));

  EXPECT_EQ(records.bytes(), first) << "nothing is said by reference to what is gone";
}

TEST(PackedRecordsTest, MoveWithAllTheySay) {
  PackedRecords records;
  ASSERT_TRUE(records.append(record_of("1", "alice"), kAmple));
  PackedRecords other(std::move(records));
  ASSERT_TRUE(other.append(record_of("2", "alice"), kAmple));
  PackedRecords third;
  third = std::move(other);
  std::size_t position = 0;
  (void)third.read(position);

  expect_same(third.whole(third.read(position)), record_of("2", "alice"));
  EXPECT_EQ(position, third.bytes());
}

TEST(PackedRecordsTest, TakeTheLongestRecordThereIs) {
  DecisionRecord record = record_of("1", "alice");
  const std::string text(kRecordTextBytes, 't');
  const std::string list(kRecordListBytes, 'l');
  for (std::size_t i = 0; i < kRecordTexts; ++i) {
    const auto which = static_cast<RecordText>(i);
    const bool whole = which == RecordText::tags || which == RecordText::existing_tags || which == RecordText::missing_tags ||
                       which == RecordText::groups || which == RecordText::claims || which == RecordText::absent_claims;
    if (whole)
      record.set_whole(which, list);
    else
      record.set(which, text);
  }
  PackedRecords records;
  ASSERT_TRUE(records.append(record, kAmple));
  ASSERT_TRUE(records.append(record, kAmple));
  std::size_t position = 0;

  expect_same(records.whole(records.read(position)), record);
  expect_same(records.whole(records.read(position)), record);
  EXPECT_EQ(position, records.bytes());
}

TEST(PackedRecordsTest, KeepApartWhatIsNotAlikeInAnyOrder) {
  std::mt19937 random(1);  // the same order each time
  std::vector<std::string> users;
  std::vector<std::string> repositories;
  for (int i = 0; i < 200; ++i) {
    users.push_back("user" + std::to_string(i * 7));
    repositories.push_back("team/" + std::to_string(i) + "/app");
  }
  const auto pick = [&random](const std::vector<std::string>& from) -> const std::string& { return from[random() % from.size()]; };
  std::vector<DecisionRecord> given;
  PackedRecords records;
  for (int i = 0; i < 5000; ++i) {
    given.push_back(record_of(pick(users), pick(users), pick(repositories)));
    given.back().took = std::chrono::nanoseconds(i);
    ASSERT_TRUE(records.append(given.back(), kAmple));
  }

  std::size_t position = 0;
  for (const DecisionRecord& record : given) {
    expect_same(records.whole(records.read(position)), record);
    if (HasFailure()) return;
  }
  EXPECT_EQ(position, records.bytes());
}

}  // namespace
}  // namespace portcullis::test
