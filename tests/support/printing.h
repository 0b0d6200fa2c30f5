// How failed expectations show our values: by name, not by bytes.
#pragma once

#include <ostream>

#include "base/reason.h"
#include "base/result.h"
#include "keystore/algorithm.h"

namespace portcullis {

inline void PrintTo(Reason reason, std::ostream* out) {
  *out << reason_name(reason);
}  // NOLINT(readability-identifier-naming): Google Test's name
inline void PrintTo(const Error& error, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << reason_name(error.reason) << " (" << error.detail << ')';
}
inline void PrintTo(Algorithm algorithm, std::ostream* out) { *out << algorithm_name(algorithm); }  // NOLINT(readability-identifier-naming)

}  // namespace portcullis
