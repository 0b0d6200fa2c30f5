// The rules between issuers, and between issuers and the rest.
#include <string>

#include "config/check.h"
#include "config/defaults.h"
#include "config/duration.h"
#include "config/read/nearest.h"

namespace portcullis {
namespace {

constexpr std::string_view kOidc = "http.auth.bearer.oidc";

std::string path_of(std::size_t index, std::string_view name) {
  return std::string(kOidc) + "[" + std::to_string(index) + "]." + std::string(name);
}

/// Two that people would take for one.
std::string folded(std::string_view issuer) {
  while (issuer.ends_with('/')) issuer.remove_suffix(1);
  return lower_case(issuer);
}

/// An `iss` has one owner, whose keys and audiences alone judge it.
void check_owners(const std::vector<OidcIssuerConfig>& issuers, Report& report) {
  std::size_t skipping = 0;
  for (std::size_t i = 0; i < issuers.size(); ++i) {
    if (issuers[i].skip_issuer_verification) {
      if (++skipping > 1)
        report.error(path_of(i, "skipIssuerVerification"), "at most one issuer can have it: a token that nobody owns is tried with one");
      continue;
    }
    if (issuers[i].issuer.empty()) continue;
    for (std::size_t j = 0; j < i; ++j) {
      if (issuers[j].skip_issuer_verification || folded(issuers[j].issuer) != folded(issuers[i].issuer)) continue;
      report.error(path_of(i, "issuer"), "is that of oidc[" + std::to_string(j) +
                                             "] already, but for letter case and a slash at the end; " +
                                             "an iss has one owner: write all audiences there");
    }
  }
}

/// Tokens of any `iss` are given names that begin with the configured issuer: with the same issuer twice they are those of its own users.
void check_shared_names(const std::vector<OidcIssuerConfig>& issuers, Report& report) {
  for (std::size_t i = 0; i < issuers.size(); ++i) {
    if (!issuers[i].skip_issuer_verification || issuers[i].issuer.empty()) continue;
    for (std::size_t j = 0; j < issuers.size(); ++j) {
      const bool same = folded(issuers[j].issuer) == folded(issuers[i].issuer);
      if (j == i || !same || issuers[j].username_prefix != issuers[i].username_prefix) continue;
      report.warning(path_of(i, "issuer"), "is that of oidc[" + std::to_string(j) +
                                               "] too: what its keys sign under another iss gets the names of that issuer's own users; "
                                               "set a usernamePrefix, or leave skipIssuerVerification out of one entry");
    }
  }
}

/// Who may choose any name could take one that a policy knows from elsewhere.
void check_names(const Draft& draft, Report& report) {
  const Config& config = draft.config;
  const std::size_t sources = config.bearer.oidc.size() + (draft.has_traditional() ? 1 : 0);
  if (sources < 2) return;
  const std::string why = "names come from several sources: without a prefix one source could give a name that a policy means for another";
  for (std::size_t i = 0; i < config.bearer.oidc.size(); ++i) {
    const OidcIssuerConfig& issuer = config.bearer.oidc[i];
    if (issuer.claim_mapping.username && issuer.username_prefix.empty()) report.warning(path_of(i, "usernamePrefix"), why);
    if (issuer.claim_mapping.groups && issuer.groups_prefix.empty()) report.warning(path_of(i, "groupsPrefix"), why);
  }
  if (draft.has_traditional() && config.tokens.username_prefix.empty()) report.warning("portcullis.tokens.usernamePrefix", why);
}

void check_intervals(const Config& config, Report& report) {
  for (std::size_t i = 0; i < config.bearer.oidc.size(); ++i) {
    const Duration interval = config.bearer.oidc[i].refresh_interval;
    if (config.bearer.oidc[i].jwks_file || interval <= config.keys.max_stale / 2) continue;
    report.warning(path_of(i, "refreshInterval"), "keys are read every " + format_duration(config.keys.max_stale / 2) +
                                                      " instead of every " + format_duration(interval) +
                                                      ": one failed round must not make them older than portcullis.keys.maxStale");
  }
}

}  // namespace

void check_oidc(const Draft& draft, Report& report) {
  const std::vector<OidcIssuerConfig>& issuers = draft.config.bearer.oidc;
  if (!draft.has_oidc) return;
  if (issuers.empty()) report.error(std::string(kOidc), "names no issuer; leave the key out");
  if (issuers.size() > defaults::kMostIssuers)
    report.error(std::string(kOidc), "has more than " + std::to_string(defaults::kMostIssuers) + " issuers");
  if (!draft.has_access_control) {
    report.error(std::string(kOidc),
                 "needs http.accessControl: a token of an issuer says who somebody is, and nothing of rights; whoever wants to allow every "
                 "user of an issuer everything writes a defaultPolicy");
  }
  check_owners(issuers, report);
  check_shared_names(issuers, report);
  check_names(draft, report);
  check_intervals(draft.config, report);
}

}  // namespace portcullis
