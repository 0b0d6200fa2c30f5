// `claimMapping`: the shape of zot's, and each expression compiled, so that none fails when the first token comes.
#include <algorithm>

#include "config/claim_expressions.h"
#include "config/read/sections.h"

namespace portcullis {
namespace {

std::string indexed(std::string_view name, std::size_t index) { return std::string(name) + "[" + std::to_string(index) + "]"; }

/// CEL may have several lines. Empty where there is none, which is said.
std::string required_expression(Section& section, const std::string& what) {
  const auto text = section.lines("expression");
  const bool missing = !section.has("expression") || (text && text->empty());
  if (missing && section.present()) section.error("expression", what + ": expression is empty");
  return text.value_or("");
}

/// `place` in zot's words, `variable[0] (name: org)`.
void judge(Section& section, std::string_view name, const std::string& place, const Result<cel::Expression>& compiled) {
  if (!compiled) section.error(name, "failed to parse CEL expression for " + place + ": " + compiled.error().detail);
}

void read_variables(Section& mapping, ClaimMapping& config) {
  mapping.objects("variables", [&](Section& variable, std::size_t i) {
    const std::string what = indexed("variable", i);
    ClaimVariable read;
    read.name = variable.required_text("name", what + ": variable name is empty").value_or("");
    read.expression = required_expression(variable, what);
    if (!read.expression.empty())
      judge(variable, "expression", what + " (name: " + read.name + ")", compile_claim_expression(read.expression));
    const bool twice = !read.name.empty() && std::any_of(config.variables.begin(), config.variables.end(),
                                                         [&read](const ClaimVariable& other) { return other.name == read.name; });
    if (twice) variable.error("name", in_quotes(read.name) + " is the name of another variable too: the last one would win unseen");
    config.variables.push_back(std::move(read));
  });
}

void read_validations(Section& mapping, ClaimMapping& config) {
  mapping.objects("validations", [&](Section& validation, std::size_t i) {
    const std::string what = indexed("validation", i);
    ClaimValidation read;
    read.expression = required_expression(validation, what);
    read.message = validation.required_text("message", what + ": validation error message is empty").value_or("");
    if (!read.expression.empty()) judge(validation, "expression", what, compile_claim_validation(read.expression));
    config.validations.push_back(std::move(read));
  });
}

/// Empty is absent, as in zot.
std::optional<std::string> read_expression(Section& mapping, std::string_view name) {
  auto text = mapping.lines(name);
  if (!text || text->empty()) return std::nullopt;
  judge(mapping, name, std::string(name), compile_claim_expression(*text));
  return text;
}

}  // namespace

void read_claim_mapping(Section& mapping, ClaimMapping& config) {
  read_variables(mapping, config);
  read_validations(mapping, config);
  config.username = read_expression(mapping, "username");
  config.groups = read_expression(mapping, "groups");
}

}  // namespace portcullis
