// A compiled expression: a tree of steps, each with the function that runs it. Immutable once planned, shared by all threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "policy/cel/eval/evaluation.h"
#include "policy/cel/expression.h"
#include "policy/cel/value.h"

namespace portcullis::cel {

class Pattern;
struct Frame;

/// What a step says that decides something: a failure is told in `Frame::evaluation`.
enum class Truth : std::uint8_t { no, yes, failed };
inline Truth truth(bool value) noexcept { return value ? Truth::yes : Truth::no; }

/// A field that is written out.
struct Field {
  explicit Field(Value text) : name(std::move(text)), key(*name.as<std::string>()) {}

  Value name;        ///< a text that it owns
  Mapping::Key key;  ///< shows `name`
};

/// One node of the plan, or several that the planner has joined.
///
/// `run` answers with a pointer: to `held`, which it has filled, or to a value that outlives the step's caller (a constant, a variable,
/// an element of one, a comprehension's variable). So reading `claims.sub` copies nothing. Null is a failure, told in `frame.evaluation`.
/// All that the value shows lives until the evaluation ends: `held` is a view, never an owner, and may be copied with `borrow`.
///
/// `test` answers alone whether the step is true; what is no bool is a failure. Steps that decide have it by nature, and their `run`
/// wraps it; all others the reverse.
struct Step {
  using Run = const Value* (*)(const Step& step, Frame& frame, Value& held);
  using Test = Truth (*)(const Step& step, Frame& frame);

  Run run = nullptr;
  Test test = nullptr;
  std::vector<Step> children;
  std::vector<Field> path;                 ///< fields that are read one behind the other
  Value constant;                          ///< a literal, an operand that is known, or the keys of a set
  std::string name;                        ///< of a variable or a field
  std::uint32_t slot = 0;                  ///< of a variable; of a comprehension's: `slot + 1` is its accumulator
  Function function = nullptr;             ///< of a call
  std::vector<bool> optional;              ///< which elements of a list literal, or entries of a map literal, are optional
  std::shared_ptr<const Pattern> pattern;  ///< of `matches` with a constant pattern
};

/// The state of one run. It lives on the stack of `Expression::evaluate`.
struct Frame {
  Evaluation& evaluation;
  const Bindings& bindings;
  std::span<const Value*> slots;  ///< what the comprehensions that run at this moment have bound, and what was found in `bindings`
};

/// Runs a step and pays for it.
inline const Value* run_step(const Step& step, Frame& frame, Value& held) {
  if (!frame.evaluation.charge(1)) [[unlikely]]
    return nullptr;
  return step.run(step, frame, held);
}

inline Truth test_step(const Step& step, Frame& frame) {
  if (!frame.evaluation.charge(1)) [[unlikely]]
    return Truth::failed;
  return step.test(step, frame);
}

/// `test` of a step that has a `run` of its own, and the reverse.
Truth test_by_running(const Step& step, Frame& frame);
const Value* run_by_testing(const Step& step, Frame& frame, Value& held);
/// Fails as an operator or function does for operands of types that it does not take.
inline Truth fail_test(Frame& frame) {
  frame.evaluation.fail_overload();
  return Truth::failed;
}

}  // namespace portcullis::cel
