// Replay: what the daemon decided it decides again under the same policy, and says what another would change.
#include <optional>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "plugin/decisions/line.h"
#include "plugin/decisions/line_file.h"
#include "plugin/decisions/logged.h"
#include "plugin/decisions/recorder.h"
#include "plugin/decisions/replay.h"
#include "tests/support/gate_fixture.h"
#include "tests/support/key_sets.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

/// A gate of which alice may create and bob may read below `team/**`; everybody may read `public/**`.
constexpr std::string_view kPolicy = R"("repositories":{
  "team/**":{"policies":[{"users":["alice"],"actions":["read","create"]},{"users":["bob"],"actions":["read"]}]},
  "public/**":{"anonymousPolicy":["read"],"defaultPolicy":["read"]}})";

std::string config_with(std::string_view access, std::string_view more = {}) {
  return R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":{)" +
         std::string(access) +
         R"(}},"portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"},"proxy":{"trusted":["127.0.0.1/32"],"clientAddress":"X-Real-IP"},)" +
         std::string(more) + R"("tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"ignored"}}})";
}

std::string token_for(std::string_view user) {
  return token_of(R"({"sub":")" + std::string(user) + R"(","exp":)" + std::to_string(unix_seconds(kNow) + 300) + "}");
}

GateTexts texts_of(const std::string& config) {
  GateTexts texts;
  texts.config = config;
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
  return texts;
}

/// A gate that logs, in memory.
class LoggingGate {
 public:
  explicit LoggingGate(const std::string& config) : gate_(texts_of(config)) {}

  /// The line of one question.
  std::string log(const GateQuestion& question) {
    const GateAnswer given = gate_.ask(question);
    RecordScratch scratch;
    const DecisionRecord record = record_decision(request_of(question), given, gate_.state(), {}, kNow, scratch);
    std::string line;
    LineWriter().append(record, line);
    line.pop_back();
    return line;
  }
  [[nodiscard]] State& state() { return gate_.state(); }

 private:
  TestGate gate_;
};

void add(Replay& replay, const std::string& line) {
  const auto read = LoggedLine::read(line);
  ASSERT_TRUE(std::holds_alternative<LoggedLine>(read)) << line;
  replay.add(std::get<LoggedLine>(read).decision());
}

constexpr std::string_view kDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Every kind of question, by people with rights and without.
std::vector<GateQuestion> all_questions() {
  const std::string digest(kDigest);
  std::vector<GateQuestion> questions;
  const std::vector<std::pair<std::string, std::string>> lines{
      {"GET", "/v2/team/app/manifests/v1"},
      {"PUT", "/v2/team/app/manifests/v1"},
      {"PUT", "/v2/team/app/manifests/" + digest + "?tag=a&tag=b"},
      {"DELETE", "/v2/team/app/manifests/" + digest},
      {"GET", "/v2/team/app/blobs/" + digest},
      {"GET", "/v2/team/app/tags/list"},
      {"GET", "/v2/team/app/referrers/" + digest},
      {"POST", "/v2/team/app/blobs/uploads/"},
      {"POST", "/v2/team/app/blobs/uploads/?digest=" + digest},
      {"POST", "/v2/team/app/blobs/uploads/?mount=" + digest + "&from=public/base"},
      {"POST", "/v2/team/app/blobs/uploads/?mount=" + digest + "&from=secret/base"},
      {"POST", "/v2/team/app/blobs/uploads/?mount=" + digest},
      {"POST", "/v2/team/app/blobs/uploads/?from=public/base"},
      {"PATCH", "/v2/team/app/blobs/uploads/0b0a?_state=x"},
      {"PUT", "/v2/team/app/blobs/uploads/0b0a?digest=" + digest},
      {"GET", "/v2/public/base/manifests/v1"},
      {"GET", "/v2/_catalog"},
      {"GET", "/v2/"}};
  for (const auto& [method, uri] : lines) {
    for (const std::string_view user : {"alice", "bob", "carol"}) questions.push_back(nginx_asks(method, uri, bearer(token_for(user))));
    questions.push_back(nginx_asks(method, uri));
  }
  return questions;
}

TEST(ReplayTest, ChangesNothingUnderTheSamePolicy) {
  LoggingGate gate(config_with(kPolicy));
  Replay replay(gate.state());
  for (const GateQuestion& question : all_questions()) add(replay, gate.log(question));

  EXPECT_EQ(replay.judged(), all_questions().size());
  for (const auto& [key, change] : replay.changes()) ADD_FAILURE() << key.username << " " << key.repository << " " << key.action;
  EXPECT_TRUE(replay.unjudged().empty()) << replay.unjudged().begin()->first;
}

TEST(ReplayTest, ReadsEachQuestionAsItWasRead) {
  LoggingGate gate(config_with(kPolicy));
  for (const GateQuestion& question : all_questions()) {
    const auto asked = requested_access(question.headers[0].second, question.headers[1].second, {}, {4096});
    const std::string line = gate.log(question);
    const auto read = LoggedLine::read(line);
    const auto again = logged_access(std::get<LoggedLine>(read).decision(), gate.state().rules);
    ASSERT_TRUE(asked.ok() && again.ok()) << line;
    EXPECT_EQ(again->kind, asked->kind) << line;
    EXPECT_EQ(again->route, asked->route) << line;
    EXPECT_EQ(again->action, asked->action) << line;
    EXPECT_EQ(again->repository, asked->repository) << line;
    EXPECT_EQ(again->reference, asked->reference) << line;
    EXPECT_EQ(again->tags, asked->tags) << line;
    EXPECT_EQ(again->needs, asked->needs) << line;
    EXPECT_EQ(again->mount_source, asked->mount_source) << line;
  }
}

TEST(ReplayTest, SaysWhoWouldLoseAndWhoWouldGain) {
  LoggingGate before(config_with(kPolicy));
  LoggingGate after(config_with(R"("repositories":{"team/**":{"policies":[{"users":["bob"],"actions":["read","delete"]}]}})"));
  Replay replay(after.state());
  add(replay, before.log(nginx_asks("GET", "/v2/team/app/manifests/v1", bearer(token_for("alice")))));
  add(replay, before.log(nginx_asks("GET", "/v2/team/app/manifests/v2", bearer(token_for("alice")))));
  add(replay, before.log(nginx_asks("DELETE", "/v2/team/app/manifests/v1", bearer(token_for("bob")))));
  add(replay, before.log(nginx_asks("GET", "/v2/team/app/manifests/v1", bearer(token_for("bob")))));
  add(replay, before.log(nginx_asks("GET", "/v2/public/base/manifests/v1")));

  EXPECT_EQ(replay.changed(false), 3U);
  EXPECT_EQ(replay.changed(true), 1U);
  const auto lost = replay.changes().find({.to_allow = false, .username = "alice", .repository = "team/app", .action = "read"});
  ASSERT_NE(lost, replay.changes().end());
  EXPECT_EQ(lost->second.count, 2U);
  EXPECT_EQ(lost->second.after, Reason::policy_denied);
  const auto gained = replay.changes().find({.to_allow = true, .username = "bob", .repository = "team/app", .action = "delete"});
  ASSERT_NE(gained, replay.changes().end());
  EXPECT_EQ(gained->second.rule, R"(http.accessControl.repositories["team/**"].policies[0])");
  EXPECT_TRUE(replay.changes().contains({.to_allow = false, .username = "", .repository = "public/base", .action = "read"}));
}

TEST(ReplayTest, JudgesConditionsByTheTimeAndTheClientOfTheLine) {
  LoggingGate gate(
      config_with(R"x("repositories":{"team/**":{"policies":[{"users":["alice"],"actions":["read"],"conditions":[{"expression":)x"
                  R"x("req.client.ip == '192.0.2.7' && req.userAgent.startsWith('skopeo') && )x"
                  R"x(req.time < timestamp('2026-06-01T00:00:00Z')"}]}]}})x"));
  GateQuestion question = nginx_asks("GET", "/v2/team/app/manifests/v1", bearer(token_for("alice")));
  question.with("X-Real-IP", "192.0.2.7").with("User-Agent", "skopeo/1.9");
  Replay replay(gate.state());
  const std::string line = gate.log(question);
  ASSERT_NE(line.find(R"("decision":"allow")"), std::string::npos) << line;
  add(replay, line);
  EXPECT_TRUE(replay.changes().empty());
  std::string elsewhere = line;
  elsewhere.replace(elsewhere.find("192.0.2.7"), 9, "192.0.2.8");
  add(replay, elsewhere);
  std::string later = line;
  later.replace(later.find("2026-03"), 7, "2026-07");
  add(replay, later);
  EXPECT_EQ(replay.changed(false), 2U);
}

TEST(ReplayTest, ReadsTheClientsAddressAsTheGateDoes) {
  LoggingGate gate(
      config_with(R"x("repositories":{"team/**":{"policies":[{"users":["alice"],"actions":["read"],"conditions":[{"expression":)x"
                  R"x("req.client.ip.startsWith('192.0.2.') && !req.client.ip.contains(':')"}]}]}})x"));
  Replay replay(gate.state());
  int allowed = 0;
  for (const char* stated : {"192.0.2.7", "192.0.2.7:443", "::ffff:192.0.2.7", "192.0.2.7, 203.0.113.9", "192.0.2.not-an-address"}) {
    GateQuestion question = nginx_asks("GET", "/v2/team/app/manifests/v1", bearer(token_for("alice")));
    question.with("X-Real-IP", stated);
    const std::string line = gate.log(question);
    allowed += line.find(R"("decision":"allow")") == std::string::npos ? 0 : 1;
    add(replay, line);
  }
  EXPECT_EQ(allowed, 3);
  EXPECT_TRUE(replay.changes().empty());
}

TEST(ReplayTest, CountsWhatNoPolicyDecided) {
  LoggingGate gate(config_with(kPolicy));
  Replay replay(gate.state());
  add(replay, gate.log(nginx_asks("GET", "/v3/")));
  add(replay, gate.log(nginx_asks("GET", "/v2/team/app/manifests/v1", "Bearer e30.e30.e30")));
  GateQuestion agent = nginx_asks("GET", "/v2/team/app/manifests/v1", bearer(token_for("alice")));
  agent.with("User-Agent", std::string(300, 'a'));
  add(replay, gate.log(agent));

  EXPECT_EQ(replay.judged(), 0U);
  EXPECT_EQ(replay.unjudged().size(), 3U);
  EXPECT_TRUE(replay.unjudged().contains("route_unknown"));
  EXPECT_TRUE(replay.unjudged().contains("cut"));
}

TEST(ReplayTest, AsksForClaimsThatTheLineDoesNotTell) {
  LoggingGate gate(config_with(
      R"("repositories":{"team/**":{"policies":[{"users":["alice"],"actions":["read"],"conditions":[{"expression":"req.claims.env == 'prod'"}]}]}})"));
  Replay replay(gate.state());
  const std::string line =
      R"({"v":1,"time":"2026-03-01T12:00:00.000Z","endpoint":"auth","decision":"deny","reason":"policy_denied","method":"GET",)"
      R"("route":"/v2/<name>/manifests/<reference>","repository":"team/app","reference":"v1","action":"read","proof":"token","username":"alice")";
  add(replay, line + "}");
  EXPECT_TRUE(replay.unjudged().contains("claims_not_logged"));
  add(replay, line + R"(,"absentClaims":["env"]})");
  EXPECT_EQ(replay.judged(), 1U);
  EXPECT_TRUE(replay.changes().empty());
  add(replay, line + R"(,"claims":{"env":"prod"}})");
  EXPECT_EQ(replay.changed(true), 1U);
}

TEST(ReplayTest, CountsASampledLineForAllThatItStandsFor) {
  LoggingGate gate(config_with(R"("repositories":{"team/**":{"anonymousPolicy":["read"]}})"));
  Replay replay(gate.state());
  add(replay,
      R"({"v":1,"time":"2026-03-01T12:00:00.000Z","endpoint":"auth","decision":"deny","reason":"token_missing","method":"GET",)"
      R"("route":"/v2/<name>/manifests/<reference>","repository":"team/app","reference":"v1","action":"read","proof":"anonymous","weight":100})");
  EXPECT_EQ(replay.changed(true), 100U);
}

TEST(LineFileTest, GivesEachLineAndSaysWhichIsNotWhole) {
  const TempFolder folder;
  folder.write("log", "one\n\nthree\nhal");
  Result<LineFile> file = LineFile::open(folder.path("log"));
  ASSERT_TRUE(file.ok());
  std::vector<std::pair<std::string, bool>> lines;
  LineFile::Line line;
  while (file->next(line)) lines.emplace_back(line.text, line.whole);

  EXPECT_EQ(lines, (std::vector<std::pair<std::string, bool>>{{"one", true}, {"", true}, {"three", true}, {"hal", false}}));
  EXPECT_EQ(file->read_bytes(), file->size());
  EXPECT_TRUE(file->fault().empty());
}

TEST(LineFileTest, ReadsOverALineThatIsTooLong) {
  const TempFolder folder;
  folder.write("log", std::string(LineFile::kLongestLine, 'a') + "\n" + std::string(3 * 1024 * 1024, 'b') + "\nlast\n");
  Result<LineFile> file = LineFile::open(folder.path("log"));
  LineFile::Line line;
  ASSERT_TRUE(file->next(line));
  EXPECT_TRUE(line.whole);
  EXPECT_EQ(line.text.size(), LineFile::kLongestLine);
  ASSERT_TRUE(file->next(line));
  EXPECT_FALSE(line.whole);
  ASSERT_TRUE(file->next(line));
  EXPECT_TRUE(line.whole);
  EXPECT_EQ(line.text, "last");
  EXPECT_FALSE(file->next(line));
}

TEST(LineFileTest, NamesAFileThatIsNotThere) {
  const TempFolder folder;
  const Result<LineFile> file = LineFile::open(folder.path("absent"));
  ASSERT_FALSE(file.ok());
  EXPECT_NE(file.error().detail.find("absent: No such file"), std::string::npos);
}

TEST(LineFileTest, TellsOfAFaultWhileReading) {
  const TempFolder folder;
  Result<LineFile> file = LineFile::open(folder.path(""));
  ASSERT_TRUE(file.ok());
  LineFile::Line line;
  EXPECT_FALSE(file->next(line));
  EXPECT_NE(file->fault().find("Is a directory"), std::string::npos);
}

}  // namespace
}  // namespace portcullis::test
