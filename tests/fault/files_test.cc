// Files while their calls fail, and while the process is killed in the middle of one: nobody reads half of anything.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "base/io/files.h"
#include "keystore/refresh/last_known_good.h"
#include "plugin/decisions/decision_log.h"
#include "plugin/log_output.h"
#include "tests/fault/each_call.h"
#include "tests/support/fake_clock.h"
#include "tests/support/key_sets.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

std::size_t files_in(const TempFolder& folder) {
  const std::filesystem::directory_iterator all(folder.path("."));
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Runs `work` in a process of its own, which is killed at its `nth` file call. Whether that came.
bool killed_at(std::uint64_t nth, const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    const CallFault fault(nth, Calls::file, Ending::death);
    work();
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status)) {
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
    return true;
  }
  EXPECT_EQ(WEXITSTATUS(status), 0);
  return false;
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

/// A decision log in its surroundings.
struct LogBench {
  explicit LogBench(const std::string& folder) : output(LogOutput::open(folder + "/app.log").value()) {}

  /// Writes `count` decisions, one after the other.
  void write(const std::string& path, int count, char mark) {
    DecisionLog decisions(log, metrics, clock, 1);
    if (!decisions.configure({.output = path, .refuse_when_full = false}).ok()) return;
    for (int i = 0; i < count; ++i) {
      DecisionRecord record;
      record.time = clock.now();
      const std::string id = mark + std::to_string(i);
      record.set(RecordText::id, id);
      (void)decisions.keep(record);
      decisions.flush();
    }
  }

  FakeClock clock;
  LogOutput output;
  Log log{clock, output.descriptor(), LogForm::json, LogLevel::error};
  GateMetrics metrics;
};

/// The ids of whole lines; `?` for what is none.
std::vector<std::string> ids_in(std::string_view text) {
  std::vector<std::string> ids;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto line = parse_json(text.substr(0, end), {.bytes = 65536, .depth = 8, .members = 100});
    ids.emplace_back(end != std::string_view::npos && line.ok() ? std::string(line->root().get("id").string().value_or("?")) : "?");
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return ids;
}

TEST(DecisionLogFile, LosesALineAtMostWhereverTheProcessIsKilled) {
  std::uint64_t nth = 0;
  for (bool killed = true; killed && !HasFailure();) {
    ++nth;
    const TempFolder folder;
    const std::string path = folder.path("decisions.jsonl");
    killed = killed_at(nth, [&] { LogBench(folder.path(".")).write(path, 3, 'a'); });
    LogBench(folder.path(".")).write(path, 2, 'b');
    const std::vector<std::string> ids = ids_in(folder.read("decisions.jsonl"));
    // What the next process writes is whole, and of the first there is half a line at most.
    ASSERT_GE(ids.size(), 2U) << nth;
    EXPECT_EQ(ids[ids.size() - 2], "b0") << nth;
    EXPECT_EQ(ids.back(), "b1") << nth;
    for (std::size_t i = 0; i + 3 < ids.size(); ++i) EXPECT_EQ(ids[i], "a" + std::to_string(i)) << nth;
  }
  EXPECT_GE(nth, 4U);
}

}  // namespace
}  // namespace portcullis::test
