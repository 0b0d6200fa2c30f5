#include "base/io/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/support/temp_folder.h"

namespace portcullis {
namespace {

class SystemFilesInPlace : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const char* name) const { return folder_.path(name); }
  [[nodiscard]] std::string content(const char* name) const {
    return SystemFiles().read(path(name), 1000).ok() ? *SystemFiles().read(path(name), 1000) : "(none)";
  }
  [[nodiscard]] static struct stat state_of(const std::string& path) {
    struct stat state {};
    EXPECT_EQ(::stat(path.c_str(), &state), 0);
    return state;
  }

  SystemFiles files_;
  const test::TempFolder folder_;
};

TEST_F(SystemFilesInPlace, WhatIsNotThereIsMadeWithTheModeAskedFor) {
  ASSERT_TRUE(files_.rewrite(path("keys.json"), "new", 0644).ok());

  EXPECT_EQ(content("keys.json"), "new");
  EXPECT_EQ(state_of(path("keys.json")).st_mode & 07777U, 0644U);
}

TEST_F(SystemFilesInPlace, AFileKeepsItsMode) {
  ASSERT_TRUE(files_.write(path("keys.json"), "old", 0640).ok());

  ASSERT_TRUE(files_.rewrite(path("keys.json"), "new", 0644).ok());

  EXPECT_EQ(content("keys.json"), "new");
  EXPECT_EQ(state_of(path("keys.json")).st_mode & 07777U, 0640U);
}

TEST_F(SystemFilesInPlace, AFileKeepsItsOwnerAndGroup) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files to others";
  ASSERT_TRUE(files_.write(path("keys.json"), "old", 0640).ok());
  ASSERT_EQ(::chown(path("keys.json").c_str(), 1, 2), 0);

  ASSERT_TRUE(files_.rewrite(path("keys.json"), "new", 0644).ok());

  const struct stat after = state_of(path("keys.json"));
  EXPECT_EQ(after.st_uid, 1U);
  EXPECT_EQ(after.st_gid, 2U);
  EXPECT_EQ(after.st_mode & 07777U, 0640U);
}

TEST_F(SystemFilesInPlace, ALinkStaysAndWhatItLeadsToIsReplaced) {
  ASSERT_TRUE(files_.write(path("real.json"), "old", 0600).ok());
  ASSERT_EQ(::symlink("real.json", path("link.json").c_str()), 0);

  ASSERT_TRUE(files_.rewrite(path("link.json"), "new", 0644).ok());

  EXPECT_TRUE(std::filesystem::is_symlink(path("link.json")));
  EXPECT_EQ(content("real.json"), "new");
  EXPECT_EQ(state_of(path("real.json")).st_mode & 07777U, 0600U);
}

TEST_F(SystemFilesInPlace, NothingIsLeftWhereItFails) {
  ASSERT_TRUE(std::filesystem::create_directory(path("folder")));

  const Result<void> replaced = files_.rewrite(path("folder"), "new", 0644);

  EXPECT_EQ(replaced.error().reason, Reason::io_failed);
  EXPECT_FALSE(files_.rewrite(path("absent/keys.json"), "new", 0644).ok());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path("")), {}), 1);
}

TEST_F(SystemFilesInPlace, ANewFileHasTheModeAskedForWhateverTheMask) {
  const mode_t before = ::umask(0777);
  const Result<void> made = files_.create(path("a.pem"), "first", 0600);
  ::umask(before);

  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(files_.has_mode(path("a.pem"), 0600));
}

TEST_F(SystemFilesInPlace, APrivateKeyIsNeverOverwritten) {
  ASSERT_TRUE(files_.create(path("a.pem"), "first", 0600).ok());

  EXPECT_EQ(files_.create(path("a.pem"), "second", 0600).error().reason, Reason::io_failed);
  EXPECT_EQ(content("a.pem"), "first");
}

}  // namespace
}  // namespace portcullis
