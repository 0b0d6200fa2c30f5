// What an expression gives, as one line.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/codec/json.h"
#include "policy/cel/expression.h"

namespace portcullis::cel {

inline constexpr JsonLimits kSampleLimits{.bytes = 4UL * 1024 * 1024, .depth = 32, .members = 200'000};

/// The members of `data` as variables: objects are `map(string, dyn)`, as claims are; anything else is `dyn`.
struct Sample {
  Environment environment;
  Bindings bindings;

  explicit Sample(std::string_view data) {
    const Result<JsonDocument> document = parse_json(data, kSampleLimits);
    EXPECT_TRUE(document.ok()) << data;
    for (const auto& [name, member] : document->root().members()) {
      add(std::string(name), value_from_json(member), *type_from_name(member.is_object() ? "map(string, dyn)" : "dyn"));
    }
  }
  void add(std::string name, Value value, Type type = {}) {
    environment.variables.push_back({name, std::move(type)});
    bindings.set(std::move(name), std::move(value));
  }
};

/// The value as JSON, or `compile: ` or `eval: ` and what went wrong, without the expression that the message quotes.
inline std::string outcome_with(std::string_view source, const Sample& sample, const EvaluationLimits& limits = {}) {
  const Result<Expression> expression = Expression::compile(source, sample.environment);
  const auto told = [&](const std::string& detail) {
    const std::size_t quote = detail.find("'" + std::string(source) + "': ");
    return quote == std::string::npos ? detail : detail.substr(quote + source.size() + 4);
  };
  if (!expression.ok()) return "compile: " + told(expression.error().detail);
  const Result<Value> value = expression->evaluate(sample.bindings, limits);
  if (!value.ok()) return "eval: " + told(value.error().detail);
  return value_to_json(*value);
}

inline std::string outcome(std::string_view source, std::string_view data = "{}") { return outcome_with(source, Sample(data)); }

/// The same of an expression that is not checked: what the evaluator finds of itself.
inline std::string unchecked(std::string_view source, std::string_view data = "{}") {
  Sample sample(data);
  sample.environment.check = false;
  return outcome_with(source, sample);
}

}  // namespace portcullis::cel
