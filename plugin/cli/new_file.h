// Files of keys: one that must not exist yet, and one that stays what it was for everybody else.
#pragma once

#include <string>
#include <string_view>

#include "base/io/files.h"
#include "base/result.h"

namespace portcullis {

/// Makes `path` with mode `mode` (octal) and writes `bytes` to it. `Reason::io_failed` if anything stands there already, a dangling link
/// included: a private key that was overwritten cannot be had back. A file that could not be written whole is removed.
Result<void> create_file(const std::string& path, std::string_view bytes, unsigned mode);

/// Puts `bytes` into the regular file that `path` is or leads to, by rename, with the mode of that file, and its owner and group as far as
/// we may give them away; links to it stay. A file that is not there is made, with mode `mode`. `Reason::io_failed`, and then nothing has
/// changed.
Result<void> replace_content(Files& files, const std::string& path, std::string_view bytes, unsigned mode);

}  // namespace portcullis
