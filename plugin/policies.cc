#include "plugin/policies.h"

#include <algorithm>
#include <utility>

namespace portcullis {
namespace {

bool names_groups(const Config& config) {
  const auto& issuers = config.bearer.oidc;
  return config.tokens.claim_mapping.groups.has_value() || std::any_of(issuers.begin(), issuers.end(), [](const OidcIssuerConfig& issuer) {
           return issuer.claim_mapping.groups.has_value();
         });
}

}  // namespace

CompiledPolicy compile_access_control(const Config& config) {
  if (!config.access_control) return {};
  return compile_policy(*config.access_control,
                        {.path = "http.accessControl", .tag_lookup = false, .tokens_name_groups = names_groups(config)});
}

Error as_error(const std::vector<Finding>& findings) {
  std::vector<Finding> errors;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(errors),
               [](const Finding& finding) { return finding.severity == Severity::error; });
  std::string text = format_findings(errors);
  while (text.ends_with('\n')) text.pop_back();
  return {Reason::config_invalid, std::move(text)};
}

void set_policy(State& state, std::shared_ptr<const Policy> policy) {
  const bool claims = policy != nullptr && reads_claims(policy->fields());
  for (IssuerRules& issuer : state.rules.issuers) issuer.tokens.keep_claims = claims;
  state.policy = std::move(policy);
}

}  // namespace portcullis
