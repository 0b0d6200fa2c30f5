// Lines read again: what the log wrote, and nothing that only looks like it.
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/decisions/line.h"
#include "plugin/decisions/logged.h"

namespace portcullis::test {
namespace {

/// Only what every line has, and `members` behind it.
std::string line(std::string_view members = {}) {
  return R"({"v":1,"time":"2026-11-22T07:41:23.512Z","endpoint":"auth","decision":"allow","reason":"allowed","proof":"none")" +
         (members.empty() ? std::string() : "," + std::string(members)) + "}";
}

bool is_damaged(std::string_view text) {
  const auto read = LoggedLine::read(text);
  return std::holds_alternative<LineFault>(read) && std::get<LineFault>(read) == LineFault::damaged;
}

TEST(LoggedLineTest, ReadsWhatTheLogWrites) {
  std::string scratch;
  std::string existing;
  std::string missing;
  const std::vector<std::string> groups{"dev", "o\"ps"};
  const std::vector<std::string> old_tags{"v1"};
  const std::vector<std::string> new_tags{"v2", "v3"};
  DecisionRecord record;
  record.time = TimePoint(std::chrono::milliseconds(1'795'333'283'512));
  record.endpoint = Endpoint::envoy;
  record.reason = Reason::mount_source_denied;
  record.route = "/v2/<name>/blobs/uploads/?mount=<digest>&from=<source>";
  record.action = Action::create;
  record.proof = Proof::token;
  record.scope = ScopeFact::source_denied;
  record.tls = true;
  record.weight = 7;
  record.set(RecordText::method, "POST");
  record.set(RecordText::path, "/x");
  record.set(RecordText::repository, "team/app");
  record.set(RecordText::reference, "sha256:1");
  record.has_mount_source = true;
  record.set(RecordText::mount_source, "other/app");
  record.set(RecordText::subject, "s");
  record.set(RecordText::username, "alice");
  record.set_whole(RecordText::groups, pack_list(groups, scratch));
  record.set_whole(RecordText::existing_tags, pack_list(old_tags, existing));
  record.set_whole(RecordText::missing_tags, pack_list(new_tags, missing));
  record.set(RecordText::issuer, "i");
  record.set(RecordText::kid, "k");
  record.set_whole(RecordText::claims, R"({"a":1})");
  record.set(RecordText::peer, "unix:33");
  record.set(RecordText::client, "192.0.2.7");
  record.set(RecordText::user_agent, "agent \"x\"");
  record.set(RecordText::forwarded_for, "a, b");
  LineWriter writer;
  std::string text;
  writer.append(record, text);
  text.pop_back();

  const auto read = LoggedLine::read(text);

  ASSERT_TRUE(std::holds_alternative<LoggedLine>(read)) << text;
  const LoggedDecision& logged = std::get<LoggedLine>(read).decision();
  EXPECT_EQ(logged.time, record.time);
  EXPECT_EQ(logged.endpoint, "envoy");
  EXPECT_EQ(logged.reason, Reason::mount_source_denied);
  EXPECT_FALSE(logged.allowed());
  EXPECT_EQ(logged.route, record.route);
  EXPECT_EQ(logged.action, "create");
  EXPECT_EQ(logged.proof, Proof::token);
  EXPECT_EQ(logged.scope, ScopeFact::source_denied);
  EXPECT_TRUE(logged.tls);
  EXPECT_FALSE(logged.cut);
  EXPECT_EQ(logged.weight, 7U);
  EXPECT_EQ(logged.method, "POST");
  EXPECT_EQ(logged.path, "/x");
  EXPECT_EQ(logged.repository, "team/app");
  EXPECT_EQ(logged.reference, "sha256:1");
  EXPECT_EQ(logged.mount_source, "other/app");
  EXPECT_EQ(logged.subject, "s");
  EXPECT_EQ(logged.username, "alice");
  EXPECT_EQ(logged.groups, (std::vector<std::string_view>{"dev", "o\"ps"}));
  EXPECT_EQ(logged.existing_tags, (std::vector<std::string_view>{"v1"}));
  EXPECT_EQ(logged.missing_tags, (std::vector<std::string_view>{"v2", "v3"}));
  EXPECT_EQ(logged.issuer, "i");
  EXPECT_EQ(logged.kid, "k");
  EXPECT_EQ(logged.claims.dump(), R"({"a":1})");
  EXPECT_EQ(logged.peer, "unix:33");
  EXPECT_EQ(logged.client, "192.0.2.7");
  EXPECT_EQ(logged.user_agent, "agent \"x\"");
  EXPECT_EQ(logged.forwarded_for, "a, b");
}

TEST(LoggedLineTest, PassesOverWhatLaterVersionsAdd) {
  EXPECT_TRUE(std::holds_alternative<LoggedLine>(LoggedLine::read(line(R"("novel":{"a":[1]})"))));
}

TEST(LoggedLineTest, KnowsLinesOfAnotherVersion) {
  const auto read = LoggedLine::read(R"({"v":2,"anything":true})");
  ASSERT_TRUE(std::holds_alternative<LineFault>(read));
  EXPECT_EQ(std::get<LineFault>(read), LineFault::other_version);
}

TEST(LoggedLineTest, RefusesHalfALineWhereverItEnds) {
  const std::string whole = line(R"("username":"alice","groups":["a"])");
  ASSERT_FALSE(is_damaged(whole));
  for (std::size_t end = 0; end < whole.size(); ++end) EXPECT_TRUE(is_damaged(whole.substr(0, end))) << whole.substr(0, end);
}

TEST(LoggedLineTest, RefusesALineThatLacksWhatAllHave) {
  EXPECT_TRUE(is_damaged("[]"));
  EXPECT_TRUE(is_damaged("{}"));
  EXPECT_TRUE(is_damaged(R"({"v":1})"));
  EXPECT_TRUE(is_damaged(R"({"v":"1","time":"2026-11-22T07:41:23.512Z","endpoint":"auth","reason":"allowed","proof":"none"})"));
  for (const std::string_view name : {"time", "endpoint", "reason", "proof"}) {
    std::string without = line();
    const std::size_t at = without.find("\"" + std::string(name) + "\"");
    without.replace(at + 1, 1, "_");
    EXPECT_TRUE(is_damaged(without)) << without;
  }
}

TEST(LoggedLineTest, RefusesFieldsOfAnotherType) {
  for (const std::string_view members :
       {R"("username":1)", R"("groups":"a")", R"("groups":[1])", R"("claims":[])", R"("tls":"yes")", R"("weight":0)", R"("weight":-1)",
        R"("weight":"2")", R"("cut":"a")", R"("scope":"")", R"("scope":"wide")", R"("mountSource":null)", R"("tags":{})"})
    EXPECT_TRUE(is_damaged(line(members))) << members;
}

TEST(LoggedLineTest, SaysThatATextWasCut) {
  const auto read = LoggedLine::read(line(R"("cut":["userAgent"])"));
  ASSERT_TRUE(std::holds_alternative<LoggedLine>(read));
  EXPECT_TRUE(std::get<LoggedLine>(read).decision().cut);
}

TEST(LogTimeTest, IsReadAsItIsWritten) {
  EXPECT_EQ(read_log_time("1970-01-01T00:00:00.001Z"), TimePoint(std::chrono::milliseconds(1)));
  EXPECT_EQ(read_log_time("2026-11-22T07:41:23.512Z"), TimePoint(std::chrono::milliseconds(1'795'333'283'512)));
  EXPECT_TRUE(read_log_time("2024-02-29T23:59:59.999Z").has_value());
}

TEST(LogTimeTest, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", "2026-11-22T07:41:23Z", "2026-11-22 07:41:23.512Z", "2026-11-22T07:41:23.512", "2025-02-29T00:00:00.000Z",
        "2026-13-01T00:00:00.000Z", "2026-00-01T00:00:00.000Z", "2026-01-01T24:00:00.000Z", "2026-01-01T00:60:00.000Z",
        "2026-01-01T00:00:60.000Z", "2026-01-01T00:00:+1.000Z", "-026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.0 0Z"})
    EXPECT_FALSE(read_log_time(text).has_value()) << text;
}

}  // namespace
}  // namespace portcullis::test
