// Files while their calls fail, and while the process is killed in the middle of one: nobody reads half of anything.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/io/files.h"
#include "keystore/refresh/last_known_good.h"
#include "tests/fault/each_call.h"
#include "tests/fault/killed_process.h"
#include "tests/support/fake_clock.h"
#include "tests/support/key_sets.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

std::size_t files_in(const TempFolder& folder) {
  const std::filesystem::directory_iterator all(folder.path("."));
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Keys of a source, before and after a rotation.
struct Rotation {
  static SourceState state_of(KeySet keys, TimePoint time) {
    SourceState state;
    state.name = "jwksURL";
    state.keys = std::make_shared<const KeySet>(std::move(keys));
    state.last_success = time;
    return state;
  }

  SourceIdentity source = identity_of_jwks("https://keys.example/jwks.json");
  SourceState before = state_of(key_set({{"k1", &key_pair("ED25519")}}), kNow - std::chrono::hours(1));
  SourceState after = state_of(key_set({{"k1", &key_pair("ED25519")}, {"k2", &key_pair("P-256")}}), kNow);
};

/// The key set that a new process would begin with.
std::string recalled_digest(const std::string& path, const Rotation& rotation) {
  SystemFiles files;
  SourceState empty;
  empty.name = "jwksURL";
  const Result<SourceState> state = recall_last_known_good(files, path, rotation.source, empty, 1, kNow);
  return state.ok() ? state->keys->digest() : state.error().detail;
}

TEST(LastKnownGoodFile, IsTheOldOneOrTheNewOneWhateverCallFails) {
  const TempFolder folder;
  const Rotation rotation;
  const std::string path = folder.path("keys.json");
  SystemFiles files;
  const std::uint64_t calls = fail_each_call(
      Calls::file,
      [&] {
        EXPECT_TRUE(save_last_known_good(files, path, rotation.source, rotation.before).ok() || CallFault::happened());
        return save_last_known_good(files, path, rotation.source, rotation.after).ok();
      },
      [&](bool saved) {
        const std::string now = recalled_digest(path, rotation);
        if (saved)
          EXPECT_EQ(now, rotation.after.keys->digest());
        else
          EXPECT_EQ(now, rotation.before.keys->digest());
        EXPECT_EQ(files_in(folder), 1U) << "a temporary file was left behind";
      });
  EXPECT_GE(calls, 10U);
}

TEST(LastKnownGoodFile, IsTheOldOneOrTheNewOneWhereverTheProcessIsKilled) {
  const TempFolder folder;
  const Rotation rotation;
  const std::string path = folder.path("keys.json");
  SystemFiles files;
  std::uint64_t nth = 0;
  do {
    ++nth;
    ASSERT_TRUE(save_last_known_good(files, path, rotation.source, rotation.before).ok());
    const bool killed = killed_at(nth, [&] { (void)save_last_known_good(files, path, rotation.source, rotation.after); });
    const std::string now = recalled_digest(path, rotation);
    EXPECT_TRUE(now == rotation.after.keys->digest() || (killed && now == rotation.before.keys->digest())) << nth << ": " << now;
    if (!killed) break;
  } while (!HasFailure());
  EXPECT_GE(nth, 5U);
}

TEST(FileReads, AreWholeOrFail) {
  const TempFolder folder;
  const std::string text(100'000, 'x');
  const std::string path = folder.write("file", text);
  const SystemFiles files;
  const std::uint64_t calls = fail_each_call(
      Calls::file, [&] { return files.read(path, 1'000'000); },
      [&](const Result<std::string>& bytes) { EXPECT_TRUE(!bytes.ok() || *bytes == text); });
  EXPECT_GE(calls, 8U);
}

}  // namespace
}  // namespace portcullis::test
