// Records: nothing is longer than its bound, and lists are read as they were packed.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/decisions/record.h"

namespace portcullis::test {
namespace {

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

TEST(DecisionRecordTest, ReadsTheElementsOfAListAgain) {
  std::string scratch;
  const std::vector<std::string> groups{"dev", "", "ops"};

  EXPECT_EQ(unpack_list(pack_list(groups, scratch)), (std::vector<std::string_view>{"dev", "", "ops"}));
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
