// base: Result, Reason, Secret, digest, Snapshot, Files, log lines.
#include <atomic>
#include <cstdio>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io/entropy.h"
#include "base/io/files.h"
#include "base/report/log.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/snapshot.h"

namespace portcullis {
namespace {

TEST(ResultTest, HoldsAValueOrAnError) {
  const Result<int> good = 7;
  const Result<int> bad = Error{Reason::bad_request, "why"};
  EXPECT_EQ(*good, 7);
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().detail, "why");
}

TEST(ResultDeathTest, EndsTheProcessWhenTheWrongHalfIsRead) {
  const Result<int> bad = Error{Reason::bad_request, ""};
  EXPECT_DEATH((void)bad.value(), "");
  const Result<int> good = 1;
  EXPECT_DEATH((void)good.error(), "");
}

TEST(ReasonTest, EveryReasonHasOneRowAndOneName) {
  std::set<std::string_view> names;
  for (const ReasonRow& row : all_reasons()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(reason_from_name(row.name), row.reason);
    EXPECT_FALSE(row.meaning.empty()) << row.name;
  }
  EXPECT_EQ(reason_from_name("no_such_reason"), std::nullopt);
}

TEST(ReasonTest, OnlyOneReasonAllows) {
  for (const ReasonRow& row : all_reasons()) {
    EXPECT_EQ(row.outcome == Outcome::allow, row.reason == Reason::allowed) << row.name;
    EXPECT_EQ(http_status(row.outcome) == 200, row.reason == Reason::allowed) << row.name;
  }
}

TEST(ReasonTest, EveryRefusalHasAnOciCodeAndATextThatCanTravelInAHeader) {
  for (const ReasonRow& row : all_reasons()) {
    if (row.outcome == Outcome::allow || row.outcome == Outcome::fault) continue;
    EXPECT_FALSE(row.oci_code.empty()) << row.name;
    const std::string_view text = public_text(row.text);
    EXPECT_FALSE(text.empty()) << row.name;
    for (const char c : text) EXPECT_TRUE(c >= 0x20 && c < 0x7f && c != '"' && c != '\\') << row.name;
  }
}

TEST(ReasonTest, BadTokensShareThreeTexts) {
  std::set<std::string_view> texts;
  for (const ReasonRow& row : all_reasons()) {
    if (!row.bearer_error.empty()) texts.insert(public_text(row.text));
  }
  EXPECT_EQ(texts.size(), 3U);
}

TEST(SecretTest, MovesWithoutLeavingACopy) {
  Secret first(std::string(100, 's'));
  const Secret second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): the promise under test
  EXPECT_EQ(second.reveal().size(), 100U);
}

TEST(SecretTest, ComparesWholeTexts) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
}

TEST(SecretTest, ComparesEachByteOfTextsOfEveryLength) {
  for (std::size_t size = 1; size < 40; ++size) {
    const std::string text(size, 's');
    EXPECT_TRUE(equal_in_constant_time(text, std::string(size, 's')));
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      std::string other = text;
      other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
      ASSERT_FALSE(equal_in_constant_time(text, other)) << "bit " << bit << " of " << size;
    }
  }
}

TEST(DigestTest, HashesTheExampleOfFips180) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(short_form(sha256("abc")), "sha256:ba7816bf");
}

TEST(SnapshotTest, ShowsTheNewestValueToEveryThread) {
  Snapshot<int> snapshot(std::make_shared<const int>(0));
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  std::atomic<int> backward{0};
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      int last = 0;
      while (!stop.load()) {
        const int now = *snapshot.read();
        if (now < last) ++backward;
        last = now;
      }
    });
  }
  for (int i = 1; i <= 1000; ++i) snapshot.publish(std::make_shared<const int>(i));
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(backward, 0);
  EXPECT_EQ(*snapshot.read(), 1000);
}

TEST(SnapshotTest, KeepsTwoSnapshotsOfOneTypeApart) {
  const Snapshot<int> one(std::make_shared<const int>(1));
  const Snapshot<int> two(std::make_shared<const int>(2));
  EXPECT_EQ(*one.read(), 1);
  EXPECT_EQ(*two.read(), 2);
  EXPECT_EQ(*one.read(), 1);
}

class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/portcullis_files_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    unlink((folder_ + "/f").c_str());
    rmdir(folder_.c_str());
  }
  std::string folder_;
};

TEST_F(FolderTest, WritesByRenameWithTheModeAndReadsBack) {
  SystemFiles files;
  ASSERT_TRUE(files.write(folder_ + "/f", "one", 0600).ok());
  ASSERT_TRUE(files.write(folder_ + "/f", "two", 0600).ok());
  struct stat status {};
  ASSERT_EQ(stat((folder_ + "/f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(*files.read(folder_ + "/f", 3), "two");
}

TEST_F(FolderTest, ReplacesNothingButFilesAndLinksToThem) {
  SystemFiles files;
  const auto link = [this](const std::string& target, const std::string& name) {
    const std::string path = folder_ + "/" + name;
    EXPECT_EQ(::symlink(target.c_str(), path.c_str()), 0) << name;
    return path;
  };
  ASSERT_EQ(::mkfifo((folder_ + "/pipe").c_str(), 0600), 0);
  ASSERT_EQ(::mkdir((folder_ + "/folder").c_str(), 0700), 0);
  ASSERT_TRUE(files.write(folder_ + "/file", "old", 0600).ok());

  for (const std::string& path : {folder_ + "/pipe", folder_ + "/folder", link("pipe", "to-pipe"), link("folder", "to-folder"),
                                  link("/dev/full", "to-device"), link("/proc/self/fd/1", "to-descriptor")}) {
    struct stat before {};
    struct stat after {};
    ASSERT_EQ(::lstat(path.c_str(), &before), 0);
    const Result<void> written = files.write(path, "new", 0600);
    ASSERT_FALSE(written.ok()) << path;
    EXPECT_TRUE(written.error().detail.starts_with(path + ": not a regular file")) << written.error().detail;
    ASSERT_EQ(::lstat(path.c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino) << path;
  }
  for (const std::string& path : {link("file", "to-file"), link("absent", "dangling"), folder_ + "/file"}) {
    EXPECT_TRUE(files.write(path, "new", 0600).ok()) << path;
    EXPECT_TRUE(files.has_mode(path, 0600)) << path;
  }
}

TEST_F(FolderTest, RefusesMoreThanTheLimitAbsentFilesAndFolders) {
  SystemFiles files;
  ASSERT_TRUE(files.write(folder_ + "/f", "four", 0600).ok());
  EXPECT_TRUE(files.read(folder_ + "/f", 4).ok());
  EXPECT_EQ(files.read(folder_ + "/f", 3).error().reason, Reason::io_failed);
  EXPECT_NE(files.read(folder_ + "/none", 3).error().detail.find("/none"), std::string::npos);
  EXPECT_FALSE(files.read(folder_, 3).ok());
  EXPECT_FALSE(files.write(folder_ + "/none/f", "x", 0600).ok());
}

TEST(ResolvePathTest, KeepsAbsolutePathsAndJoinsOthers) {
  EXPECT_EQ(resolve_path("/etc/p", "keys.json"), "/etc/p/keys.json");
  EXPECT_EQ(resolve_path("/etc/p", "/keys.json"), "/keys.json");
  EXPECT_EQ(resolve_path("", "keys.json"), "keys.json");
}

class FixedClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return TimePoint(Milliseconds(1'700'000'000'123)); }
  [[nodiscard]] SteadyPoint steady_now() const override { return {}; }
};

std::string logged(LogForm form, LogLevel threshold) {
  const FixedClock clock;
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  Log log(clock, ends[1], form, threshold);
  log.write(LogLevel::debug, "quiet");
  log.write(LogLevel::warn, "round failed", {{"source", "file\n\"x"}, {"keys", 3}, {"age", 1.5}, {"stale", true}});
  close(ends[1]);
  char buffer[1000];
  const ssize_t got = read(ends[0], buffer, sizeof buffer);
  close(ends[0]);
  return {buffer, static_cast<std::size_t>(got)};
}

TEST(LogTest, WritesOneJsonLineForAnEventAtItsLevelOrAbove) {
  EXPECT_EQ(logged(LogForm::json, LogLevel::info),
            "{\"time\":\"2023-11-14T22:13:20.123Z\",\"level\":\"warn\",\"message\":\"round failed\",\"source\":\"file\\n\\\"x\","
            "\"keys\":3,\"age\":1.5,\"stale\":true}\n");
}

TEST(LogTest, WritesTextForATerminal) {
  EXPECT_EQ(logged(LogForm::text, LogLevel::info),
            "22:13:20.123 warn  round failed  source=\"file\\n\\\"x\"  keys=3  age=1.5  stale=true\n");
}

TEST(EntropyTest, FillsDifferentBytesEachTime) {
  SystemEntropy entropy;
  std::vector<std::uint8_t> one(32);
  std::vector<std::uint8_t> two(32);
  entropy.fill(one);
  entropy.fill(two);
  EXPECT_NE(one, two);
}

}  // namespace
}  // namespace portcullis
