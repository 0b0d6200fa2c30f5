#include "plugin/cli/standard_streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

namespace portcullis {
namespace {

/// What `child` returns, run in a process of its own.
template <typename Child>
int answer_of(Child child) {
  const pid_t process = ::fork();
  if (process == 0) ::_exit(child());
  int status = 0;
  EXPECT_EQ(::waitpid(process, &status, 0), process);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// What a stream on `descriptor` says when it ends, after `text`.
Result<void> told(int descriptor, std::string_view text) {
  OutputStream stream(descriptor);
  stream.write(text);
  return stream.finish();
}

TEST(OutputStream, WritesEverythingAndCloses) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  OutputStream stream(ends[1]);
  stream.write("one ");
  stream.write("two\n");

  EXPECT_TRUE(stream.finish().ok());
  char buffer[32];
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(::read(ends[0], buffer, sizeof buffer))), "one two\n");
  EXPECT_EQ(::read(ends[0], buffer, sizeof buffer), 0);
  ::close(ends[0]);
}

TEST(OutputStream, AFullDiskIsAnError) {
  const Result<void> ended = told(::open("/dev/full", O_WRONLY | O_CLOEXEC), "text");

  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().reason, Reason::io_failed);
  EXPECT_EQ(ended.error().detail, "standard output: No space left on device");
}

TEST(OutputStream, ItIsTheFirstFailureThatIsTold) {
  OutputStream stream(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  stream.write("text");
  errno = 0;
  stream.write("more");

  EXPECT_EQ(errno, 0);
  EXPECT_EQ(stream.finish().error().detail, "standard output: No space left on device");
}

TEST(OutputStream, AStreamThatIsNotUsedIsNeitherClosedNorMissed) {
  EXPECT_TRUE(told(-1, "").ok());
  EXPECT_EQ(told(-1, "text").error().detail, "standard output: Bad file descriptor");
}

TEST(OutputStream, AReaderThatWentAwayWantedNoMore) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ::close(ends[0]);
  const auto before = std::signal(SIGPIPE, SIG_IGN);

  EXPECT_TRUE(told(ends[1], "text").ok());

  std::signal(SIGPIPE, before);
}

TEST(OutputStream, APipeThatIsNonBlockingLosesNothing) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const std::string text(300'000, 'x');  // more than a pipe holds
  const int reader = ends[0];
  const pid_t writer = ::fork();
  if (writer == 0) {
    ::close(reader);
    ::_exit(told(ends[1], text).ok() ? 0 : 1);
  }
  ::close(ends[1]);
  ASSERT_EQ(::fcntl(reader, F_SETFL, 0), 0);
  std::size_t got = 0;
  char buffer[4096];
  for (ssize_t one = 0; (one = ::read(reader, buffer, sizeof buffer)) > 0;) got += static_cast<std::size_t>(one);
  int status = 0;
  EXPECT_EQ(::waitpid(writer, &status, 0), writer);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(got, text.size());
  ::close(reader);
}

TEST(StandardStreams, NothingThatIsOpenedLaterGetsTheNumberOfAClosedStream) {
  const int lowest = answer_of([] {
    for (int i = 0; i <= 2; ++i) ::close(i);
    open_standard_streams();
    return ::open("/dev/null", O_RDONLY);
  });
  EXPECT_GT(lowest, 2);
}

TEST(StandardStreams, AClosedOutputStaysOneThatCannotBeWrittenAndAClosedInputOneThatCannotBeRead) {
  EXPECT_EQ(answer_of([] {
              ::close(STDOUT_FILENO);
              open_standard_streams();
              return told(STDOUT_FILENO, "text").ok() ? 1 : 0;
            }),
            0);
  EXPECT_EQ(answer_of([] {
              ::close(STDIN_FILENO);
              open_standard_streams();
              char byte = 0;
              return ::read(STDIN_FILENO, &byte, 1) == -1 ? 0 : 1;
            }),
            0);
}

TEST(StandardStreams, AStreamThatIsOpenIsLeftAsItIs) {
  EXPECT_EQ(answer_of([] {
              const int before = ::fcntl(STDERR_FILENO, F_GETFL);
              open_standard_streams();
              return ::fcntl(STDERR_FILENO, F_GETFL) == before ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace portcullis
