#include "aws/providers/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves the declaration to the user

namespace portcullis {
namespace {

using Steady = std::chrono::steady_clock;

Error failed(std::string why) { return {Reason::io_failed, "credential_process " + std::move(why)}; }

/// Owns a descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  [[nodiscard]] int get() const noexcept { return fd_; }
  void close() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

/// Owns what posix_spawn is told.
class SpawnPlan {
 public:
  explicit SpawnPlan(int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    // A group of its own can be killed as a whole, but could not ask a question on a terminal.
    if (::isatty(STDIN_FILENO) != 1) {
      ::posix_spawnattr_setpgroup(&attributes_, 0);
      flags = static_cast<short>(flags | POSIX_SPAWN_SETPGROUP);
      has_group_ = true;
    }
    ::posix_spawnattr_setflags(&attributes_, flags);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  /// 0, or an errno.
  int run(pid_t& child, const std::string& command) const {
    std::string shell = "sh";
    std::string option = "-c";
    std::string text = command;
    const std::array<char*, 4> arguments = {shell.data(), option.data(), text.data(), nullptr};
    return ::posix_spawn(&child, "/bin/sh", &actions_, &attributes_, arguments.data(), environ);
  }
  [[nodiscard]] bool has_group() const noexcept { return has_group_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  bool has_group_ = false;
};

/// Nothing where the child printed all it had; else why reading stopped.
std::optional<std::string> read_all(int fd, const ChildLimits& limits, Steady::time_point deadline, std::string& out) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
    if (left <= 0) return "took longer than " + std::to_string(limits.time.count() / 1000) + " s";
    pollfd watched{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(std::min<long long>(left, 60'000)));
    if (ready < 0 && errno != EINTR) return std::string("cannot be read: ") + std::strerror(errno);
    if (ready <= 0) continue;
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::string("cannot be read: ") + std::strerror(errno);
    if (got == 0) return std::nullopt;
    if (out.size() + static_cast<std::size_t>(got) > limits.output) return "printed more than " + std::to_string(limits.output) + " bytes";
    out.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

/// The status of the child, or nothing at the deadline.
std::optional<int> wait_until(pid_t child, Steady::time_point deadline) {
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    if (ended < 0 && errno != EINTR) return 0;  // somebody else has taken the status: what was printed decides
    if (Steady::now() >= deadline) return std::nullopt;
    ::poll(nullptr, 0, 5);
  }
}

void kill_and_reap(pid_t child, bool group) {
  ::kill(group ? -child : child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Result<std::string> run_command(const std::string& command, const ChildLimits& limits) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed(std::string("cannot start: ") + std::strerror(errno));
  const Descriptor output(ends[0]);
  Descriptor input(ends[1]);
  const SpawnPlan plan(input.get());
  pid_t child = 0;
  if (const int code = plan.run(child, command); code != 0) return failed(std::string("cannot start: ") + std::strerror(code));
  input.close();
  const Steady::time_point deadline = Steady::now() + limits.time;
  std::string text;
  if (auto stopped = read_all(output.get(), limits, deadline, text)) {
    kill_and_reap(child, plan.has_group());
    wipe(text);
    return failed(std::move(*stopped) + " and was killed");
  }
  const auto status = wait_until(child, deadline);
  if (!status) {
    kill_and_reap(child, plan.has_group());
    wipe(text);
    return failed("closed its output, did not end in time and was killed");
  }
  if (WIFEXITED(*status) && WEXITSTATUS(*status) == 0) return text;
  wipe(text);
  if (WIFSIGNALED(*status)) return failed("was ended by signal " + std::to_string(WTERMSIG(*status)));
  return failed("ended with exit status " + std::to_string(WEXITSTATUS(*status)));
}

}  // namespace portcullis
