// What one evaluation has spent, and why it failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "policy/cel/eval/arena.h"
#include "policy/cel/limits.h"
#include "policy/cel/value.h"

namespace portcullis::cel {

/// The budget of one run and its error. Nothing here is shared between threads.
///
/// A failure is `false`, with the text in `error()`. `&&`, `||`, `all` and `exists` may forgive one (CEL: the other side decides), but
/// never one that is `fatal`: whoever could make a bound disappear behind `|| true` could spend it again and again.
class Evaluation {
 public:
  explicit Evaluation(const EvaluationLimits& limits) noexcept : limits_(limits), left_(limits.steps) {}

  /// Pays for work before it is done; false, and fatal, once the budget is used up.
  [[nodiscard]] bool charge(std::size_t steps) noexcept {
    if (steps <= left_) [[likely]] {
      left_ -= steps;
      return true;
    }
    return exhaust();
  }
  /// Pays for copying so many bytes, or comparing them.
  [[nodiscard]] bool charge_copy(std::size_t bytes) noexcept { return charge(bytes / kCopiedBytesAStep); }
  /// Pays for a look at each of so many bytes.
  [[nodiscard]] bool charge_scan(std::size_t bytes) noexcept { return charge(bytes / kScannedBytesAStep); }
  /// Pays for a text of this size that is about to be made; false, and fatal, where it would pass its bound.
  [[nodiscard]] bool allow_text(std::size_t bytes);
  /// The same for a list or map.
  [[nodiscard]] bool allow_elements(std::size_t elements);

  /// Both return false, so that a caller can `return evaluation.fail(…)`. A failure is paid for too, since `||` may forgive it many times.
  bool fail(std::string_view text);
  bool fail_overload() { return fail("no such overload"); }
  bool fail_fatally(std::string_view text);

  [[nodiscard]] bool fatal() const noexcept { return fatal_; }
  [[nodiscard]] const std::string& error() const noexcept { return error_; }
  void set_error(std::string text) noexcept { error_ = std::move(text); }
  [[nodiscard]] std::size_t left() const noexcept { return left_; }
  /// Heterogeneous equality, paid for pair by pair. False is a failure, and the answer stands in `same`.
  [[nodiscard]] bool equal(const Value& left, const Value& right, bool& same) noexcept;
  /// Pays for one small value of its own.
  [[nodiscard]] bool allow_value() noexcept { return charge(kAllocationSteps); }

  /// Memory for what the evaluation makes; it lives until the evaluation ends.
  [[nodiscard]] Arena& arena() noexcept { return arena_; }
  /// Makes `value`, which may show what lives in the arena or with the caller, one that owns all that it shows, and pays for every part of
  /// it: one that shares its parts becomes far larger. False is a failure.
  [[nodiscard]] bool own(const Value& value, Value& out);

 private:
  // Chosen so that a million steps take some 3 ms at most, whatever they are spent on.
  static constexpr std::size_t kCopiedBytesAStep = 4;
  static constexpr std::size_t kScannedBytesAStep = 2;
  static constexpr std::size_t kAllocationSteps = 16;
  static constexpr std::size_t kElementSteps = 6;  ///< a value has 24 bytes
  static constexpr std::size_t kSharedSteps = 4;   ///< one owner more, and its end
  static constexpr std::size_t kEntrySteps = 30;   ///< of a map: its key is hashed and looked for
  static constexpr std::size_t kOwnedSteps = 32;   ///< a text of its own on the heap, and its end
  static constexpr std::size_t kFailureSteps = 60;
  bool exhaust() noexcept;
  bool own_list(const Elements& elements, Value& out);
  bool own_map(const Mapping& entries, Value& out);

  const EvaluationLimits& limits_;
  std::size_t left_;
  bool fatal_ = false;
  std::string error_;
  Arena arena_;
};

/// What a function is called with: the target first, where it is a method.
struct Arguments {
  Evaluation& evaluation;
  std::span<const Value* const> values;

  const Value& operator[](std::size_t i) const noexcept { return *values[i]; }
  [[nodiscard]] std::size_t size() const noexcept { return values.size(); }
};

/// A function of the language: fills `result`, or fails in `arguments.evaluation`. Pure. The arguments, and all that they show, live until
/// the evaluation ends: the result may be a view of them or of the evaluation's arena; where it is an owner, the caller keeps it.
using Function = bool (*)(const Arguments& arguments, Value& result);

}  // namespace portcullis::cel
