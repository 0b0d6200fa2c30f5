#include "plugin/log_output.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

void say(const LogOutput& output, std::string_view text) {
  ASSERT_EQ(::write(output.descriptor(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(LogOutput, AppendsToAFileThatOnlyOwnerAndGroupRead) {
  const TempFolder folder;
  const std::string path = folder.path("log");
  ::umask(022);
  { say(*LogOutput::open(path), "one\n"); }
  { say(*LogOutput::open(path), "two\n"); }

  EXPECT_EQ(folder.read("log"), "one\ntwo\n");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
}

TEST(LogOutput, OpensARotatedFileAnewUnderTheSameDescriptor) {
  const TempFolder folder;
  auto output = LogOutput::open(folder.path("log"));
  ASSERT_TRUE(output.ok());
  const int before = output->descriptor();
  std::filesystem::rename(folder.path("log"), folder.path("log.1"));

  ASSERT_TRUE(output->redirect(folder.path("log")).ok());
  say(*output, "new\n");

  EXPECT_EQ(output->descriptor(), before);
  EXPECT_EQ(folder.read("log"), "new\n");
  EXPECT_EQ(folder.read("log.1"), "");
}

TEST(LogOutput, StaysWhereItIsWhenTheNewPlaceCannotBeOpened) {
  const TempFolder folder;
  auto output = LogOutput::open(folder.path("log"));

  const Result<void> moved = output->redirect(folder.path("absent/log"));
  say(*output, "kept\n");

  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().reason, Reason::io_failed);
  EXPECT_EQ(folder.read("log"), "kept\n");
}

TEST(LogOutput, RefusesAFolderThatIsNotThere) {
  const TempFolder folder;

  EXPECT_FALSE(LogOutput::open(folder.path("absent/log")).ok());
}

TEST(LogOutput, IsACopyOfStandardErrorWhereNoFileIsNamed) {
  const auto output = LogOutput::open(std::nullopt);

  ASSERT_TRUE(output.ok());
  EXPECT_GT(output->descriptor(), STDERR_FILENO);
}

}  // namespace
}  // namespace portcullis::test
