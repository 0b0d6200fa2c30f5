// The command line as a shell sees it, in a world of the test's own: arguments and files in, two streams and an exit status out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plugin/cli/command.h"
#include "tests/support/chain_world.h"

namespace portcullis::test {

/// What a command said.
struct Said {
  ExitStatus status = ExitStatus::cannot_judge;
  std::string out;
  std::string err;
};

/// Runs `portcullis <words>` in `context`, with streams of the test's own in the place of its, and `input` to read.
inline Said run_command(CommandContext context, std::vector<const char*> words, const std::string& input = {}) {
  Said said;
  context.out = [&](std::string_view text) { said.out += text; };
  context.err = [&](std::string_view text) { said.err += text; };
  context.read_input = [&](std::size_t) { return Result<std::string>(input); };
  words.insert(words.begin(), "portcullis");
  said.status = run_command_line(static_cast<int>(words.size()), words.data(), context);
  return said;
}

/// The same with the files, variables, clock and network of `world`, or with `http` in its network's place.
inline Said run_command(ChainWorld& world, std::vector<const char*> words, HttpTransport* http = nullptr) {
  return run_command({.clock = world.clock,
                      .files = world.files,
                      .entropy = world.entropy,
                      .http = http != nullptr ? http : &world.http,
                      .environment = &world.environment,
                      .pause = [](std::chrono::milliseconds) { return true; }},
                     std::move(words));
}

}  // namespace portcullis::test
