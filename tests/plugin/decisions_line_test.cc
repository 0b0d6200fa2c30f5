// Lines of the decision log: valid JSON, whatever the texts hold.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "plugin/decisions/line.h"

namespace portcullis::test {
namespace {

constexpr JsonLimits kLimits{.bytes = 1 << 20, .depth = 8, .members = 1000};

std::string line_of(const DecisionRecord& record) {
  LineWriter writer;
  std::string line;
  writer.append(record, line);
  return line;
}

DecisionRecord allow() {
  DecisionRecord record;
  record.time = TimePoint(std::chrono::milliseconds(1'795'333'283'512));
  record.took = std::chrono::nanoseconds(41'999);
  record.endpoint = Endpoint::auth;
  record.reason = Reason::allowed;
  record.route = "/v2/<name>/manifests/<reference>";
  record.kind = RouteKind::manifest;
  record.action = Action::read;
  record.proof = Proof::token;
  record.scope = ScopeFact::granted;
  record.key_generation = 3;
  record.set(RecordText::id, "e939-1");
  record.set(RecordText::method, "GET");
  record.set(RecordText::repository, "team/app");
  record.set(RecordText::reference, "v1");
  record.set(RecordText::username, "alice");
  return record;
}

TEST(DecisionLineTest, IsOneObjectWithoutWhatIsEmpty) {
  EXPECT_EQ(
      line_of(allow()),
      R"({"v":1,"time":"2026-11-22T07:41:23.512Z","id":"e939-1","endpoint":"auth","decision":"allow","reason":"allowed","method":"GET",)"
      R"("route":"/v2/<name>/manifests/<reference>","repository":"team/app","reference":"v1","action":"read","proof":"token",)"
      R"("username":"alice","keyGeneration":3,"scope":"granted","durationUs":41})"
      "\n");
}

TEST(DecisionLineTest, KeepsTheTimeOfEachRecord) {
  LineWriter writer;
  std::string lines;
  DecisionRecord record = allow();
  writer.append(record, lines);
  record.time += std::chrono::milliseconds(487);
  writer.append(record, lines);
  record.time += std::chrono::milliseconds(1);
  writer.append(record, lines);

  EXPECT_NE(lines.find("07:41:23.512Z"), std::string::npos);
  EXPECT_NE(lines.find("07:41:23.999Z"), std::string::npos);
  EXPECT_NE(lines.find("07:41:24.000Z"), std::string::npos);
}

TEST(DecisionLineTest, SaysNothingOfAnIdentityThatNoTokenProves) {
  DecisionRecord record = allow();
  record.proof = Proof::anonymous;

  EXPECT_EQ(line_of(record).find("alice"), std::string::npos);
  EXPECT_NE(line_of(record).find(R"("proof":"anonymous")"), std::string::npos);
}

TEST(DecisionLineTest, ShowsListsClaimsCutsAndWeight) {
  DecisionRecord record = allow();
  std::string scratch;
  const std::vector<std::string> groups{"dev", "o\"ps"};
  record.set_whole(RecordText::groups, pack_list(groups, scratch));
  record.set_whole(RecordText::claims, R"({"environment":"prod"})");
  const std::string agent(300, 'a');
  record.set(RecordText::user_agent, agent);
  record.weight = 100;
  record.tls = true;
  std::string other;
  const std::vector<std::string> tags{"v1"};
  record.set_whole(RecordText::existing_tags, pack_list(tags, other));
  const std::string line = line_of(record);

  EXPECT_NE(line.find(R"("groups":["dev","o\"ps"])"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("claims":{"environment":"prod"})"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("tls":true)"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("existingTags":["v1"])"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("weight":100,"cut":["userAgent"]})"), std::string::npos) << line;
  EXPECT_TRUE(parse_json(line, kLimits).ok());
}

TEST(DecisionLineTest, EscapesEveryByte) {
  std::string bytes;
  for (int byte = 1; byte < 256; ++byte) bytes += static_cast<char>(byte);
  DecisionRecord record = allow();
  for (const RecordText which :
       {RecordText::client, RecordText::user_agent, RecordText::forwarded_for, RecordText::path, RecordText::subject})
    record.set(which, bytes);
  const std::string line = line_of(record);

  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_TRUE(parse_json(line, kLimits).ok()) << line;
}

TEST(DecisionLineTest, NamesEveryTextOnce) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kRecordTexts; ++i) names.push_back(record_text_name(static_cast<RecordText>(i)));
  std::sort(names.begin(), names.end());

  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  EXPECT_FALSE(names.front().empty());
}

TEST(DecisionLineTest, HasAWordForEachFact) {
  EXPECT_EQ(proof_name(Proof::none), "none");
  EXPECT_EQ(scope_fact_name(ScopeFact::absent), "absent");
  EXPECT_EQ(scope_fact_name(ScopeFact::insufficient), "insufficient");
  EXPECT_EQ(scope_fact_name(ScopeFact::source_denied), "source_denied");
  EXPECT_EQ(scope_fact_name(ScopeFact::not_asked), "");
  EXPECT_EQ(logged_action_name(Action::none), "");
  EXPECT_EQ(logged_action_name(Action::create), "create");
  EXPECT_EQ(logged_action_name(Action::update), "update");
  EXPECT_EQ(logged_action_name(Action::delete_), "delete");
  EXPECT_EQ(logged_action_name(Action::create_or_update), "create_or_update");
}

/// Lines of records that are packed together.
std::string lines_of(const PackedRecords& records, PackedLines& lines) {
  std::string text;
  lines.begin(records);
  while (!lines.done()) lines.append_next(text);
  return text;
}

TEST(PackedLinesTest, AreTheLinesOfTheRecordsEachByItself) {
  PackedRecords records;
  std::string expected;
  std::vector<std::string> users;
  for (int i = 0; i < 300; ++i) users.push_back("user" + std::to_string(i % 97));
  for (std::size_t i = 0; i < users.size(); ++i) {
    DecisionRecord record = allow();
    record.time += std::chrono::milliseconds(i * 100);
    record.took = std::chrono::microseconds(i);
    record.set(RecordText::username, users[i]);
    record.set(RecordText::repository, users[(i * 31) % users.size()]);
    record.set(RecordText::client, users[(i * 7) % users.size()]);
    if (i % 5 == 0) record.proof = Proof::none;
    if (i % 3 == 0) record.reason = Reason::scope_insufficient;
    record.weight = i % 2 == 0 ? 1 : 100;
    record.cut = static_cast<std::uint32_t>(i % 4);
    ASSERT_TRUE(records.append(record, 1UL << 20));
    expected += line_of(record);
  }
  PackedLines lines;

  EXPECT_EQ(lines_of(records, lines), expected);
  EXPECT_EQ(lines_of(records, lines), expected) << "a second time";
}

TEST(PackedLinesTest, ForgetWhatFormerRecordsSaid) {
  DecisionRecord bob = allow();
  bob.set(RecordText::username, "bobby");  // as long as alice: all places are the same
  PackedRecords first;
  PackedRecords second;
  ASSERT_TRUE(first.append(allow(), 1UL << 16));
  ASSERT_TRUE(second.append(bob, 1UL << 16));
  PackedLines lines;

  EXPECT_EQ(lines_of(first, lines), line_of(allow()));
  EXPECT_EQ(lines_of(second, lines), line_of(bob));
}

TEST(PackedLinesTest, MakeLongPartsEachTime) {
  const std::string claims = R"({"text":")" + std::string(5000, 'x') + R"("})";
  DecisionRecord record = allow();
  record.set_whole(RecordText::claims, claims);
  PackedRecords records;
  ASSERT_TRUE(records.append(record, 1UL << 16));
  ASSERT_TRUE(records.append(record, 1UL << 16));
  PackedLines lines;

  EXPECT_EQ(lines_of(records, lines), line_of(record) + line_of(record));
}

TEST(PackedLinesTest, CountWhatTheyPassOver) {
  PackedRecords records;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(records.append(allow(), 1UL << 16));
  PackedLines lines;
  EXPECT_TRUE(lines.done());
  EXPECT_EQ(lines.left(), 0U);
  lines.begin(records);
  EXPECT_EQ(lines.left(), records.bytes());
  std::string text;
  lines.append_next(text);

  EXPECT_EQ(lines.skip_rest(), 2U);
  EXPECT_TRUE(lines.done());
  EXPECT_EQ(text, line_of(allow()));
}

}  // namespace
}  // namespace portcullis::test
