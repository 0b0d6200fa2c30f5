// `portcullis login`, the Docker credential helper and the kubelet provider, with a login that needs nobody.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "broker/docker_credential.h"
#include "plugin/cli/broker_world.h"
#include "plugin/cli/command.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using test::contains;

constexpr const char* kConfig = R"({"http":{"auth":{"bearer":{"realm":"https://auth.example.com","service":"registry"}}},"portcullis":{)"
                                R"("keys":{"file":"keys.json"},"tokens":{"issuers":["any"],"audiences":["any"]},"broker":{"registries":{)"
                                R"("registry.example:5000":{"username":"ada","passwordVariable":"PASSWORD"}}}}})";

/// The same for the commands alone: nothing of a gate.
constexpr const char* kCommandsAlone =
    R"({"portcullis":{"broker":{"registries":{"registry.example:5000":{"username":"ada","passwordVariable":"PASSWORD"}}}}})";

/// A machine with a configuration, or without.
struct Machine {
  explicit Machine(test::Variables variables = {{"PASSWORD", "canary"}}) : world(std::move(variables)) {
    (void)world.files.write(kUsualConfig, kConfig, 0600);
  }

  CommandContext context() {
    return {.clock = world.clock,
            .files = world.files,
            .entropy = world.entropy,
            .out = [this](std::string_view text) { out += text; },
            .err = [this](std::string_view text) { err += text; },
            .read_input = [this](std::size_t limit) { return input.size() <= limit ? Result<std::string>(input) : too_long(); },
            .http = &world.http,
            .environment = &world.environment,
            .pause = {},
            .run_program =
                [this](const std::vector<std::string>& words, std::string_view piped) {
                  ran = words;
                  given = piped;
                  return Result<int>(program_status);
                }};
  }
  ExitStatus run(std::vector<const char*> words) {
    CommandContext one = context();
    words.insert(words.begin(), "portcullis");
    return run_command_line(static_cast<int>(words.size()), words.data(), one);
  }
  ExitStatus help(std::vector<const char*> words, const std::string& text = "") {
    input = text;
    out.clear();
    CommandContext one = context();
    words.insert(words.begin(), "/usr/bin/docker-credential-portcullis");
    return run_docker_helper(static_cast<int>(words.size()), words.data(), one);
  }

  static Result<std::string> too_long() { return Error{Reason::io_failed, "standard input is too long"}; }

  test::ChainWorld world;
  std::string input, out, err, given;
  std::vector<std::string> ran;
  int program_status = 0;
};

TEST(CliLogin, AFileThatSaysNothingOfAGateIsEnough) {
  Machine machine;
  ASSERT_TRUE(machine.world.files.write(kUsualConfig, kCommandsAlone, 0600).ok());

  EXPECT_EQ(machine.run({"login", "registry.example:5000", "--password"}), ExitStatus::yes) << machine.err;
  EXPECT_EQ(machine.run({"check", kUsualConfig}), ExitStatus::yes) << machine.out;
  EXPECT_TRUE(contains(machine.out, "http.auth.bearer: is not there: the commands of portcullis.broker work")) << machine.out;
  EXPECT_TRUE(contains(machine.out, ": 0 errors, 0 warnings: good\n")) << machine.out;
  EXPECT_EQ(machine.run({"doctor", kUsualConfig}), ExitStatus::yes) << machine.out;

  for (const std::vector<const char*>& words : {std::vector<const char*>{"serve", kUsualConfig},
                                                {"serve", kUsualConfig, "--trust", "127.0.0.1/32"},
                                                {"verify", kUsualConfig, "--uri", "/v2/"},
                                                {"keys", kUsualConfig}}) {
    EXPECT_EQ(machine.run(words), ExitStatus::cannot_judge) << words.front();
    EXPECT_TRUE(contains(machine.err, "realm and service must be specified")) << machine.err;
    machine.err.clear();
  }
  EXPECT_EQ(machine.run({"check", kUsualConfig, "--trust", "127.0.0.1/32"}), ExitStatus::no) << "it is to be served";
}

TEST(CliLogin, AFileThatSaysSomethingOfAGateHasToSayItAll) {
  Machine machine;
  for (const char* more : {R"("listen":["unix:gate.sock"],)", R"("keys":{"file":"keys.json"},)"}) {
    std::string text = kCommandsAlone;
    text.insert(text.find(R"("broker")"), more);
    ASSERT_TRUE(machine.world.files.write(kUsualConfig, text, 0600).ok());
    EXPECT_EQ(machine.run({"login", "registry.example:5000", "--password"}), ExitStatus::cannot_judge) << more;
  }
}

TEST(CliLogin, PrintsALogin) {
  Machine one;
  EXPECT_EQ(one.run({"login", "registry.example:5000"}), ExitStatus::yes) << one.err;
  EXPECT_EQ(one.out, "username  ada\npassword  canary\nexpires   never\n");

  Machine json;
  EXPECT_EQ(json.run({"login", "https://registry.example:5000/", "--json"}), ExitStatus::yes);
  EXPECT_EQ(json.out, "{\"registry\":\"registry.example:5000\",\"username\":\"ada\",\"password\":\"canary\"}\n");

  Machine password;
  EXPECT_EQ(password.run({"login", "registry.example:5000", "--password"}), ExitStatus::yes);
  EXPECT_EQ(password.out, "canary\n");
}

TEST(CliLogin, PipesThePasswordAndTellsWhatDockerSaid) {
  Machine one;
  EXPECT_EQ(one.run({"login", "registry.example:5000", "--docker"}), ExitStatus::yes);
  EXPECT_EQ(one.ran, (std::vector<std::string>{"docker", "login", "--username", "ada", "--password-stdin", "registry.example:5000"}));
  EXPECT_EQ(one.given, "canary");
  EXPECT_EQ(one.out, "");

  one.program_status = 1;
  EXPECT_EQ(one.run({"login", "registry.example:5000", "--docker"}), ExitStatus::no);
}

TEST(CliLogin, SaysWhatIsMissing) {
  Machine stranger;
  EXPECT_EQ(stranger.run({"login", "other.example"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(stranger.err, "portcullis.broker.registries"));

  Machine without(test::Variables{});
  EXPECT_EQ(without.run({"login", "registry.example:5000"}), ExitStatus::no);
  EXPECT_TRUE(contains(without.err, "PASSWORD"));

  Machine two;
  EXPECT_EQ(two.run({"login", "registry.example:5000", "--json", "--docker"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(two.ran.empty());
}

TEST(CliLogin, ReadsTheConfigurationThatIsNamed) {
  Machine option;
  EXPECT_EQ(option.run({"login", "registry.example:5000", "--config", "/gone.json"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(option.err, "/gone.json"));

  Machine variable(test::Variables{{"PORTCULLIS_CONFIG", "/gone.json"}});
  EXPECT_EQ(variable.run({"login", "registry.example:5000"}), ExitStatus::cannot_judge);

  Machine none;
  none.world.files.remove(kUsualConfig);
  EXPECT_EQ(none.run({"login", "registry.example:5000"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(none.err, "no login is configured"));

  Machine bare;
  (void)bare.world.files.write(kUsualConfig, R"({"portcullis":{"keys":{"file":"k"},"tokens":{"issuers":["any"],"audiences":["any"]}}})",
                               0600);
  EXPECT_EQ(bare.run({"login", "registry.example:5000"}), ExitStatus::cannot_judge);
}

TEST(DockerHelper, IsKnownByItsName) {
  EXPECT_TRUE(is_docker_helper("docker-credential-portcullis"));
  EXPECT_TRUE(is_docker_helper("/usr/local/bin/docker-credential-portcullis"));
  for (const char* other : {"portcullis", "/docker-credential-portcullis/portcullis", "docker-credential-portcullis2", ""})
    EXPECT_FALSE(is_docker_helper(other)) << other;
}

TEST(DockerHelper, GetsListsErasesAndStoresNothing) {
  Machine one;
  EXPECT_EQ(one.help({"get"}, "https://registry.example:5000\n"), ExitStatus::yes);
  EXPECT_EQ(one.out, "{\"ServerURL\":\"https://registry.example:5000\",\"Username\":\"ada\",\"Secret\":\"canary\"}\n");
  EXPECT_EQ(one.help({"list"}), ExitStatus::yes);
  EXPECT_EQ(one.out, "{\"https://registry.example:5000\":\"ada\"}\n");
  EXPECT_EQ(one.help({"erase"}, "registry.example:5000"), ExitStatus::yes);
  EXPECT_EQ(one.out, "");
  EXPECT_EQ(one.help({"store"}, R"({"ServerURL":"registry.example:5000","Username":"ada","Secret":"canary"})"), ExitStatus::no);
  EXPECT_FALSE(contains(one.out, "canary"));
  EXPECT_EQ(one.help({"version"}), ExitStatus::yes);
}

TEST(DockerHelper, SaysWhatItIsWhereAPersonAsks) {
  Machine one;
  for (const char* word : {"--help", "-h", "help"}) {
    EXPECT_EQ(one.help({word}), ExitStatus::yes) << word;
    EXPECT_TRUE(contains(one.out, "Usage: docker-credential-portcullis get|list|store|erase|version\n")) << one.out;
    EXPECT_TRUE(contains(one.out, kUsualConfig)) << one.out;
  }
}

TEST(DockerHelper, RefusesOnStandardOutputWithDockersWords) {
  Machine one;
  const auto said = [&one](std::vector<const char*> words, const std::string& text = "") {
    EXPECT_EQ(one.help(std::move(words), text), ExitStatus::no);
    return one.out;
  };

  EXPECT_EQ(said({"get"}, "other.example"), "credentials not found in native keychain\n");
  EXPECT_EQ(said({"get"}, "\n"), "no credentials server URL\n");
  EXPECT_EQ(said({"erase"}, ""), "no credentials server URL\n");
  EXPECT_EQ(said({"store"}, R"({"ServerURL":"r"})"), "no credentials username\n");
  EXPECT_EQ(said({"sing"}), "docker-credential-portcullis: unknown action: sing\n");
  EXPECT_EQ(said({}), "Usage: docker-credential-portcullis <store|get|erase|list|version>\n");
  EXPECT_EQ(one.err, "");
}

TEST(DockerHelper, WhatCannotBeReadIsRefusedByEachAction) {
  Machine one;
  const std::string longest(kDockerInputBytes, 'r');
  for (const char* action : {"get", "store", "erase"}) {
    EXPECT_EQ(one.help({action}, longest + "r"), ExitStatus::no) << action;
    EXPECT_EQ(one.out, "standard input is too long\n") << action;
    (void)one.help({action}, longest);
    EXPECT_FALSE(contains(one.out, "too long")) << action << ": " << one.out;
  }
}

TEST(DockerHelper, AConfigurationThatDoesNotLoadIsNeverTakenForNone) {
  Machine one;
  (void)one.world.files.write(kUsualConfig, "{", 0600);
  EXPECT_EQ(one.help({"get"}, "registry.example:5000"), ExitStatus::no);
  EXPECT_TRUE(one.out.starts_with("portcullis: ")) << one.out;
  EXPECT_TRUE(contains(one.out, kUsualConfig)) << one.out;
  EXPECT_EQ(one.help({"list"}), ExitStatus::no);
  EXPECT_TRUE(one.out.starts_with("portcullis: ")) << one.out;
  EXPECT_TRUE(contains(one.out, kUsualConfig)) << one.out;
}

TEST(DockerHelper, AServerThatIsNoHostIsNotFound) {
  Machine one;
  EXPECT_EQ(one.help({"get"}, "https://registry.example:5000/v1/\n"), ExitStatus::yes) << one.out;
  for (const char* server : {"registry.example:99999", "ftp://registry.example:5000"}) {
    EXPECT_EQ(one.help({"get"}, server), ExitStatus::no) << server;
    EXPECT_EQ(one.out, "credentials not found in native keychain\n") << server;
  }
}

TEST(DockerHelper, ALoginThatFailsIsNeverTakenForNone) {
  Machine one(test::Variables{});
  EXPECT_EQ(one.help({"get"}, "registry.example:5000"), ExitStatus::no);
  EXPECT_TRUE(contains(one.out, "PASSWORD"));
  EXPECT_FALSE(contains(one.out, "not found in native keychain"));
}

TEST(KubeletProvider, AnswersTheKubelet) {
  Machine one;
  one.input =
      R"({"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"registry.example:5000/app"})";

  EXPECT_EQ(one.run({"kubelet-provider"}), ExitStatus::yes) << one.err;
  EXPECT_EQ(one.out,
            R"({"kind":"CredentialProviderResponse","apiVersion":"credentialprovider.kubelet.k8s.io/v1","cacheKeyType":"Registry",)"
            R"("cacheDuration":"300s","auth":{"registry.example:5000":{"username":"ada","password":"canary"}}})"
            "\n");
}

TEST(KubeletProvider, GivesAPodNothingOfTheNodes) {
  Machine one;
  one.input =
      R"({"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"registry.example:5000/app",)"
      R"("serviceAccountToken":"canary-token"})";

  EXPECT_EQ(one.run({"kubelet-provider"}), ExitStatus::no);
  EXPECT_EQ(one.out, "");
  EXPECT_FALSE(contains(one.err, "canary"));
}

TEST(KubeletProvider, TellsAnUnknownRegistryFromABadRequest) {
  Machine one;
  one.input = R"({"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"other.example/app"})";
  EXPECT_EQ(one.run({"kubelet-provider"}), ExitStatus::yes);
  EXPECT_TRUE(contains(one.out, R"("auth":null)"));

  Machine bad;
  bad.input = "{}";
  EXPECT_EQ(bad.run({"kubelet-provider"}), ExitStatus::cannot_judge);
  EXPECT_EQ(bad.out, "");
}

}  // namespace
}  // namespace portcullis
