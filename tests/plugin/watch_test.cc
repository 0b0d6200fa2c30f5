#include "plugin/watch.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <poll.h>

#include "tests/support/raw_client.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

namespace fs = std::filesystem;

/// Whether events name `file` within ten seconds.
bool sees(FileWatch& watch, const std::string& file) {
  return eventually([&] { return watch.changed_by_events().contains(file); });
}

class Watch : public testing::Test {
 protected:
  TempFolder folder_;
  FileWatch watch_;
};

TEST_F(Watch, SeesAWriteInPlace) {
  const std::string file = folder_.write("f", "1");
  watch_.watch({file});

  folder_.write("f", "2");

  EXPECT_TRUE(sees(watch_, file));
}

TEST_F(Watch, SeesARenameOverTheFileEachTime) {
  const std::string file = folder_.write("f", "1");
  watch_.watch({file});

  for (int i = 0; i < 3; ++i) {
    folder_.replace("f", std::to_string(i));
    EXPECT_TRUE(sees(watch_, file)) << i;
  }
}

TEST_F(Watch, SeesAFileThatGoesAndComesBack) {
  const std::string file = folder_.write("f", "1");
  watch_.watch({file});

  fs::remove(file);
  EXPECT_TRUE(sees(watch_, file));
  folder_.write("f", "2");
  EXPECT_TRUE(sees(watch_, file));
}

TEST_F(Watch, SeesASwappedLink) {
  folder_.write("one", "1");
  folder_.write("two", "2");
  const std::string file = folder_.path("link");
  fs::create_symlink("one", file);
  watch_.watch({file});

  fs::create_symlink("two", folder_.path("next"));
  fs::rename(folder_.path("next"), file);

  EXPECT_TRUE(sees(watch_, file));
}

TEST_F(Watch, SeesAWriteToTheTargetOfALinkInAnotherFolder) {
  fs::create_directory(folder_.path("far"));
  folder_.write("far/target", "1");
  const std::string file = folder_.path("link");
  fs::create_symlink(folder_.path("far/target"), file);
  watch_.watch({file});

  folder_.write("far/target", "2");

  EXPECT_TRUE(sees(watch_, file));
}

TEST_F(Watch, SeesAConfigMapSwap) {
  // Kubernetes: file -> ..data/file, ..data -> ..2026_1; an update swaps ..data.
  fs::create_directory(folder_.path("..2026_1"));
  fs::create_directory(folder_.path("..2026_2"));
  folder_.write("..2026_1/f", "1");
  folder_.write("..2026_2/f", "2");
  fs::create_symlink("..2026_1", folder_.path("..data"));
  fs::create_symlink("..data/f", folder_.path("f"));
  const std::string file = folder_.path("f");
  watch_.watch({file});

  fs::create_symlink("..2026_2", folder_.path("..data_tmp"));
  fs::rename(folder_.path("..data_tmp"), folder_.path("..data"));

  EXPECT_TRUE(sees(watch_, file));
}

TEST_F(Watch, FollowsTheNewTargetOnceToldTo) {
  fs::create_directory(folder_.path("a"));
  fs::create_directory(folder_.path("b"));
  folder_.write("a/f", "1");
  folder_.write("b/f", "2");
  fs::create_symlink("a", folder_.path("current"));
  const std::string file = folder_.path("current/f");
  watch_.watch({file});
  fs::create_symlink("b", folder_.path("next"));
  fs::rename(folder_.path("next"), folder_.path("current"));
  ASSERT_TRUE(sees(watch_, file));

  watch_.watch({file});
  folder_.write("b/f", "3");

  EXPECT_TRUE(sees(watch_, file));
}

TEST_F(Watch, IgnoresOtherFilesOfTheFolder) {
  const std::string file = folder_.write("f", "1");
  watch_.watch({file});

  folder_.write("other", "1");
  folder_.write("f", "2");

  // The event of the other file came first: had it counted, it would have been told alone.
  std::set<std::string> changed;
  ASSERT_TRUE(eventually([&] { return !(changed = watch_.changed_by_events()).empty(); }));
  EXPECT_EQ(changed, std::set<std::string>{file});
}

TEST_F(Watch, TellsWhichOfTwoFilesChanged) {
  const std::string one = folder_.write("one", "1");
  const std::string two = folder_.write("two", "1");
  watch_.watch({one, two});

  folder_.write("two", "2");

  std::set<std::string> changed;
  ASSERT_TRUE(eventually([&] { return !(changed = watch_.changed_by_events()).empty(); }));
  EXPECT_EQ(changed, std::set<std::string>{two});
}

TEST_F(Watch, ForgetsFilesThatAreNotWatchedAnyMore) {
  fs::create_directory(folder_.path("gone"));
  folder_.write("gone/f", "1");
  const std::string kept = folder_.write("kept", "1");
  watch_.watch({folder_.path("gone/f"), kept});
  watch_.watch({kept});

  folder_.write("gone/f", "2");
  folder_.write("kept", "2");

  std::set<std::string> changed;
  ASSERT_TRUE(eventually([&] { return !(changed = watch_.changed_by_events()).empty(); }));
  EXPECT_EQ(changed, std::set<std::string>{kept});
}

TEST_F(Watch, SeesByLookingWhatRaisesNoEvent) {
  const std::string file = folder_.write("f", "1");
  watch_.watch({file});
  EXPECT_TRUE(watch_.changed_by_look().empty());

  folder_.write("f", "22");

  EXPECT_EQ(watch_.changed_by_look(), std::set<std::string>{file});
  EXPECT_TRUE(watch_.changed_by_look().empty());
}

TEST_F(Watch, SeesAFileComeIntoAFolderThatWasNotThere) {
  const std::string file = folder_.path("later/f");
  watch_.watch({file});

  fs::create_directory(folder_.path("later"));
  folder_.write("later/f", "1");

  EXPECT_EQ(watch_.changed_by_look(), std::set<std::string>{file});
}

TEST_F(Watch, SurvivesLinksThatLeadInACircle) {
  fs::create_symlink("b", folder_.path("a"));
  fs::create_symlink("a", folder_.path("b"));

  watch_.watch({folder_.path("a")});

  EXPECT_TRUE(watch_.changed_by_look().empty());
}

}  // namespace
}  // namespace portcullis::test
