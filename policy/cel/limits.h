// Bounds of one evaluation.
#pragma once

#include <cstddef>

namespace portcullis::cel {

/// A step is charged before what it pays for is done or allocated: one for each node that runs and each element that is looked at, one for
/// eight bytes of text that are read or made.
struct EvaluationLimits {
  std::size_t steps = 1'000'000;
  std::size_t text_bytes = 64UL * 1024;  ///< of one string or bytes value
  std::size_t elements = 10'000;         ///< of one list or map
};

}  // namespace portcullis::cel
