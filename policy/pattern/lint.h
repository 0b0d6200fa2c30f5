// What is odd about a pattern that is well formed: for `check`.
#pragma once

#include <string>
#include <vector>

#include "policy/pattern/pattern.h"

namespace portcullis {

/// What an operator should know of `pattern`, one sentence each: a `**` that is no whole segment, a trailing `/**` that matches what stands
/// before it too, a text that no repository name holds.
std::vector<std::string> lint_pattern(const Pattern& pattern);

/// Whether some repository name could be matched by both. False is certain; true is not where segments hold several wildcards. In time
/// proportional to the product of the numbers of segments.
bool may_overlap(const Pattern& left, const Pattern& right);

}  // namespace portcullis
