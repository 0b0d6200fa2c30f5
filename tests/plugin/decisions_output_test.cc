// The decision log's file: what it may be, and what is left of it after a crash.
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "plugin/decisions/output.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

testing::AssertionResult refuses(const std::string& path, std::string_view why) {
  const Result<DecisionOutput> output = DecisionOutput::open(path);
  if (output.ok()) return testing::AssertionFailure() << path << " was opened";
  if (output.error().detail.find(path) == std::string::npos) return testing::AssertionFailure() << "no path: " << output.error().detail;
  if (output.error().detail.find(why) == std::string::npos) return testing::AssertionFailure() << output.error().detail;
  return testing::AssertionSuccess();
}

TEST(DecisionOutputTest, MakesAFileThatOthersCannotRead) {
  const TempFolder folder;
  const mode_t mask = ::umask(0);
  Result<DecisionOutput> output = DecisionOutput::open(folder.path("d.jsonl"));
  ::umask(mask);

  ASSERT_TRUE(output.ok());
  struct stat status {};
  ASSERT_EQ(::stat(folder.path("d.jsonl").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
}

TEST(DecisionOutputTest, AppendsToWhatIsThere) {
  const TempFolder folder;
  folder.write("d.jsonl", "old\n");
  Result<DecisionOutput> output = DecisionOutput::open(folder.path("d.jsonl"));
  ASSERT_TRUE(output.ok());

  EXPECT_EQ(*output->write("new\n"), 4U);

  EXPECT_EQ(folder.read("d.jsonl"), "old\nnew\n");
}

TEST(DecisionOutputTest, BeginsANewLineBehindHalfOfOne) {
  const TempFolder folder;
  folder.write("d.jsonl", "whole\n{\"v\":1,\"ti");
  Result<DecisionOutput> output = DecisionOutput::open(folder.path("d.jsonl"));
  ASSERT_TRUE(output.ok());

  ASSERT_TRUE(output->write("next\n").ok());
  ASSERT_TRUE(output->write("more\n").ok());

  EXPECT_EQ(folder.read("d.jsonl"), "whole\n{\"v\":1,\"ti\nnext\nmore\n");
}

TEST(DecisionOutputTest, FollowsAReasonableLinkAndNoOther) {
  const TempFolder folder;
  folder.write("real.jsonl", "");
  ASSERT_EQ(::symlink(folder.path("real.jsonl").c_str(), folder.path("good").c_str()), 0);
  ASSERT_EQ(::symlink(folder.path("nowhere").c_str(), folder.path("dangling").c_str()), 0);

  EXPECT_TRUE(DecisionOutput::open(folder.path("good")).ok());
  EXPECT_TRUE(refuses(folder.path("dangling"), "leads nowhere"));
  struct stat status {};
  EXPECT_NE(::stat(folder.path("nowhere").c_str(), &status), 0) << "the link's target was made";
}

TEST(DecisionOutputTest, RefusesWhatEverybodyCanWrite) {
  const TempFolder folder;
  folder.write("d.jsonl", "");
  ASSERT_EQ(::chmod(folder.path("d.jsonl").c_str(), 0642), 0);
  EXPECT_TRUE(refuses(folder.path("d.jsonl"), "written by everybody"));
  ASSERT_EQ(::chmod(folder.path("d.jsonl").c_str(), 0664), 0);
  EXPECT_TRUE(DecisionOutput::open(folder.path("d.jsonl")).ok());
}

TEST(DecisionOutputTest, RefusesAnotherUsersFileAndLink) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const TempFolder folder;
  folder.write("d.jsonl", "");
  ASSERT_EQ(::symlink(folder.path("d.jsonl").c_str(), folder.path("link").c_str()), 0);
  ASSERT_EQ(::lchown(folder.path("link").c_str(), 65534, 65534), 0);
  EXPECT_TRUE(refuses(folder.path("link"), "of another user"));
  ASSERT_EQ(::chown(folder.path("d.jsonl").c_str(), 65534, 65534), 0);
  EXPECT_TRUE(refuses(folder.path("d.jsonl"), "belongs to another user"));
}

TEST(DecisionOutputTest, RefusesAFolderAndAMissingFolder) {
  const TempFolder folder;
  EXPECT_TRUE(refuses(folder.path(""), ""));
  EXPECT_TRUE(refuses(folder.path("no/such/folder"), "No such file or directory"));
}

TEST(DecisionOutputTest, RefusesAPipeThatNobodyReads) {
  const TempFolder folder;
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  EXPECT_TRUE(refuses(folder.path("pipe"), "nobody reads"));
}

TEST(DecisionOutputTest, WritesToAPipeWithAReader) {
  const TempFolder folder;
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  const int reader = ::open(folder.path("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  Result<DecisionOutput> output = DecisionOutput::open(folder.path("pipe"));
  ASSERT_TRUE(output.ok());

  EXPECT_EQ(*output->write("line\n"), 5U);

  char buffer[8] = {};
  EXPECT_EQ(::read(reader, buffer, sizeof buffer), 5);
  ::close(reader);
}

TEST(DecisionOutputTest, SaysThatADiskIsFull) {
  Result<DecisionOutput> output = DecisionOutput::open("/dev/full");
  ASSERT_TRUE(output.ok());

  const Result<std::size_t> written = output->write("line\n");

  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().reason, Reason::io_failed);
  EXPECT_EQ(written.error().detail, "portcullis.decisionLog.output: /dev/full: No space left on device");
}

}  // namespace
}  // namespace portcullis::test
