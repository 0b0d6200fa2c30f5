// Runs another program for a command of ours, with text on its standard input.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portcullis {

/// Starts `words[0]` (found by PATH) with the rest as arguments and `input` on its standard input, which is then closed; its output and
/// errors are ours. Waits. The exit status; 128 and the signal where one ended it. `Reason::io_failed` where it cannot start. `words` are
/// seen by every user of the machine, `input` is not.
Result<int> run_piped(const std::vector<std::string>& words, std::string_view input);

}  // namespace portcullis
