// How steps run: one function for each kind of node. The planner chooses, and sets the fields of `Step` that each says it reads.
#pragma once

#include "policy/cel/eval/step.h"

namespace portcullis::cel {

// Steps that have a value: every one has the type `Step::Run`.

/// `constant`.
const Value* run_constant(const Step& step, Frame& frame, Value& held);
/// `name`: a variable of the bindings, looked for once; `slot` remembers it. `no such attribute(s): name`.
const Value* run_variable(const Step& step, Frame& frame, Value& held);
/// `slot`: a variable of a comprehension.
const Value* run_slot(const Step& step, Frame& frame, Value& held);
/// The same two, and behind them the fields of `path`: `req.user.groups` in one step.
const Value* run_variable_path(const Step& step, Frame& frame, Value& held);
const Value* run_slot_path(const Step& step, Frame& frame, Value& held);
/// These always fail: there is no function called `name`; there is one, but not with so many arguments.
const Value* run_unbound_function(const Step& step, Frame& frame, Value& held);
const Value* run_wrong_arguments(const Step& step, Frame& frame, Value& held);

/// Child: the operand. `path`: one field. `no such key: field`. Of an optional: an optional.
const Value* run_select(const Step& step, Frame& frame, Value& held);
/// Children: operand and key, of a list or map. Of an optional: an optional.
const Value* run_index(const Step& step, Frame& frame, Value& held);
/// `operand.?field` and `operand[?key]`: children operand and key; an optional.
const Value* run_optional_index(const Step& step, Frame& frame, Value& held);

/// Three children: the condition and the two branches, of which one runs.
const Value* run_conditional(const Step& step, Frame& frame, Value& held);
/// Two children: an optional and what stands for it where it is empty, which runs then alone.
const Value* run_or_value(const Step& step, Frame& frame, Value& held);
const Value* run_or_optional(const Step& step, Frame& frame, Value& held);

/// Children: the elements; `optional` says which are.
const Value* run_list(const Step& step, Frame& frame, Value& held);
/// Children: key, value, key, value, …; `optional` by entry.
const Value* run_map(const Step& step, Frame& frame, Value& held);

/// `function` with the values of all children, six at most.
const Value* run_call(const Step& step, Frame& frame, Value& held);
/// Operands that one `run_sum` adds.
inline constexpr std::size_t kMostSummands = 4;
/// `a + b + c`: texts are joined at once, anything else is added by `function` from left to right.
const Value* run_sum(const Step& step, Frame& frame, Value& held);

// Comprehensions: child 0 is the range. `slot` holds the element or key.
/// Children 1 and 2: the element of the new list, and a filter, which may be missing.
const Value* run_collect(const Step& step, Frame& frame, Value& held);
/// Children 1 to 4: start, condition, step, result: any other fold. `slot + 1` holds the accumulator.
const Value* run_fold(const Step& step, Frame& frame, Value& held);

// Steps that decide: every one has the type `Step::Test`.

/// Child: the operand. `path`: one field. `has(operand.field)`.
Truth test_has(const Step& step, Frame& frame);
/// Two children. An error of one side is forgiven where the other decides.
Truth test_and(const Step& step, Frame& frame);
Truth test_or(const Step& step, Frame& frame);
Truth test_not(const Step& step, Frame& frame);
Truth test_equal(const Step& step, Frame& frame);
Truth test_unequal(const Step& step, Frame& frame);
/// One child, and a text in `constant`: `child == 'text'`.
Truth test_equal_text(const Step& step, Frame& frame);
Truth test_unequal_text(const Step& step, Frame& frame);
/// Two children: the needle, and a list or map.
Truth test_in(const Step& step, Frame& frame);
/// One child, and in `constant` a map whose keys are texts: `child in ['a', 'b']`.
Truth test_in_texts(const Step& step, Frame& frame);
/// Two children, of which `compare` says what the operator asks.
Truth test_less(const Step& step, Frame& frame);
Truth test_less_equal(const Step& step, Frame& frame);
Truth test_greater(const Step& step, Frame& frame);
Truth test_greater_equal(const Step& step, Frame& frame);
/// Two children, texts.
Truth test_starts_with(const Step& step, Frame& frame);
Truth test_ends_with(const Step& step, Frame& frame);
/// One child, and `pattern`.
Truth test_matches(const Step& step, Frame& frame);
/// A comprehension's child 1: the predicate.
Truth test_all(const Step& step, Frame& frame);
Truth test_exists(const Step& step, Frame& frame);

}  // namespace portcullis::cel
