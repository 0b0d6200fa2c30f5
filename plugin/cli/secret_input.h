// A token or a private key that an option names: from a file, a pipe or standard input.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "plugin/cli/command.h"

namespace portcullis {

/// What `source` holds, at most `limit` bytes: `-` is standard input, another name a file, or a pipe that a shell made (`<(pass show t)`),
/// which is read until its writer closes it. `option` (`--token`) is named where `source` is rather the secret itself than a name.
/// `Reason::io_failed`.
Result<std::string> read_secret_input(const CommandContext& context, std::string_view option, const std::string& source, std::size_t limit);

}  // namespace portcullis
