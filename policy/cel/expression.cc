#include "policy/cel/expression.h"

#include <algorithm>
#include <array>

#include "base/codec/utf8.h"
#include "policy/cel/check/checker.h"
#include "policy/cel/eval/operators.h"
#include "policy/cel/eval/plan.h"
#include "policy/cel/eval/reads.h"
#include "policy/cel/parse/parser.h"

// Builds that set every local variable to zero first would do so with a kilobyte of each evaluation's arena.
#define UNINITIALIZED __attribute__((uninitialized))

namespace portcullis::cel {
namespace {

/// Variables and comprehensions that most expressions do not pass; beyond, a run allocates.
constexpr std::size_t kFewSlots = 8;

/// Of an expression in a message; the path and the line beside it tell the rest.
constexpr std::size_t kQuotedBytes = 256;

std::string quoted(std::string_view source) {
  const std::string_view shown = utf8_prefix(source, kQuotedBytes);
  return "'" + std::string(shown) + (shown.size() < source.size() ? "…'" : "'");
}

Error compile_error(std::string_view source, const Error& error) {
  return {error.reason, "failed to parse the CEL expression " + quoted(source) + ": " + error.detail};
}

Error eval_error(std::string_view source, std::string_view what) {
  return {Reason::eval_error, "failed to evaluate the CEL expression " + quoted(source) + ": " + std::string(what)};
}

Error wrong_type(std::string_view source, std::string_view wanted) {
  return {Reason::eval_error, "failed to evaluate CEL expression as " + std::string(wanted) + ": " + quoted(source)};
}

Error not_texts(std::string_view source, std::string_view what) {
  return {Reason::eval_error, "failed to evaluate CEL expression as []string: " + std::string(what) + ": " + quoted(source)};
}

}  // namespace

void Bindings::set(std::string name, Value value) {
  for (auto& [known, held] : values_) {
    if (known == name) return void(held = std::move(value));
  }
  values_.emplace_back(std::move(name), std::move(value));
}

const Value* Bindings::find(std::string_view name) const noexcept {
  for (const auto& [known, value] : values_) {
    if (same_text(known, name)) return &value;
  }
  return nullptr;
}

struct Expression::Compiled {
  std::string source;
  Type type;
  std::vector<Read> reads;
  Plan plan;
};

Expression::Expression(std::unique_ptr<const Compiled> compiled) noexcept : compiled_(std::move(compiled)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

Result<Expression> Expression::compile(std::string_view source, const Environment& environment) {
  Result<Ast> ast = parse(source);
  if (!ast.ok()) return compile_error(source, ast.error());
  Result<CheckedAst> checked =
      environment.check ? check(std::move(ast).value(), environment) : resolve(std::move(ast).value(), environment);
  if (!checked.ok()) return compile_error(source, checked.error());
  Result<Plan> plan = make_plan(*checked);
  if (!plan.ok()) return compile_error(source, plan.error());
  auto compiled =
      std::make_unique<const Compiled>(Compiled{std::string(source), checked->type(), reads_of(checked->ast), std::move(plan).value()});
  return Expression(std::move(compiled));
}

/// One evaluation, and what it needs beside the plan. Declare it `UNINITIALIZED`: what its arena hands out is written before it is read.
class Expression::Run {
 public:
  Run(const Compiled& compiled, const Bindings& bindings, const EvaluationLimits& limits)
      : compiled_(compiled),
        many_(compiled.plan.slots > kFewSlots ? compiled.plan.slots : 0),
        evaluation_(limits),
        frame_{evaluation_, bindings, many_.empty() ? std::span<const Value*>(few_) : std::span<const Value*>(many_)} {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// Null is a failure. The value lives as long as this.
  const Value* value() { return run_step(compiled_.plan.root, frame_, held_); }
  Truth test() { return test_step(compiled_.plan.root, frame_); }
  Evaluation& evaluation() noexcept { return evaluation_; }
  [[nodiscard]] Error error() const { return eval_error(compiled_.source, evaluation_.error()); }

 private:
  const Compiled& compiled_;
  std::array<const Value*, kFewSlots> few_{};
  std::vector<const Value*> many_;
  Evaluation evaluation_;
  Frame frame_;
  Value held_;
};

Result<Value> Expression::evaluate(const Bindings& bindings, const EvaluationLimits& limits) const {
  UNINITIALIZED Run run(*compiled_, bindings, limits);
  Value own;
  const Value* found = run.value();
  if (found == nullptr || !run.evaluation().own(*found, own)) return run.error();
  return own;
}

Result<bool> Expression::evaluate_bool(const Bindings& bindings, const EvaluationLimits& limits) const {
  UNINITIALIZED Run run(*compiled_, bindings, limits);
  if (compiled_->plan.root.run == run_by_testing) {
    const Truth found = run.test();
    if (found == Truth::failed || !run.evaluation().charge(1)) return run.error();
    return found == Truth::yes;
  }
  const Value* found = run.value();
  if (found == nullptr || !run.evaluation().charge(1)) return run.error();
  const bool* flag = found->as<bool>();
  if (flag == nullptr) return wrong_type(compiled_->source, "boolean");
  return *flag;
}

Result<std::string> Expression::evaluate_text(const Bindings& bindings, const EvaluationLimits& limits) const {
  UNINITIALIZED Run run(*compiled_, bindings, limits);
  const Value* found = run.value();
  if (found == nullptr || !run.evaluation().charge(1)) return run.error();
  const auto* text = found->as<std::string>();
  if (text == nullptr) return wrong_type(compiled_->source, "string");
  return std::string(*text);
}

Result<std::vector<std::string>> Expression::evaluate_texts(const Bindings& bindings, const EvaluationLimits& limits) const {
  UNINITIALIZED Run run(*compiled_, bindings, limits);
  const Value* found = run.value();
  if (found == nullptr || !run.evaluation().charge(1)) return run.error();
  const auto* list = found->as<List>();
  const std::string_view given = value_type_name(*found);
  if (list == nullptr) return not_texts(compiled_->source, "unsupported native conversion from " + std::string(given) + " to '[]string'");
  std::vector<std::string> texts;
  texts.reserve(list->size());
  for (const Value& element : *list) {
    const auto* text = element.as<std::string>();
    if (text == nullptr)
      return not_texts(compiled_->source, "unsupported type conversion from " + std::string(value_type_name(element)) + " to string");
    if (!run.evaluation().charge(1) || !run.evaluation().charge_copy(text->size())) return run.error();
    texts.emplace_back(*text);
  }
  return texts;
}

const std::string& Expression::source() const noexcept { return compiled_->source; }
const Type& Expression::type() const noexcept { return compiled_->type; }

bool Expression::reads(std::string_view variable, std::string_view field) const noexcept {
  return std::any_of(compiled_->reads.begin(), compiled_->reads.end(),
                     [&](const Read& read) { return read.variable == variable && (field.empty() || read.whole || read.field == field); });
}

std::optional<std::vector<std::string>> Expression::reads_below(std::string_view variable, std::string_view field) const {
  std::vector<std::string> names;
  for (const Read& read : compiled_->reads) {
    if (read.variable != variable || (!read.whole && read.field != field)) continue;
    if (read.inner.empty()) return std::nullopt;
    names.push_back(read.inner);
  }
  return names;
}

std::vector<MemberRead> Expression::members_read(std::string_view variable) const {
  std::vector<MemberRead> members;
  for (const Read& read : compiled_->reads) {
    if (read.variable == variable && !read.whole) members.push_back({read.field, read.inner, read.offset});
  }
  return members;
}

}  // namespace portcullis::cel
