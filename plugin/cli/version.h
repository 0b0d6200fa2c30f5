// The version of the program, as the build says it.
#pragma once

#include <string_view>

namespace portcullis {

/// "0.1.0".
std::string_view program_version() noexcept;

}  // namespace portcullis
