#include "plugin/policy_faults.h"

#include <algorithm>
#include <string>
#include <utility>

#include "policy/compile.h"
#include "policy/condition.h"
#include "policy/pattern/pattern.h"
#include "verifier/claim_program.h"

namespace portcullis {
namespace {

class Faults {
 public:
  explicit Faults(const Config& config) : config_(config) {}

  std::vector<Finding> run() {
    if (config_.access_control) add_access(*config_.access_control, "http.accessControl");
    if (config_.shadow) add_access(*config_.shadow, "portcullis.shadow");
    if (config_.broker != nullptr) add_broker(*config_.broker);
    if (!config_.tokens.claim_mapping.empty())
      add("portcullis.tokens.claimMapping", ClaimProgram::compile(config_.tokens.claim_mapping, std::nullopt));
    for (std::size_t i = 0; i < config_.bearer.oidc.size(); ++i) {
      const OidcIssuerConfig& issuer = config_.bearer.oidc[i];
      add("http.auth.bearer.oidc[" + std::to_string(i) + "].claimMapping",
          ClaimProgram::compile(issuer.claim_mapping, default_username_of(issuer)));
    }
    return std::move(found_);
  }

 private:
  template <class Value>
  void add(std::string path, const Result<Value>& compiled) {
    if (!compiled.ok()) found_.push_back({Severity::error, std::move(path), compiled.error().detail});
  }

  void add_access(const AccessControlConfig& access, std::string_view path) {
    for (Finding& finding : compile_policy(access, {.path = path, .tag_lookup = true}).findings) {
      if (finding.severity == Severity::error) found_.push_back(std::move(finding));
    }
  }

  void add_broker(const BrokerConfig& broker) {
    for (std::size_t i = 0; i < broker.routes.size(); ++i)
      add("portcullis.broker.routes[" + std::to_string(i) + "].repositories", Pattern::parse(broker.routes[i].repositories));
    for (std::size_t i = 0; i < broker.policy.size(); ++i) {
      const auto& conditions = broker.policy[i].conditions;
      for (std::size_t j = 0; j < conditions.size(); ++j) {
        add("portcullis.broker.policy[" + std::to_string(i) + "].conditions[" + std::to_string(j) + "].expression",
            compile_condition(conditions[j].expression, conditions[j].message));
      }
    }
  }

  const Config& config_;
  std::vector<Finding> found_;
};

/// One place, or one below the other.
bool same_place(const Finding& known, const Finding& other) noexcept {
  return known.path.starts_with(other.path) || other.path.starts_with(known.path);
}

}  // namespace

std::vector<Finding> policy_faults(const Config& config) { return Faults(config).run(); }

void add_unknown_faults(std::vector<Finding>& found, std::vector<Finding> more) {
  const std::size_t known = found.size();
  for (Finding& fault : more) {
    const bool told = std::any_of(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(known), [&](const Finding& one) {
      if (one.severity != Severity::error) return false;
      // One without a path tells all that it found, each with its own.
      return one.path.empty() ? one.message.find(fault.path) != std::string::npos : same_place(one, fault);
    });
    if (!told) found.push_back(std::move(fault));
  }
}

void add_policy_faults(LoadedConfig& loaded) {
  if (loaded.config || !loaded.partial) return;
  add_unknown_faults(loaded.findings, policy_faults(*loaded.partial));
}

}  // namespace portcullis
