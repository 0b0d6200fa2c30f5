// `cel`: one expression, compiled and evaluated.
#include <string>

#include "base/codec/hex.h"
#include "base/codec/json_writer.h"
#include "policy/cel/expression.h"
#include "tests/probe/cel_values.h"
#include "tests/probe/ops.h"

namespace portcullis::probe {
namespace {

/// What a line says beside the expression.
struct Question {
  cel::Environment environment;
  cel::Bindings bindings;
};

Result<Question> read_question(JsonView line) {
  Question question;
  question.environment.check = line.get("check").boolean().value_or(true);
  question.environment.homogeneous = line.get("homogeneous").boolean().value_or(true);
  const JsonView types = line.get("types");
  for (const auto& [name, member] : types.members()) {
    Result<cel::Type> type = read_cel_type(member);
    if (!type.ok()) return type.error();
    question.environment.variables.push_back({std::string(name), std::move(type).value()});
  }
  for (const auto& [name, member] : line.get("bindings").members()) {
    Result<cel::Value> value = read_cel_value(member);
    if (!value.ok()) return value.error();
    question.bindings.set(std::string(name), std::move(value).value());
    if (!types.get(name).exists()) question.environment.variables.push_back({std::string(name), cel::Type{}});
  }
  return question;
}

/// `expr`, or `expr_hex` for one that holds a NUL, which our JSON refuses.
Result<std::string> read_source(JsonView line) {
  if (const auto text = line.get("expr").string()) return std::string(*text);
  const auto hex = line.get("expr_hex").string();
  if (!hex) return Error{Reason::bad_request, {}};
  return hex_decode(*hex);
}

void add_text(Answer& answer, std::string name, std::string_view text) {
  JsonWriter json;
  json.string(text);
  answer.members.emplace_back(std::move(name), std::move(json).text());
}

}  // namespace

Answer run_cel(JsonView line) {
  const Result<std::string> source = read_source(line);
  if (!source.ok()) return Answer::not_understood("cel needs expr or expr_hex");
  const Result<Question> question = read_question(line);
  if (!question.ok()) return Answer::not_understood(question.error().detail);
  const Result<cel::Expression> expression = cel::Expression::compile(*source, question->environment);
  if (!expression.ok()) return Answer::refused(expression.error());
  const Result<cel::Value> value = expression->evaluate(question->bindings);
  Answer answer = value.ok() ? Answer::accepted() : Answer::refused(value.error());
  add_text(answer, "type", cel::type_name(expression->type()));
  if (!value.ok()) return answer;
  answer.members.emplace_back("value", write_cel_value(*value));
  if (value->as<cel::Optional>() != nullptr) answer.members.emplace_back("optional", "true");
  return answer;
}

}  // namespace portcullis::probe
