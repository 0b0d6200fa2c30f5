#include "plugin/cli/piped_program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves the declaration to the user

namespace portcullis {
namespace {

Error program_failed(const std::string& program, int number) { return {Reason::io_failed, program + ": " + std::strerror(number)}; }

/// 0, or an errno.
int spawn(const std::vector<std::string>& words, int input, pid_t& child) {
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  arguments.reserve(copies.size() + 1);
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  const int fault = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return fault;
}

void feed(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // it does not want to read more; its status tells
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Result<int> run_piped(const std::vector<std::string>& words, std::string_view input) {
  if (words.empty()) return Error{Reason::io_failed, "no program is named"};
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return program_failed("pipe", errno);
  pid_t child = 0;
  const int fault = spawn(words, ends[0], child);
  ::close(ends[0]);
  if (fault == 0) {
    // A program that ends early would end us too.
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    feed(ends[1], input);
    std::signal(SIGPIPE, before);
  }
  ::close(ends[1]);
  if (fault != 0) return program_failed(words[0], fault);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return program_failed(words[0], errno);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace portcullis
