#include "broker/kubernetes/label_selector.h"

#include <cstdlib>

namespace portcullis {
namespace {

std::string listed(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "(" : ",") + value;
  return text + ")";
}

std::string part_of(const LabelRequirement& expression) {
  switch (expression.op) {
    case LabelRequirement::Operator::in: return expression.key + " in " + listed(expression.values);
    case LabelRequirement::Operator::not_in: return expression.key + " notin " + listed(expression.values);
    case LabelRequirement::Operator::exists: return expression.key;
    case LabelRequirement::Operator::does_not_exist: return "!" + expression.key;
  }
  std::abort();
}

}  // namespace

std::string label_selector(const std::map<std::string, std::string>& labels, const std::vector<LabelRequirement>& expressions) {
  std::string text;
  const auto add = [&text](const std::string& part) {
    if (!text.empty()) text += ',';
    text += part;
  };
  for (const auto& [key, value] : labels) add(key + "=" + value);
  for (const LabelRequirement& expression : expressions) add(part_of(expression));
  return text;
}

}  // namespace portcullis
