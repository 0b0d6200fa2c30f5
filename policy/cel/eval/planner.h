// What plan.cc and its parts share. Not for anybody else.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/cel/ast.h"
#include "policy/cel/eval/operators.h"
#include "policy/cel/parse/faults.h"

namespace portcullis::cel {

/// Walks one tree. Recursion is bounded by the tree's height (`ParseLimits`).
class Planner {
 public:
  explicit Planner(const Ast& ast) : ast_(ast), faults_(ast.source) {}

  Step plan(NodeId id);
  [[nodiscard]] std::size_t slots() const noexcept { return slots_; }
  [[nodiscard]] const Faults& faults() const noexcept { return faults_; }

 private:
  Step plan_identifier(const Identifier& identifier);
  /// Where a run remembers the variable once it has found it.
  std::uint32_t slot_of(const std::string& variable);
  Step plan_select(const Select& select);
  Step plan_call(const Call& call, std::uint32_t offset);
  Step plan_function(const Call& call, std::vector<Step> children, std::uint32_t offset);
  Step plan_list(const ListLiteral& list);
  Step plan_map(const MapLiteral& map);
  Step plan_message(const MessageLiteral& message);
  Step plan_comprehension(const Comprehension& fold);
  Step plan_fold(const Comprehension& fold, Step range, std::uint32_t slot);
  Step plan_quantifier(NodeId predicate, Step::Test test, Step range, std::uint32_t slot);
  Step plan_collect(NodeId element, NodeId filter, Step range, std::uint32_t slot);

  /// Whether `id` is the accumulator of `fold`, and nothing more.
  [[nodiscard]] bool is_accumulator(const Comprehension& fold, NodeId id) const;
  /// The call under `id` where it is one of `function`; null for anything else.
  [[nodiscard]] const Call* call_of(NodeId id, std::string_view function) const;
  /// `P` of a step `accumulator function P`; kNoNode for any other step.
  [[nodiscard]] NodeId predicate_of(const Comprehension& fold, std::string_view function) const;
  /// `T` of `accumulator + [T]`; kNoNode for anything else.
  [[nodiscard]] NodeId appended_by(const Comprehension& fold, NodeId id) const;
  template <class T>
  [[nodiscard]] const T* node(NodeId id) const {
    return std::get_if<T>(&ast_.nodes[id].content);
  }

  const Ast& ast_;
  Faults faults_;
  std::vector<std::pair<std::string, std::uint32_t>> scope_;      ///< variables of the comprehensions around, and their slots
  std::vector<std::pair<std::string, std::uint32_t>> variables_;  ///< of the bindings, and their slots
  std::uint32_t slots_ = 0;
};

/// A step that has a value, and one that decides.
Step value_step(Step::Run run, std::vector<Step> children);
Step test_step_of(Step::Test test, std::vector<Step> children);
Step constant_step(Value value);
/// A step that always gives the same becomes the constant that it gives; one that fails stays, and fails when it runs.
Step folded(Step step);

}  // namespace portcullis::cel
