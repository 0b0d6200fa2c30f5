// From a checked tree to steps that run: functions found, constants computed, macros' folds recognised, patterns compiled.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "policy/cel/check/checker.h"
#include "policy/cel/eval/step.h"

namespace portcullis::cel {

/// What `Expression` runs.
struct Plan {
  Step root;
  std::size_t slots = 0;  ///< how many values a run binds at most
};

/// Plans `checked`. `Reason::compile_error` for a pattern of `matches` that is written out and is none; all else that can fail does so when
/// it runs, in a tree that was not checked.
Result<Plan> make_plan(const CheckedAst& checked);

}  // namespace portcullis::cel
