#include "policy/cel/expression.h"

#include <algorithm>
#include <array>

#include "policy/cel/check/checker.h"
#include "policy/cel/eval/plan.h"
#include "policy/cel/eval/reads.h"
#include "policy/cel/parse/parser.h"

namespace portcullis::cel {
namespace {

/// Comprehensions that most expressions do not pass; beyond, a run allocates.
constexpr std::size_t kFewSlots = 8;

std::string quoted(std::string_view source) { return "'" + std::string(source) + "'"; }

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

/// Pays for every part of a result: one that shares its parts could be far larger for those who read it than it is in memory.
bool weigh(const Value& value, Evaluation& evaluation) {
  if (!evaluation.charge(1)) return false;
  const auto weighs = [&](const Value& part) { return weigh(part, evaluation); };
  if (const auto* list = value.as<List>()) return std::all_of(list->begin(), list->end(), weighs);
  if (const auto* optional = value.as<Optional>()) return optional->value == nullptr || weighs(*optional->value);
  const auto* map = value.as<Mapping>();
  if (map == nullptr) return true;
  return std::all_of(map->entries().begin(), map->entries().end(), [&](const auto& entry) { return weighs(entry.second); });
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
    if (known == name) return &value;
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

Result<Value> Expression::evaluate(const Bindings& bindings, const EvaluationLimits& limits) const {
  std::array<const Value*, kFewSlots> few{};
  std::vector<const Value*> many(compiled_->plan.slots > kFewSlots ? compiled_->plan.slots : 0);
  Evaluation evaluation(limits);
  Frame frame{evaluation, bindings, many.empty() ? std::span<const Value*>(few) : std::span<const Value*>(many)};
  Value held;
  const Value* found = run_step(compiled_->plan.root, frame, held);
  if (found == nullptr || !weigh(*found, evaluation)) return eval_error(compiled_->source, evaluation.error());
  return *found;
}

Result<bool> Expression::evaluate_bool(const Bindings& bindings, const EvaluationLimits& limits) const {
  const Result<Value> value = evaluate(bindings, limits);
  if (!value.ok()) return value.error();
  const bool* flag = value->as<bool>();
  if (flag == nullptr) return wrong_type(compiled_->source, "boolean");
  return *flag;
}

Result<std::string> Expression::evaluate_text(const Bindings& bindings, const EvaluationLimits& limits) const {
  const Result<Value> value = evaluate(bindings, limits);
  if (!value.ok()) return value.error();
  const auto* text = value->as<std::string>();
  if (text == nullptr) return wrong_type(compiled_->source, "string");
  return *text;
}

Result<std::vector<std::string>> Expression::evaluate_texts(const Bindings& bindings, const EvaluationLimits& limits) const {
  const Result<Value> value = evaluate(bindings, limits);
  if (!value.ok()) return value.error();
  const auto* list = value->as<List>();
  const std::string_view given = value_type_name(*value);
  if (list == nullptr) return not_texts(compiled_->source, "unsupported native conversion from " + std::string(given) + " to '[]string'");
  std::vector<std::string> texts;
  texts.reserve(list->size());
  for (const Value& element : *list) {
    const auto* text = element.as<std::string>();
    if (text == nullptr)
      return not_texts(compiled_->source, "unsupported type conversion from " + std::string(value_type_name(element)) + " to string");
    texts.push_back(*text);
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
