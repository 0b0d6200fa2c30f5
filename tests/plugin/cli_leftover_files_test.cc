#include "plugin/cli/leftover_files.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_folder.h"

namespace portcullis {
namespace {

/// When the file was written, in whole seconds, as the rule has it.
TimePoint written(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return TimePoint(std::chrono::seconds(status.st_mtim.tv_sec));
}

TEST(LeftoverFiles, GoOnceTheyAreOldEnough) {
  const test::TempFolder folder;
  const TimePoint at = written(folder.write("auth.json.aB3xYz", "canary"));

  EXPECT_EQ(remove_leftovers(folder.path(""), {"auth.json"}, at + kLeftoverAge - Milliseconds(1)), 0U);
  EXPECT_EQ(remove_leftovers(folder.path(""), {"auth.json"}, at + kLeftoverAge), 1U);
  EXPECT_FALSE(std::filesystem::exists(folder.path("auth.json.aB3xYz")));
}

TEST(LeftoverFiles, NothingElseGoes) {
  const test::TempFolder folder;
  TimePoint at{};
  const char* const names[] = {"auth.json",        "auth.json.aB3xY", "auth.json.aB3xYzz", "auth.json-aB3xYz", "other.json.aB3xYz",
                               "auth.json.aB3x_z", ".aB3xYz"};
  for (const char* name : names) at = written(folder.write(name, "x"));
  std::filesystem::create_directory(folder.path("auth.json.folder"));

  EXPECT_EQ(remove_leftovers(folder.path(""), {"auth.json"}, at + 2 * kLeftoverAge), 0U);
  for (const char* name : names) EXPECT_TRUE(std::filesystem::exists(folder.path(name))) << name;
}

TEST(LeftoverFiles, OfAFolderThatIsNotThereAreNone) { EXPECT_EQ(remove_leftovers("/nowhere/at/all", {"a"}, TimePoint::max()), 0U); }

}  // namespace
}  // namespace portcullis
