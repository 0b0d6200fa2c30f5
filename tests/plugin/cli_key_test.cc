// `portcullis key generate` on real files: what it leaves behind, and what it leaves as it was.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/codec/json.h"
#include "plugin/cli/command.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/private_key.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_folder.h"

namespace portcullis {
namespace {

class CliKey : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const char* name) const { return folder_.path(name); }

  ExitStatus generate(std::vector<std::string> options) {
    complaints_.clear();
    printed_.clear();
    CommandContext context{.clock = clock_,
                           .files = files_,
                           .entropy = entropy_,
                           .out = [this](std::string_view text) { printed_ += text; },
                           .err = [this](std::string_view text) { complaints_ += text; },
                           .read_input =
                               [](std::size_t) {
                                 return Result<std::string>(Error{Reason::io_failed, {}});
                               }};
    std::vector<const char*> words{"portcullis", "key", "generate"};
    for (const std::string& option : options) words.push_back(option.c_str());
    return run_command_line(static_cast<int>(words.size()), words.data(), context);
  }

  test::FakeClock clock_;
  SystemFiles files_;
  SystemEntropy entropy_;
  const test::TempFolder folder_;
  std::string complaints_;
  std::string printed_;
};

constexpr JsonLimits kLimits{.bytes = 10'000, .depth = 2, .members = 20};

std::string text_of(const JsonDocument& document, std::string_view name) {
  return std::string(document.root().get(name).string().value_or("absent"));
}

TEST_F(CliKey, LeavesNothingBehindWhereAFileCannotBeWritten) {
  const std::vector<std::string> options{"--private", path("a.pem"), "--public", path("b.pem"), "--keys", path("absent/keys.json")};

  EXPECT_EQ(generate(options), ExitStatus::cannot_judge);
  EXPECT_NE(complaints_.find("absent/keys.json: No such file or directory"), std::string::npos) << complaints_;
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path("")));

  ASSERT_TRUE(std::filesystem::create_directory(path("absent")));
  EXPECT_EQ(generate(options), ExitStatus::yes) << complaints_;
}

TEST_F(CliKey, APublicKeyThatWasThereIsThereAgainWhereTheKeysFileCannotBeWritten) {
  ASSERT_TRUE(files_.write(path("b.pem"), "before", 0644).ok());

  EXPECT_EQ(generate({"--private", path("a.pem"), "--public", path("b.pem"), "--keys", path("absent/keys.json")}),
            ExitStatus::cannot_judge);

  EXPECT_EQ(*files_.read(path("b.pem"), 1000), "before");
  EXPECT_FALSE(std::filesystem::exists(path("a.pem")));
}

TEST_F(CliKey, APrivateKeyThatWasThereIsNeverRemoved) {
  ASSERT_TRUE(files_.write(path("a.pem"), "mine", 0600).ok());

  EXPECT_EQ(generate({"--private", path("a.pem"), "--keys", path("absent/keys.json")}), ExitStatus::cannot_judge);

  EXPECT_EQ(*files_.read(path("a.pem"), 1000), "mine");
}

TEST_F(CliKey, AddsToTheKeysFileBehindALinkAndKeepsItsMode) {
  ASSERT_TRUE(files_.write(path("real.json"), "{}", 0640).ok());
  std::filesystem::create_symlink("real.json", path("keys.json"));

  ASSERT_EQ(generate({"--id", "k1", "--private", path("a.pem"), "--keys", path("keys.json")}), ExitStatus::yes) << complaints_;

  EXPECT_TRUE(std::filesystem::is_symlink(path("keys.json")));
  EXPECT_NE(files_.read(path("real.json"), 10'000)->find("\"k1\""), std::string::npos);
  EXPECT_TRUE(files_.has_mode(path("real.json"), 0640));
}

TEST_F(CliKey, AKeysFileThatCannotBeGrownStaysAndNoKeyIsMade) {
  ASSERT_TRUE(files_.write(path("keys.json"), "no JSON", 0600).ok());
  ASSERT_TRUE(std::filesystem::create_directory(path("folder")));

  EXPECT_EQ(generate({"--private", path("a.pem"), "--keys", path("keys.json")}), ExitStatus::cannot_judge);
  EXPECT_EQ(*files_.read(path("keys.json"), 1000), "no JSON");
  EXPECT_EQ(generate({"--private", path("a.pem"), "--keys", path("folder")}), ExitStatus::cannot_judge);
  EXPECT_NE(complaints_.find(path("folder")), std::string::npos) << complaints_;
  ASSERT_TRUE(files_.write(path("long.json"), "{}", 0600).ok());
  std::filesystem::resize_file(path("long.json"), kKeyFileBytes + 1);
  EXPECT_EQ(generate({"--private", path("a.pem"), "--keys", path("long.json")}), ExitStatus::cannot_judge);
  EXPECT_EQ(std::filesystem::file_size(path("long.json")), kKeyFileBytes + 1) << "what is there and cannot be read is not begun anew";
  EXPECT_FALSE(std::filesystem::exists(path("a.pem")));
}

TEST_F(CliKey, DescribesTheKeyAsJsonAndNeverShowsItsPrivateHalf) {
  ASSERT_EQ(generate({"--alg", "ES384", "--id", "k1", "--private", path("a.pem"), "--keys", path("keys.json"), "--json"}), ExitStatus::yes)
      << complaints_;

  const Result<JsonDocument> said = parse_json(printed_, kLimits);
  ASSERT_TRUE(said.ok()) << printed_;
  const Result<PrivateKey> pair = PrivateKey::read(*files_.read(path("a.pem"), 10'000));
  ASSERT_TRUE(pair.ok());
  const Result<Key> half = pair->public_key("k1", clock_.now());
  ASSERT_TRUE(half.ok());
  EXPECT_EQ(text_of(*said, "id"), "k1");
  EXPECT_EQ(text_of(*said, "alg"), "ES384");
  EXPECT_EQ(text_of(*said, "type"), key_type_name(half->type()));
  EXPECT_EQ(said->root().get("bits").integer(), 384);
  EXPECT_EQ(text_of(*said, "thumbprint"), half->thumbprint());
  EXPECT_EQ(text_of(*said, "public"), pair->public_pem());
  EXPECT_EQ(text_of(*said, "privateFile"), path("a.pem"));
  EXPECT_EQ(text_of(*said, "keysFile"), path("keys.json"));
  EXPECT_EQ(text_of(*said, "publicFile"), "absent");
  EXPECT_EQ(printed_.find("PRIVATE KEY"), std::string::npos);
  EXPECT_EQ(complaints_, "");
}

TEST_F(CliKey, TheJsonNamesTheFilesThatWereWrittenAlone) {
  ASSERT_EQ(generate({"--private", path("a.pem"), "--public", path("b.pem"), "--json"}), ExitStatus::yes) << complaints_;

  const Result<JsonDocument> said = parse_json(printed_, kLimits);
  ASSERT_TRUE(said.ok()) << printed_;
  EXPECT_EQ(text_of(*said, "id"), text_of(*said, "thumbprint"));
  EXPECT_EQ(text_of(*said, "public"), *files_.read(path("b.pem"), 10'000));
  EXPECT_EQ(text_of(*said, "publicFile"), path("b.pem"));
  EXPECT_EQ(text_of(*said, "keysFile"), "absent");
}

TEST_F(CliKey, JsonNeedsAFileForThePrivateKey) {
  EXPECT_EQ(generate({"--public", path("b.pem"), "--json"}), ExitStatus::cannot_judge);
  EXPECT_NE(complaints_.find("--json needs --private FILE"), std::string::npos) << complaints_;
  EXPECT_EQ(printed_, "");
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path("")));
}

TEST_F(CliKey, PrintsTheHalvesThatGoToNoFile) {
  ASSERT_EQ(generate({}), ExitStatus::yes);
  EXPECT_TRUE(printed_.starts_with("-----BEGIN PRIVATE KEY-----\n")) << printed_;
  EXPECT_NE(printed_.find("-----BEGIN PUBLIC KEY-----\n"), std::string::npos);

  ASSERT_EQ(generate({"--private", path("a.pem")}), ExitStatus::yes);
  EXPECT_TRUE(printed_.starts_with("-----BEGIN PUBLIC KEY-----\n")) << printed_;
  ASSERT_EQ(generate({"--public", path("b.pem")}), ExitStatus::yes);
  EXPECT_TRUE(printed_.starts_with("-----BEGIN PRIVATE KEY-----\n")) << "alone";
  EXPECT_EQ(printed_.find("PUBLIC"), std::string::npos);
}

TEST_F(CliKey, RefusesAnIdThatNoTokenCouldName) {
  for (const char* id : {"a\nb", "\t", "a\x7f"}) {
    EXPECT_EQ(generate({"--id", id, "--private", path("a.pem")}), ExitStatus::cannot_judge);
    EXPECT_NE(complaints_.find("control characters"), std::string::npos) << complaints_;
    EXPECT_FALSE(std::filesystem::exists(path("a.pem")));
  }
  EXPECT_EQ(generate({"--id", "k\xc3\xa4se 1", "--private", path("a.pem")}), ExitStatus::yes) << complaints_;
}

TEST_F(CliKey, BoundsTheIdAndKnowsItsAlgorithms) {
  EXPECT_EQ(generate({"--id", std::string(256, 'k')}), ExitStatus::yes) << complaints_;
  EXPECT_EQ(generate({"--id", std::string(257, 'k')}), ExitStatus::cannot_judge);
  EXPECT_NE(complaints_.find("a key id has at most 256 bytes"), std::string::npos) << complaints_;
  EXPECT_EQ(generate({"--alg", "HS256"}), ExitStatus::cannot_judge);
  EXPECT_NE(complaints_.find("unknown algorithm HS256"), std::string::npos) << complaints_;
  EXPECT_EQ(printed_, "");
}

}  // namespace
}  // namespace portcullis
