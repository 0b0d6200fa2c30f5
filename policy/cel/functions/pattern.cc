#include "policy/cel/functions/pattern.h"

#include <string>

#include <re2/re2.h>

#include "policy/cel/functions/function_table.h"

namespace portcullis::cel {
namespace {

constexpr std::size_t kPatternBytes = 1024;
/// Of the program and the automaton of one pattern: enough for any that a person writes, and too little for one that multiplies itself.
constexpr std::int64_t kPatternMemory = std::int64_t{256} * 1024;
// Steps to compile a pattern that is not known before: for each byte, more for each class of Unicode, whose table is long, and for each
// instruction that came of it, since `{99}` makes many of few bytes.
constexpr std::size_t kStepsAPatternByte = 250;
constexpr std::size_t kStepsAClass = 60'000;
constexpr std::size_t kStepsAnInstruction = 60;
constexpr std::string_view kTooLarge = "invalid regular expression: too large";

RE2::Options options() {
  RE2::Options chosen;
  chosen.set_log_errors(false);
  chosen.set_max_mem(kPatternMemory);
  chosen.set_never_capture(true);
  return chosen;
}

}  // namespace

struct Pattern::Compiled {
  RE2 expression;
};

Pattern::Pattern(std::unique_ptr<const Compiled> compiled) noexcept : compiled_(std::move(compiled)) {}
Pattern::~Pattern() = default;

Result<std::shared_ptr<const Pattern>> Pattern::compile(std::string_view text) {
  if (text.size() > kPatternBytes)
    return Error{Reason::compile_error, "invalid regular expression: longer than " + std::to_string(kPatternBytes) + " bytes"};
  std::unique_ptr<const Compiled> compiled(new Compiled{RE2(re2::StringPiece(text.data(), text.size()), options())});
  if (compiled->expression.error_code() == RE2::ErrorPatternTooLarge) return Error{Reason::compile_error, std::string(kTooLarge)};
  if (!compiled->expression.ok()) return Error{Reason::compile_error, "invalid regular expression: " + compiled->expression.error()};
  return std::shared_ptr<const Pattern>(new Pattern(std::move(compiled)));
}

std::size_t Pattern::instructions() const noexcept { return static_cast<std::size_t>(compiled_->expression.ProgramSize()); }

bool Pattern::search(std::string_view text, Evaluation& evaluation, bool& found) const {
  // The automaton looks at a byte once; where a pattern is made to explode it, RE2 simulates the program, and looks at each instruction for
  // each byte: paid for as if it always did.
  if (!evaluation.charge(20 + text.size() * (1 + instructions()))) return false;
  found = RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->expression);
  return true;
}

namespace {

/// What stands for a class of Unicode, or makes one of a few letters.
std::size_t count_classes(std::string_view pattern) noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
    const std::string_view two = pattern.substr(i, 2);
    if (two == "\\p" || two == "\\P" || two == "[^" || two == "(?") ++count;
  }
  return count;
}

/// A pattern that is not known before. One that is too large has cost so much that nothing forgives it.
bool compile_now(std::string_view text, Evaluation& evaluation, std::shared_ptr<const Pattern>& out) {
  if (!evaluation.charge(kStepsAPatternByte * (1 + text.size()) + kStepsAClass * count_classes(text))) return false;
  Result<std::shared_ptr<const Pattern>> compiled = Pattern::compile(text);
  if (!compiled.ok()) {
    if (compiled.error().detail == kTooLarge) return evaluation.fail_fatally(kTooLarge);
    return evaluation.fail("invalid regular expression");  // it may be a claim: not quoted
  }
  out = std::move(compiled).value();
  return evaluation.charge(kStepsAnInstruction * out->instructions());
}

bool matches(const Arguments& arguments, Value& result) {
  const auto* text = arguments[0].as<std::string>();
  const auto* pattern = arguments[1].as<std::string>();
  if (text == nullptr || pattern == nullptr) return arguments.evaluation.fail_overload();
  std::shared_ptr<const Pattern> compiled;
  if (!compile_now(*pattern, arguments.evaluation, compiled)) return false;
  bool found = false;
  if (!compiled->search(*text, arguments.evaluation, found)) return false;
  result = Value::of(found);
  return true;
}

constexpr FunctionEntry kEntries[] = {{"matches", 2, matches}};

}  // namespace

std::span<const FunctionEntry> pattern_functions() noexcept { return kEntries; }

}  // namespace portcullis::cel
