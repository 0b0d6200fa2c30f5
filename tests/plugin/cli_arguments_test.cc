// What the command line answers to arguments that are not as it wants them, and that it shows no secret among them.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "plugin/cli/command.h"
#include "plugin/cli/version.h"
#include "tests/support/command_line.h"
#include "tests/support/fake_clock.h"
#include "tests/support/gate_fixture.h"
#include "tests/support/tokens.h"

namespace portcullis {
namespace {

using test::Said;

constexpr const char* kConfig = "/etc/portcullis/config.json";
constexpr const char* kToken = "/nowhere/token.jwt";

class CliArguments : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(files_.write(kConfig, test::gate_config(), 0600).ok());
    ASSERT_TRUE(files_.write("/etc/portcullis/keys.json", test::secret_json({{"k1", &test::key_pair("ED25519")}}), 0600).ok());
    ASSERT_TRUE(files_.write(kToken, test::good_token() + "\n", 0600).ok());
  }

  Said run(const std::vector<std::string>& arguments) {
    std::vector<const char*> words;
    for (const std::string& argument : arguments) words.push_back(argument.c_str());
    return test::run_command({.clock = clock_, .files = files_, .entropy = entropy_}, std::move(words));
  }

  /// The same, and that it is a usage error which says `part`.
  void expect_refused(const std::vector<std::string>& arguments, const char* part) {
    const Said said = run(arguments);
    EXPECT_EQ(said.status, ExitStatus::cannot_judge) << said.err;
    EXPECT_NE(said.err.find(part), std::string::npos) << said.err;
    EXPECT_TRUE(said.out.empty()) << said.out;
  }

  test::FakeClock clock_;
  FakeFiles files_;
  SystemEntropy entropy_;
};

TEST_F(CliArguments, ATokenThatWasGivenAsAnArgumentIsNotPrinted) {
  const std::string token = test::good_token();
  const std::string shown = token.substr(0, 8) + "…";
  const std::vector<std::vector<std::string>> mistakes{{"verify", kConfig, "--token", token},
                                                       {"verify", kConfig, "--token=" + token},
                                                       {"verify", kConfig, token},
                                                       {"verify", token, "--token", kToken},
                                                       {"verify", kConfig, "Bearer " + token},
                                                       {token},
                                                       {"--token=" + token},
                                                       {"check", token},
                                                       {"aws", token}};
  for (const auto& arguments : mistakes) {
    const Said said = run(arguments);
    EXPECT_EQ(said.status, ExitStatus::cannot_judge) << said.out;
    EXPECT_EQ((said.out + said.err).find(token), std::string::npos) << said.err;
    EXPECT_NE(said.err.find(shown), std::string::npos) << said.err;
  }
}

TEST_F(CliArguments, AnAnswerThatNamesItsArgumentShowsNoTokenEither) {
  const Said said = run({"ecr", "host", test::good_token()});

  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(said.out.starts_with("'eyJhbGci…' is no host name of Amazon ECR")) << said.out;
}

TEST_F(CliArguments, WhoGivesATokenAsAnArgumentIsToldHowItIsGiven) {
  expect_refused({"verify", kConfig, "--token", test::good_token()}, "portcullis: --token takes a file, or - for standard input");
  expect_refused({"verify", kConfig, test::good_token()}, "--token and --key take a file, or - for standard input");
  expect_refused({"token", "mint", "--key", test::key_pair("ED25519").private_pem()}, "--key takes a file, or - for standard input");
}

TEST_F(CliArguments, APrivateKeyThatWasGivenAsAnArgumentIsNotPrinted) {
  const std::string pem = test::key_pair("ED25519").private_pem();
  const std::string secret = pem.substr(pem.find('\n') + 1, 20);
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"token", "mint", "--key", pem}, {"token", "mint", "--key=" + pem}, {"token", "mint", pem}, {"check", pem}, {pem}}) {
    const Said said = run(arguments);
    EXPECT_EQ(said.status, ExitStatus::cannot_judge);
    EXPECT_EQ((said.out + said.err).find(secret), std::string::npos) << said.err;
  }
}

TEST_F(CliArguments, ATokenComesThroughAPipeOfTheShell) {
  char folder[] = "/tmp/portcullis-pipe.XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string pipe = std::string(folder) + "/token";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&pipe] { std::ofstream(pipe) << test::good_token() << '\n'; });

  const Said said = run({"verify", kConfig, "--token", pipe});

  writer.join();
  EXPECT_EQ(said.status, ExitStatus::yes) << said.out << said.err;
  std::thread flood([&pipe] { std::ofstream(pipe) << std::string(64 * 1024 + 1, 'a'); });
  EXPECT_EQ(run({"verify", kConfig, "--token", pipe}).err, "portcullis: " + pipe + ": larger than 65536 bytes\n");
  flood.join();
  std::filesystem::remove_all(folder);
}

TEST_F(CliArguments, VerifyTakesNoMethodThatNothingAsksFor) {
  expect_refused({"verify", kConfig, "--token", kToken, "--method", "DELETE"}, "verify: --method needs --uri");
  expect_refused({"verify", kConfig, "--token", kToken, "--method", "GET", "--repository", "team/app", "--action", "pull"},
                 "--method needs --uri");
  EXPECT_EQ(run({"verify", kConfig, "--token", kToken, "--method", "GET", "--uri", "/v2/team/app/tags/list"}).status, ExitStatus::yes);
}

TEST_F(CliArguments, VerifyTakesNoClientThatIsNoAddress) {
  for (const char* client : {"not-an-ip", "192.0.2.7:80", "192.0.2.0/24", "[::1]", "192.0.2.256"})
    expect_refused({"verify", kConfig, "--token", kToken, "--client", client}, "verify: --client is an IP address");
  for (const char* client : {"192.0.2.7", "2001:db8::1", "::1"})
    EXPECT_EQ(run({"verify", kConfig, "--token", kToken, "--client", client}).status, ExitStatus::yes) << client;
}

TEST_F(CliArguments, TheVersionIsAnOptionToo) {
  const Said said = run({"--version"});

  EXPECT_EQ(said.status, ExitStatus::yes);
  EXPECT_EQ(said.out, "portcullis " + std::string(program_version()) + "\n");
  EXPECT_EQ(said.out, run({"version"}).out);
  EXPECT_TRUE(said.err.empty()) << said.err;
}

TEST_F(CliArguments, AnUnknownOptionInFrontOfTheSubcommandIsNamed) {
  for (const char* option : {"--bogus", "-v", "-", "--json", "--", "--version=2"})
    expect_refused({option}, ("portcullis: there is no option '" + std::string(option) + "' in front of a subcommand").c_str());
  expect_refused({"--bogus", "check", kConfig}, "there is no option '--bogus'");
}

}  // namespace
}  // namespace portcullis
