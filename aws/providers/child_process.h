// Runs one shell command and takes what it prints: bounded in time and size.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/result.h"

namespace portcullis {

struct ChildLimits {
  std::chrono::milliseconds time{std::chrono::minutes(1)};
  std::size_t output = 64UL * 1024;
};

/// Standard output of `sh -c command`. The child has our environment, standard input and standard error, no other open file, and no
/// blocked signal. At a limit it is killed, and with it what it started, unless it can ask on a terminal: then it alone. There it shares
/// our process group, since another one could not read the answer, and so an interrupt from the keyboard ends it as it ends us; elsewhere
/// it has a group of its own, and a signal for us is none for it. `Reason::io_failed` where it cannot start, exits with another status than
/// 0, dies by a signal, or passes a limit; the detail holds neither the command nor its output.
Result<std::string> run_command(const std::string& command, const ChildLimits& limits);

}  // namespace portcullis
