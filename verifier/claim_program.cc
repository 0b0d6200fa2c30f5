#include "verifier/claim_program.h"

#include <utility>

#include "config/claim_expressions.h"

namespace portcullis {
namespace {

constexpr std::string_view kSubject = "sub";

Error at_place(const std::string& place, const Error& error) {
  return {Reason::compile_error, "failed to parse CEL expression for " + place + ": " + error.detail};
}

Error failed(const std::string& what, const Error& error) {
  return {Reason::claim_mapping_failed, "failed to evaluate " + what + ": " + error.detail};
}

Result<std::optional<cel::Expression>> compile_optional(const std::optional<std::string>& source, const std::string& place) {
  if (!source) return std::optional<cel::Expression>();
  auto compiled = compile_claim_expression(*source);
  if (!compiled) return at_place(place, compiled.error());
  return std::optional<cel::Expression>(std::move(*compiled));
}

}  // namespace

Result<std::shared_ptr<const ClaimProgram>> ClaimProgram::compile(const ClaimMapping& mapping,
                                                                  const std::optional<std::string>& default_username) {
  const std::shared_ptr<ClaimProgram> program(new ClaimProgram());
  for (std::size_t i = 0; i < mapping.variables.size(); ++i) {
    const ClaimVariable& variable = mapping.variables[i];
    auto compiled = compile_claim_expression(variable.expression);
    if (!compiled) return at_place("variable[" + std::to_string(i) + "] (name: " + variable.name + ")", compiled.error());
    program->variables_.push_back({variable.name, std::move(*compiled)});
  }
  for (std::size_t i = 0; i < mapping.validations.size(); ++i) {
    auto compiled = compile_claim_validation(mapping.validations[i].expression);
    if (!compiled) return at_place("validation[" + std::to_string(i) + "]", compiled.error());
    program->validations_.push_back({mapping.validations[i].message, std::move(*compiled)});
  }
  auto username = compile_optional(mapping.username ? mapping.username : default_username, "username");
  if (!username) return username.error();
  program->username_ = std::move(*username);
  auto groups = compile_optional(mapping.groups, "groups");
  if (!groups) return groups.error();
  program->groups_ = std::move(*groups);
  return std::shared_ptr<const ClaimProgram>(program);
}

Result<void> ClaimProgram::run_variables(cel::Bindings& bindings, const cel::Value& claims) const {
  cel::Map variables;
  bindings.set("claims", claims);
  bindings.set("vars", cel::Value::of(variables));
  for (const NamedExpression& variable : variables_) {
    const auto value = variable.expression.evaluate(bindings);
    if (!value) return failed("variable '" + variable.name + "'", value.error());
    variables.emplace_back(cel::Value::of(variable.name), cel::without_optional(*value));
    bindings.set("vars", cel::Value::of(variables));
  }
  return {};
}

Result<void> ClaimProgram::run_validations(const cel::Bindings& bindings) const {
  for (const NamedExpression& validation : validations_) {
    const auto holds = validation.expression.evaluate_bool(bindings);
    if (!holds) return failed("validation expression", holds.error());
    if (!*holds) return Error{Reason::claim_validation_failed, "OIDC claim validation failed: " + validation.name};
  }
  return {};
}

Result<Identity> ClaimProgram::run(const cel::Value& claims) const {
  cel::Bindings bindings;
  if (auto done = run_variables(bindings, claims); !done) return done.error();
  if (auto done = run_validations(bindings); !done) return done.error();
  Identity identity;
  if (username_) {
    auto name = username_->evaluate_text(bindings);
    if (!name) return failed("username expression", name.error());
    identity.username = std::move(*name);
  } else if (const cel::Value* subject = claims.member(kSubject)) {
    identity.username = subject->text().value_or("");  // `read_claims` has refused any other type
  }
  if (!groups_) return identity;
  auto groups = groups_->evaluate_texts(bindings);
  if (!groups) return failed("groups expression", groups.error());
  identity.groups = std::move(*groups);
  return identity;
}

std::string default_username_of(const OidcIssuerConfig& issuer) {
  if (!issuer.skip_issuer_verification) return "claims.iss + '/' + claims.sub";
  std::string text = "'";
  for (const char c : issuer.issuer) {  // a URL: visible ASCII
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "/' + claims.sub";
}

}  // namespace portcullis
