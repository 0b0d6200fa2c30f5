#include "plugin/policies.h"

#include <algorithm>
#include <utility>

#include "plugin/broker/credentials_policy.h"
#include "policy/policy_tests.h"

namespace portcullis {
namespace {

bool names_groups(const Config& config) {
  const auto& issuers = config.bearer.oidc;
  return config.tokens.claim_mapping.groups.has_value() || std::any_of(issuers.begin(), issuers.end(), [](const OidcIssuerConfig& issuer) {
           return issuer.claim_mapping.groups.has_value();
         });
}

/// Runs the operator's own tests: policies that fail one are not used.
void run_tests(const Config& config, CompiledPolicy& compiled) {
  Config routes = config;
  routes.proxy.marker_file.reset();  // its text is not at hand, and no route depends on it
  const Result<GateRules> rules = compile_rules(routes, {}, 0);
  if (!rules) return;  // whoever compiles them for the gate says why
  const PolicyTestContext context{
      .extra_routes = rules->extra_routes, .route_limits = rules->route_limits, .strips_mount = rules->strips_mount};
  std::vector<Finding> failures = run_policy_tests(config.policy_tests, *compiled.policy, context);
  if (failures.empty()) return;
  compiled.policy.reset();
  compiled.findings.insert(compiled.findings.end(), std::make_move_iterator(failures.begin()), std::make_move_iterator(failures.end()));
}

}  // namespace

bool tokens_name_groups(const Config& config) { return names_groups(config); }

CompiledPolicy compile_access_control(const Config& config) {
  if (!config.access_control) return {};
  CompiledPolicy compiled = compile_policy(*config.access_control, {.path = "http.accessControl",
                                                                    .tag_lookup = config.registry.tag_lookup,
                                                                    .tokens_name_groups = names_groups(config),
                                                                    .decisions_logged = config.decision_log.output.has_value()});
  if (compiled.policy != nullptr && !config.policy_tests.empty()) run_tests(config, compiled);
  return compiled;
}

Error as_error(const std::vector<Finding>& findings) {
  std::vector<Finding> errors;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(errors),
               [](const Finding& finding) { return finding.severity == Severity::error; });
  std::string text = format_findings(errors);
  while (text.ends_with('\n')) text.pop_back();
  const bool tests_alone = !errors.empty() && std::all_of(errors.begin(), errors.end(), [](const Finding& finding) {
    return finding.path.starts_with("portcullis.policyTests");
  });
  return {tests_alone ? Reason::policy_test_failed : Reason::config_invalid, std::move(text)};
}

LoggedClaims logged_claims_of(const Policy* policy) {
  return policy != nullptr && reads_claims(policy->fields()) ? claims_read_by(*policy) : LoggedClaims{};
}

void set_policy(State& state, std::shared_ptr<const Policy> policy) {
  const LoggedClaims read = logged_claims_of(policy.get());
  set_policy(state, std::move(policy), read);
}

void set_policy(State& state, std::shared_ptr<const Policy> policy, const LoggedClaims& read) {
  const bool by_credentials = state.rules.credentials != nullptr && state.rules.credentials->reads_claims();
  const bool claims = policy != nullptr && reads_claims(policy->fields());
  for (IssuerRules& issuer : state.rules.issuers) issuer.tokens.keep_claims = claims || by_credentials;
  state.logged_claims = read;
  state.policy = std::move(policy);
}

}  // namespace portcullis
