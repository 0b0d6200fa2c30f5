// The program: the real clock, files, randomness and terminal, handed to the command line.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <unistd.h>

#include "base/io/curl_http.h"
#include "plugin/cli/command.h"
#include "plugin/cli/piped_program.h"
#include "plugin/cli/standard_streams.h"
#include "plugin/cli/version.h"
#include "plugin/hardening.h"

namespace {

using namespace portcullis;

Result<std::string> read_standard_input(std::size_t limit) {
  std::string bytes;
  char buffer[8192];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0) return Error{Reason::io_failed, std::string("standard input: ") + std::strerror(errno)};
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(got));
    if (bytes.size() > limit) return Error{Reason::io_failed, "standard input: larger than " + std::to_string(limit) + " bytes"};
  }
}

bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (no_colour == nullptr || *no_colour == '\0') && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  forbid_core_dumps();
  const SystemClock clock;
  SystemFiles files;
  SystemEntropy entropy;
  const SystemEnvironment environment;
  CurlHttp http("portcullis/" + std::string(program_version()));
  OutputStream output(STDOUT_FILENO);
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  CommandContext context{.clock = clock,
                         .files = files,
                         .entropy = entropy,
                         .out = [&output](std::string_view text) { output.write(text); },
                         .err = [](std::string_view text) { OutputStream(STDERR_FILENO).write(text); },
                         .read_input = read_standard_input,
                         .terminal = terminal,
                         .colour = terminal && wants_colour(),
                         .http = &http,
                         .environment = &environment,
                         .pause =
                             [](std::chrono::milliseconds wait) {
                               std::this_thread::sleep_for(wait);
                               return true;
                             },
                         .run_program = run_piped};
  const bool helper = argc > 0 && is_docker_helper(argv[0]);
  const ExitStatus status = helper ? run_docker_helper(argc, argv, context) : run_command_line(argc, argv, context);
  const Result<void> printed = output.finish();
  if (printed.ok() || !context.output_is_answer) return static_cast<int>(status);
  context.err("portcullis: " + printed.error().detail + "\n");
  return static_cast<int>(ExitStatus::cannot_judge);
}
