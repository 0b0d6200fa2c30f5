// A compiled expression: a tree of steps, each with the function that runs it. Immutable once planned, shared by all threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "policy/cel/eval/evaluation.h"
#include "policy/cel/expression.h"
#include "policy/cel/value.h"

namespace portcullis::cel {

class Pattern;
struct Frame;

/// One node of the plan.
///
/// Its `run` answers with a pointer: to `held`, which it has filled, or to a value that outlives the step's caller (a constant, a variable,
/// an element of one, a comprehension's variable). So reading `claims.sub` copies nothing. Null is a failure, told in `frame.evaluation`.
struct Step {
  using Run = const Value* (*)(const Step& step, Frame& frame, Value& held);

  Run run = nullptr;
  std::vector<Step> children;
  Value constant;                          ///< a literal; the key of a select or of an index that is known
  std::string name;                        ///< of a variable or a field
  std::uint32_t slot = 0;                  ///< of a comprehension's variable; `slot + 1` is its accumulator
  Function function = nullptr;             ///< of a call
  std::vector<bool> optional;              ///< which elements of a list literal, or entries of a map literal, are optional
  std::shared_ptr<const Pattern> pattern;  ///< of `matches` with a constant pattern
};

/// The state of one run. It lives on the stack of `Expression::evaluate`.
struct Frame {
  Evaluation& evaluation;
  const Bindings& bindings;
  std::span<const Value*> slots;  ///< what the comprehensions that run at this moment have bound
};

/// Runs a step and pays for it.
inline const Value* run_step(const Step& step, Frame& frame, Value& held) {
  if (!frame.evaluation.charge(1)) [[unlikely]]
    return nullptr;
  return step.run(step, frame, held);
}

/// The values that `true` and `false` are, so that a condition allocates nothing.
const Value* bool_value(bool value) noexcept;

}  // namespace portcullis::cel
