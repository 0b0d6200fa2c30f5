// `portcullis replay` as a shell sees it: a configuration and logs in, a table or JSON out, and an exit status.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "plugin/cli/command.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

constexpr const char* kConfig = "/etc/portcullis/new.json";

std::string line(std::string_view decision, std::string_view reason, std::string_view user, std::string_view repository) {
  return R"({"v":1,"time":"2026-03-01T12:00:00.000Z","id":"x","endpoint":"auth","decision":")" + std::string(decision) + R"(","reason":")" +
         std::string(reason) + R"(","method":"GET","route":"/v2/<name>/manifests/<reference>","repository":")" + std::string(repository) +
         R"(","reference":"v1","action":"read","proof":"token","username":")" + std::string(user) + R"(","scope":"absent"})" + "\n";
}

class CliReplay : public testing::Test {
 protected:
  void SetUp() override {
    const std::string config =
        R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":{"repositories":{)"
        R"("team/**":{"policies":[{"users":["alice"],"actions":["read"]}]}}}},"portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"},)"
        R"("proxy":{"trusted":["127.0.0.1/32"]},"tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"optional"}}})";
    ASSERT_TRUE(files_.write(kConfig, config, 0600).ok());
  }

  ExitStatus run(std::vector<std::string> arguments) {
    out_.clear();
    err_.clear();
    CommandContext context{.clock = clock_,
                           .files = files_,
                           .entropy = entropy_,
                           .out = [this](std::string_view text) { out_ += text; },
                           .err = [this](std::string_view text) { err_ += text; },
                           .read_input = [](std::size_t) { return Result<std::string>(std::string()); },
                           .terminal = terminal_};
    arguments.insert(arguments.begin(), {"portcullis", "replay"});
    std::vector<const char*> words;
    for (const std::string& argument : arguments) words.push_back(argument.c_str());
    return run_command_line(static_cast<int>(words.size()), words.data(), context);
  }

  TempFolder folder_;
  FakeClock clock_;
  FakeFiles files_;
  SystemEntropy entropy_;
  bool terminal_ = false;
  std::string out_;
  std::string err_;
};

TEST_F(CliReplay, SaysThatNothingChanges) {
  const std::string log =
      folder_.write("d.jsonl", line("allow", "allowed", "alice", "team/app") + line("deny", "policy_denied", "bob", "team/app"));

  EXPECT_EQ(run({kConfig, "--log", log}), ExitStatus::yes) << err_;
  EXPECT_EQ(out_, "2 lines, 2 decisions judged: 0 allow -> deny, 0 deny -> allow\n");
  EXPECT_EQ(err_, "");
}

TEST_F(CliReplay, NamesEachChangeByUserAndRepository) {
  const std::string first =
      folder_.write("1.jsonl", line("allow", "allowed", "bob", "team/app") + line("allow", "allowed", "bob", "team/app"));
  const std::string second = folder_.write("2.jsonl", line("deny", "policy_denied", "alice", "team/app"));

  EXPECT_EQ(run({kConfig, "--log", first, second}), ExitStatus::no);
  EXPECT_NE(out_.find("allow -> deny  bob    team/app    read    2      policy_denied"), std::string::npos) << out_;
  EXPECT_NE(out_.find(R"(http.accessControl.repositories["team/**"].policies[0])"), std::string::npos) << out_;
  EXPECT_NE(out_.find("3 lines, 3 decisions judged: 2 allow -> deny, 1 deny -> allow\n"), std::string::npos) << out_;
}

TEST_F(CliReplay, WritesJson) {
  const std::string log = folder_.write("d.jsonl", line("allow", "allowed", "bob", "team/app") + line("deny", "token_expired", "", ""));

  EXPECT_EQ(run({kConfig, "--log", log, "--json"}), ExitStatus::no);
  EXPECT_EQ(out_, R"({"lines":2,"judged":1,"allowToDeny":1,"denyToAllow":0,"changes":[{"from":"allow","to":"deny","username":"bob",)"
                  R"("repository":"team/app","action":"read","count":1,"before":"allowed","after":"policy_denied","rule":""}],)"
                  R"("notJudged":{"token_expired":1},"otherVersion":0,"damaged":0,"halfLines":[]})"
                  "\n");
}

TEST_F(CliReplay, ReadsOverHalfALineAndOtherFaultsAndSaysSo) {
  const std::string log = folder_.write("d.jsonl", line("allow", "allowed", "alice", "team/app") + "damaged\n" + R"({"v":2})" + "\n\n" +
                                                       line("allow", "allowed", "alice", "team/app").substr(0, 60));

  EXPECT_EQ(run({kConfig, "--log", log}), ExitStatus::yes);
  EXPECT_NE(out_.find("4 lines, 1 decision judged"), std::string::npos) << out_;
  EXPECT_NE(out_.find("not read: 1 line of another version of the log\n"), std::string::npos) << out_;
  EXPECT_NE(out_.find("not read: 1 damaged line\n"), std::string::npos) << out_;
  EXPECT_NE(out_.find("not read: half a line at the end of " + log + "\n"), std::string::npos) << out_;
}

TEST_F(CliReplay, DoesNotJudgeWhatItCannotRead) {
  EXPECT_EQ(run({kConfig, "--log", folder_.path("absent")}), ExitStatus::cannot_judge);
  EXPECT_NE(err_.find("absent: No such file"), std::string::npos) << err_;
  EXPECT_EQ(run({kConfig, "--log", folder_.write("other", "<html>\n</html>\n")}), ExitStatus::cannot_judge);
  EXPECT_NE(err_.find("no line of it is a decision"), std::string::npos) << err_;
  ASSERT_TRUE(files_.write("/etc/portcullis/broken.json", "{", 0600).ok());
  EXPECT_EQ(run({"/etc/portcullis/broken.json", "--log", folder_.path("other")}), ExitStatus::cannot_judge);
  EXPECT_EQ(run({kConfig}), ExitStatus::cannot_judge);
}

TEST_F(CliReplay, TakesAnEmptyLogForNoChange) { EXPECT_EQ(run({kConfig, "--log", folder_.write("d.jsonl", "")}), ExitStatus::yes); }

TEST_F(CliReplay, ShowsItsProgressOnATerminalAlone) {
  const std::string log = folder_.write("d.jsonl", line("allow", "allowed", "alice", "team/app"));
  terminal_ = true;

  EXPECT_EQ(run({kConfig, "--log", log}), ExitStatus::yes);
  EXPECT_NE(err_.find("100%"), std::string::npos) << err_;
  EXPECT_EQ(err_.find("\x1b["), std::string::npos) << "no colour was asked for";
  EXPECT_EQ(err_.back(), '\r') << "the bar is gone when the result stands";
}

}  // namespace
}  // namespace portcullis::test
