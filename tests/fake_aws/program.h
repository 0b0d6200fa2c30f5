// What the servers of the tests have in common as programs: one line that says where they are, and an end by signal.
#pragma once

#include <csignal>
#include <string>

#include "base/result.h"
#include "tests/fake_aws/listener.h"

namespace portcullis::fake_aws {

/// Says on standard error why `program` cannot go on. The exit status.
int give_up(const char* program, const Error& error);
/// SIGTERM and SIGINT, blocked in this thread and all that start later: `serve_until_told` alone takes them. SIGPIPE is ignored.
sigset_t block_signals();
/// Prints `line`, waits for one of `signals`, then ends all slow answers. The exit status.
int serve_until_told(const std::string& line, const sigset_t& signals, Patience& patience);

}  // namespace portcullis::fake_aws
