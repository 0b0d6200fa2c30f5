// The face of CEL: a text is compiled once, checked against the variables that it may read, and run many times within bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "policy/cel/limits.h"
#include "policy/cel/type.h"
#include "policy/cel/value.h"

namespace portcullis::cel {

/// A name that an expression may read: `claims` of type `map(string, dyn)`.
struct Variable {
  std::string name;
  Type type;
};

/// What an expression is compiled against.
struct Environment {
  std::vector<Variable> variables;
  bool homogeneous = true;  ///< a list or map literal of mixed types is a compile error, as in zot
  bool check = true;        ///< false: parsed and planned alone (`portcullis-probe`)
};

/// The value of a variable, or nothing where it is not there. The pointed-to value outlives the evaluation.
class Bindings {
 public:
  void set(std::string name, Value value);
  [[nodiscard]] const Value* find(std::string_view name) const noexcept;

 private:
  std::vector<std::pair<std::string, Value>> values_;
};

/// A member of a variable that an expression reads.
struct MemberRead {
  std::string field;
  std::string inner;     ///< the member of that which is read; empty where it is read as a whole, or it cannot be told
  std::uint32_t offset;  ///< of the first such place, in code points
};

/// A compiled expression: immutable, shared by all threads, cheap to move.
class Expression {
 public:
  /// Compiles `source` (4 KiB, nesting 32, 1,000 nodes at most). `Reason::compile_error`; the detail is what zot's users know:
  /// `failed to parse the CEL expression '…': ERROR: <input>:1:5: undeclared reference to 'foo' (in container '')`, with the line and a
  /// caret below.
  static Result<Expression> compile(std::string_view source, const Environment& environment);
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  /// Runs it. `Reason::eval_error`: `failed to evaluate the CEL expression '…': no such key: sub`. The detail holds no value of a variable.
  [[nodiscard]] Result<Value> evaluate(const Bindings& bindings, const EvaluationLimits& limits = {}) const;
  /// The same, and the value must be bool: `failed to evaluate CEL expression as boolean: '…'`.
  [[nodiscard]] Result<bool> evaluate_bool(const Bindings& bindings, const EvaluationLimits& limits = {}) const;
  /// The same, and the value must be a string: `failed to evaluate CEL expression as string: '…'`.
  [[nodiscard]] Result<std::string> evaluate_text(const Bindings& bindings, const EvaluationLimits& limits = {}) const;
  /// The same, and the value must be a list of strings, whose order and repetitions stay:
  /// `failed to evaluate CEL expression as []string: unsupported native conversion from string to '[]string': '…'`.
  [[nodiscard]] Result<std::vector<std::string>> evaluate_texts(const Bindings& bindings, const EvaluationLimits& limits = {}) const;

  [[nodiscard]] const std::string& source() const noexcept;
  /// What the checker found; `dyn` where it was not run.
  [[nodiscard]] const Type& type() const noexcept;
  /// Whether some node reads `variable`, or, with `field`, `variable.field` (also as `variable['field']`); an access that cannot be told
  /// statically (`variable[x]`, `variable` as a whole) counts as reading every field.
  [[nodiscard]] bool reads(std::string_view variable, std::string_view field = {}) const noexcept;
  /// Names of what is read below `variable.field`: of `req.claims.sub` it is `sub`. Nothing where it cannot be told, so that all of it
  /// counts as read.
  [[nodiscard]] std::optional<std::vector<std::string>> reads_below(std::string_view variable, std::string_view field) const;
  /// The members of `variable` whose names stand in the source, each once.
  [[nodiscard]] std::vector<MemberRead> members_read(std::string_view variable) const;

 private:
  struct Compiled;
  class Run;
  explicit Expression(std::unique_ptr<const Compiled> compiled) noexcept;
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace portcullis::cel
