// A file that must not exist yet: what a private key is written to.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portcullis {

/// Makes `path` with mode `mode` (octal) and writes `bytes` to it. `Reason::io_failed` if anything stands there already, a dangling link
/// included: a private key that was overwritten cannot be had back. A file that could not be written whole is removed.
Result<void> create_file(const std::string& path, std::string_view bytes, unsigned mode);

}  // namespace portcullis
