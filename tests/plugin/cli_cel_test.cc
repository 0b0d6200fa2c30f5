// plugin/cli/cel.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plugin/cli/command.h"
#include "tests/support/command_line.h"
#include "tests/support/fake_clock.h"

namespace portcullis {
namespace {

using test::Said;

constexpr const char* kData = "/tmp/data.json";

class CliCel : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(
        files_.write(kData, R"({"claims": {"sub": "alice", "n": 2}, "req": {"time": "2026-11-22T10:00:00Z"}, "extra": [1, 2]})", 0600)
            .ok());
  }

  Said run(std::vector<const char*> arguments, const std::string& input = {}) {
    arguments.insert(arguments.begin(), "cel");
    return test::run_command({.clock = clock_, .files = files_, .entropy = entropy_}, std::move(arguments), input);
  }

  test::FakeClock clock_;
  FakeFiles files_;
  SystemEntropy entropy_;
};

TEST_F(CliCel, PrintsTheValueAsJson) {
  const Said said = run({"claims.sub + '!'", "--data", kData});

  EXPECT_EQ(said.status, ExitStatus::yes);
  EXPECT_EQ(said.out, "\"alice!\"\n");
  EXPECT_EQ(said.err, "");
}

TEST_F(CliCel, SaysWhereValuesComeFromWhereThereAreNone) {
  const Said bare = run({"req.tag == 'v1'"});

  EXPECT_EQ(bare.status, ExitStatus::no);
  EXPECT_NE(bare.err.find("no such attribute(s): req; --data FILE gives the variables their values"), std::string::npos) << bare.err;
  const Said other = run({"vars.x == 1", "--data", kData});
  EXPECT_EQ(other.err.find("--data"), std::string::npos);
  EXPECT_NE(other.err.find("no such attribute(s): vars; the members of the data are the variables: `jq '{claims: .}'`"), std::string::npos)
      << other.err;
}

TEST_F(CliCel, ShowsNoPieceOfATokenThatIsGivenForAnExpression) {
  constexpr const char* kToken = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5-c2lnbmF0dXJl";
  for (const std::vector<const char*>& words : {std::vector<const char*>{kToken}, {kToken, "--json"}, {kToken, "--type"}}) {
    const Said said = run(words);
    EXPECT_EQ(said.status, ExitStatus::cannot_judge);
    EXPECT_NE((said.out + said.err).find("eyJhbGci… is a token and no expression"), std::string::npos) << said.out << said.err;
    for (const char* piece : {"eyJzdWIi", "Y2FuYXJ5", "c2lnbmF0dXJl"})
      EXPECT_EQ((said.out + said.err).find(piece), std::string::npos) << piece;
  }
}

TEST_F(CliCel, ReadsItsDataFromStandardInput) { EXPECT_EQ(run({"x[0]", "--data", "-"}, R"({"x": [7]})").out, "7\n"); }

TEST_F(CliCel, AnyMemberOfTheDataIsAVariable) { EXPECT_EQ(run({"extra.size()", "--data", kData}).out, "2\n"); }

TEST_F(CliCel, TheTimeOfARequestIsATimestamp) { EXPECT_EQ(run({"req.time.getFullYear()", "--data", kData}).out, "2026\n"); }

TEST_F(CliCel, FalseAndAFailedEvaluationAreANo) {
  EXPECT_EQ(run({"1 > 2"}).status, ExitStatus::no);
  const Said failed = run({"claims.email", "--data", kData});

  EXPECT_EQ(failed.status, ExitStatus::no);
  EXPECT_EQ(failed.err, "portcullis: failed to evaluate the CEL expression 'claims.email': no such key: email\n");
  EXPECT_EQ(failed.out, "");
}

TEST_F(CliCel, AnExpressionThatDoesNotCompileIsShownWithACaret) {
  const Said said = run({"1 + foo"});

  EXPECT_EQ(said.status, ExitStatus::cannot_judge);
  EXPECT_NE(said.err.find("<input>:1:5: undeclared reference to 'foo'"), std::string::npos) << said.err;
  EXPECT_NE(said.err.find("....^"), std::string::npos) << said.err;
}

TEST_F(CliCel, PrintsTheTypeWithoutEvaluating) {
  EXPECT_EQ(run({"--type", "claims.n == 1"}).out, "bool\n");
  EXPECT_EQ(run({"--type", "claims.n"}).out, "dyn\n");
  EXPECT_EQ(run({"--type", "--json", "[1]"}).out, "{\"ok\":true,\"type\":\"list(int)\"}\n");
}

TEST_F(CliCel, AMachineReadsOneObject) {
  EXPECT_EQ(run({"--json", "1 + 1"}).out, "{\"ok\":true,\"type\":\"int\",\"value\":2}\n");
  const Said failed = run({"--json", "1 / 0"});
  EXPECT_EQ(failed.status, ExitStatus::no);
  EXPECT_EQ(failed.out,
            "{\"ok\":false,\"reason\":\"eval_error\",\"detail\":\"failed to evaluate the CEL expression '1 / 0': division by zero\"}\n");
}

TEST_F(CliCel, DataThatCannotBeReadIsNamed) {
  for (const auto& [text, part] : {std::pair("[1]", "an object is needed"), std::pair("{", kData)}) {
    ASSERT_TRUE(files_.write(kData, text, 0600).ok());
    const Said said = run({"1", "--data", kData});

    EXPECT_EQ(said.status, ExitStatus::cannot_judge) << text;
    EXPECT_NE(said.err.find(part), std::string::npos) << said.err;
  }
  EXPECT_EQ(run({"1", "--data", "/nowhere"}).status, ExitStatus::cannot_judge);
}

}  // namespace
}  // namespace portcullis
