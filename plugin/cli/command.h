// How a subcommand joins the command line: one function each, and what it may use of the outside world.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/io/entropy.h"
#include "base/io/environment.h"
#include "base/io/files.h"
#include "base/io/http.h"
#include "base/result.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace portcullis {

/// What a command answers to the shell.
enum class ExitStatus : int {
  yes = 0,           ///< done, allowed, no findings
  no = 1,            ///< refused, or there are findings
  cannot_judge = 2,  ///< usage, unreadable input, a configuration that does not load
};

/// What a command may use. Built by `main`, or by a test with fakes.
struct CommandContext {
  const Clock& clock;
  Files& files;
  Entropy& entropy;
  std::function<void(std::string_view)> out{};  ///< standard output, as it is: no line end is added
  std::function<void(std::string_view)> err{};  ///< standard error, as it is
  /// All of standard input. `Reason::io_failed` where it holds more than `limit` bytes or cannot be read.
  std::function<Result<std::string>(std::size_t limit)> read_input{};
  bool terminal = false;                ///< standard output is a terminal
  bool colour = false;                  ///< a terminal, and neither NO_COLOR is set nor TERM is "dumb"
  ExitStatus status = ExitStatus::yes;  ///< what the command that ran answers
  bool output_is_answer = true;         ///< false: the command does its work whether or not its output can be written
  // For commands that ask the network; those that need it refuse where it is not there.
  HttpTransport* http = nullptr;
  const Environment* environment = nullptr;
  std::function<bool(std::chrono::milliseconds)> pause{};  ///< waits between attempts; false, or empty: do not try again
  /// As `run_piped`; empty: programs cannot be run.
  std::function<Result<int>(const std::vector<std::string>& words, std::string_view input)> run_program{};
};

/// Each adds its subcommand, with a help text that shows examples. Its callback runs when the command line names it, and sets
/// `context.status`. `context` outlives `app`. State between options and callback lives in a `shared_ptr` that the callback holds.
void add_serve(CLI::App& app, CommandContext& context);
void add_check(CLI::App& app, CommandContext& context);
void add_verify(CLI::App& app, CommandContext& context);
void add_replay(CLI::App& app, CommandContext& context);
void add_keys(CLI::App& app, CommandContext& context);
void add_routes(CLI::App& app, CommandContext& context);
void add_key(CLI::App& app, CommandContext& context);
void add_token(CLI::App& app, CommandContext& context);
void add_aws(CLI::App& app, CommandContext& context);
void add_ecr(CLI::App& app, CommandContext& context);
void add_login(CLI::App& app, CommandContext& context);
void add_docker_credential(CLI::App& app, CommandContext& context);
void add_kubelet_provider(CLI::App& app, CommandContext& context);
void add_pull_secret(CLI::App& app, CommandContext& context);
void add_iam_policy(CLI::App& app, CommandContext& context);
void add_doctor(CLI::App& app, CommandContext& context);
void add_cel(CLI::App& app, CommandContext& context);
void add_who_can(CLI::App& app, CommandContext& context);
void add_version(CLI::App& app, CommandContext& context);

/// Parses `argv` (with the program's name first), runs the one subcommand that it names, and returns the exit status. Help goes to `out`
/// with `yes`; a usage error to `err` with `cannot_judge`.
ExitStatus run_command_line(int argc, const char* const* argv, CommandContext& context);

/// Whether `program` (`argv[0]`) is the name by which clients call a credential helper: `docker-credential-portcullis`.
bool is_docker_helper(std::string_view program) noexcept;
/// What that helper does: one action, and nothing else, on the command line.
ExitStatus run_docker_helper(int argc, const char* const* argv, CommandContext& context);

}  // namespace portcullis
