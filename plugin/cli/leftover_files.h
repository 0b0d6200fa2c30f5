// What a killed process left beside a file that it was about to replace.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"

namespace portcullis {

/// Temporary files younger than this may be somebody's who is writing now.
inline constexpr Milliseconds kLeftoverAge{60'000};

/// Removes temporary files of `SystemFiles::write` from `folder`: `NAME.` and six letters or digits, for each of `names`, regular files
/// that nobody wrote to for `kLeftoverAge` before `now`. Returns how many went; what cannot be read or removed stays.
std::size_t remove_leftovers(const std::string& folder, const std::vector<std::string>& names, TimePoint now);

}  // namespace portcullis
