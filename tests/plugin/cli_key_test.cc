// `portcullis key generate` on real files: what it leaves behind, and what it leaves as it was.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "plugin/cli/command.h"
#include "tests/support/fake_clock.h"

namespace portcullis {
namespace {

class CliKey : public testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/portcullis-key.XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const char* name) const { return folder_ + "/" + name; }

  ExitStatus generate(std::vector<std::string> options) {
    complaints_.clear();
    CommandContext context{.clock = clock_,
                           .files = files_,
                           .entropy = entropy_,
                           .out = [](std::string_view) {},
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
  std::string folder_;
  std::string complaints_;
};

TEST_F(CliKey, LeavesNothingBehindWhereAFileCannotBeWritten) {
  const std::vector<std::string> options{"--private", path("a.pem"), "--public", path("b.pem"), "--keys", path("absent/keys.json")};

  EXPECT_EQ(generate(options), ExitStatus::cannot_judge);
  EXPECT_NE(complaints_.find("absent/keys.json: No such file or directory"), std::string::npos) << complaints_;
  EXPECT_TRUE(std::filesystem::is_empty(folder_));

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

}  // namespace
}  // namespace portcullis
