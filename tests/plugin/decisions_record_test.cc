// Records: what is packed comes out again, and nothing is longer than its bound.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/decisions/record.h"

namespace portcullis::test {
namespace {

DecisionRecord some_record(const std::string& groups) {
  DecisionRecord record;
  record.time = TimePoint(std::chrono::milliseconds(1'795'000'000'123));
  record.took = std::chrono::microseconds(42);
  record.endpoint = Endpoint::forward;
  record.reason = Reason::scope_insufficient;
  record.route = "/v2/";
  record.key_generation = 7;
  record.set(RecordText::id, "id");
  record.set(RecordText::policy_digest, "last");
  record.set_whole(RecordText::groups, groups);
  return record;
}

TEST(DecisionRecordTest, ComesOutAsItWentIn) {
  std::string scratch;
  const std::vector<std::string> groups{"dev", "", "ops"};
  const std::string list(pack_list(groups, scratch));
  std::string packed;
  pack_record(some_record(list), packed);
  ASSERT_EQ(packed.size(), packed_size(some_record(list)));
  std::string_view rest = packed;

  const DecisionRecord record = unpack_record(rest);

  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(record.time, some_record(list).time);
  EXPECT_EQ(record.took, std::chrono::microseconds(42));
  EXPECT_EQ(record.endpoint, Endpoint::forward);
  EXPECT_EQ(record.reason, Reason::scope_insufficient);
  EXPECT_EQ(record.route, "/v2/");
  EXPECT_EQ(record.key_generation, 7U);
  EXPECT_EQ(record.text(RecordText::id), "id");
  EXPECT_EQ(record.text(RecordText::peer), "");
  EXPECT_EQ(record.text(RecordText::policy_digest), "last");
  EXPECT_EQ(unpack_list(record.text(RecordText::groups)), (std::vector<std::string_view>{"dev", "", "ops"}));
}

TEST(DecisionRecordTest, StandsBehindOthersInOneText) {
  std::string packed;
  DecisionRecord first;
  first.set(RecordText::id, "1");
  DecisionRecord second;
  second.set(RecordText::id, "2");
  pack_record(first, packed);
  pack_record(second, packed);
  std::string_view rest = packed;

  EXPECT_EQ(unpack_record(rest).text(RecordText::id), "1");
  EXPECT_EQ(unpack_record(rest).text(RecordText::id), "2");
  EXPECT_TRUE(rest.empty());
}

TEST(DecisionRecordTest, CutsATextAt256BytesAndSaysSo) {
  DecisionRecord record;
  const std::string longest(kRecordTextBytes, 'a');
  const std::string longer = longest + "b";

  record.set(RecordText::client, longest);
  record.set(RecordText::user_agent, longer);

  EXPECT_FALSE(record.is_cut(RecordText::client));
  EXPECT_TRUE(record.is_cut(RecordText::user_agent));
  EXPECT_EQ(record.text(RecordText::user_agent), longest);
}

TEST(DecisionRecordTest, NeverCutsInsideACharacter) {
  DecisionRecord record;
  const std::string before(kRecordTextBytes - 2, 'a');
  const std::string text = before + "\xe2\x82\xac" + "tail";  // the euro sign's three bytes lie across the bound

  record.set(RecordText::user_agent, text);

  EXPECT_EQ(record.text(RecordText::user_agent), before);
}

TEST(DecisionRecordTest, CutsBytesThatAreNoTextAllTheSame) {
  DecisionRecord record;
  const std::string text(kRecordTextBytes * 2, '\x80');

  record.set(RecordText::user_agent, text);

  EXPECT_GE(record.text(RecordText::user_agent).size(), kRecordTextBytes - 3);
  EXPECT_LE(record.text(RecordText::user_agent).size(), kRecordTextBytes);
}

TEST(DecisionRecordTest, LeavesOutAListThatIsTooLong) {
  std::string scratch;
  DecisionRecord record;
  // Each element takes two bytes for its length.
  const std::vector<std::string> longest{std::string(kRecordListBytes - 2, 'g')};
  const std::vector<std::string> longer{std::string(kRecordListBytes - 1, 'g')};

  record.set_whole(RecordText::groups, pack_list(longest, scratch));
  EXPECT_FALSE(record.is_cut(RecordText::groups));
  EXPECT_EQ(record.text(RecordText::groups).size(), kRecordListBytes);

  record.set_whole(RecordText::groups, pack_list(longer, scratch));
  EXPECT_TRUE(record.is_cut(RecordText::groups));
  EXPECT_EQ(record.text(RecordText::groups), "");
}

TEST(DecisionRecordTest, LeavesOutAListWithAnElementBeyondItsLength) {
  std::string scratch;
  DecisionRecord record;
  const std::vector<std::string> groups{"a", std::string(70'000, 'g')};

  record.set_whole(RecordText::groups, pack_list(groups, scratch));

  EXPECT_TRUE(record.is_cut(RecordText::groups));
}

TEST(DecisionRecordTest, AListThatIsBrokenEndsThere) {
  EXPECT_TRUE(unpack_list("").empty());
  EXPECT_TRUE(unpack_list("\x05").empty());
  const std::string short_of_bytes(
      "\x05\x00"
      "ab",
      4);
  EXPECT_TRUE(unpack_list(short_of_bytes).empty());
}

}  // namespace
}  // namespace portcullis::test
