#include "plugin/http/health.h"

#include <algorithm>

#include "base/codec/percent.h"

namespace portcullis {
namespace {

std::string because(std::string_view what, const std::optional<std::string>& fault) {
  return fault ? std::string(what) + ": " + escape_for_log(*fault) : std::string();
}

bool is_usable(const SourceState& source, TimePoint now) {
  const Freshness freshness = source.freshness(now);
  return freshness == Freshness::fresh || freshness == Freshness::stale;
}

std::string describe(const SourceState& source, TimePoint now) {
  const Freshness freshness = source.freshness(now);
  std::string note = source.name + " is " + std::string(freshness_name(freshness));
  if (source.keys) note += ", " + std::to_string(source.keys->keys().size()) + " keys serve";
  if (source.keys && !source.keys->quarantined().empty()) note += ", " + std::to_string(source.keys->quarantined().size()) + " set aside";
  if (source.last_error)
    note +=
        "; newest round failed: " + std::string(reason_name(source.last_error->reason)) + ": " + escape_for_log(source.last_error->detail);
  return note;
}

/// One source of keys is one check, called `keys`; several are one each, `keys` for the traditional ones and `keys:<issuer>`. A source that
/// is required must serve; where none is, any one that serves is enough, so that one dead issuer does not drain a fleet.
void check_keys(const State& state, TimePoint now, std::vector<HealthCheck>& checks) {
  struct Source {
    std::string check;
    const SourceState* state;
    bool required;
  };
  std::vector<Source> sources;
  if (state.traditional) sources.push_back({"keys", &state.source, state.config.keys.required.value_or(false)});
  for (std::size_t i = 0; i < state.issuers.sources().size(); ++i) {
    const OidcIssuerConfig& issuer = state.config.bearer.oidc.at(i);
    sources.push_back({"keys:" + issuer.issuer, &state.issuers.sources()[i], issuer.required.value_or(false)});
  }
  const bool any_required = std::any_of(sources.begin(), sources.end(), [](const Source& source) { return source.required; });
  const bool any_usable =
      std::any_of(sources.begin(), sources.end(), [now](const Source& source) { return is_usable(*source.state, now); });
  for (const Source& source : sources) {
    const bool usable = is_usable(*source.state, now);
    const bool spared = any_required ? !source.required : any_usable;
    std::string note = describe(*source.state, now);
    if (!usable && spared) note += "; not required";
    checks.push_back({source.check, usable || spared, std::move(note)});
  }
}

struct HealthQuery {
  bool verbose = false;
  std::vector<std::string_view> excluded;
};

HealthQuery read_query(std::string_view query) {
  HealthQuery read;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part == "verbose" || part.starts_with("verbose=")) read.verbose = true;
    if (part.starts_with("exclude=")) read.excluded.push_back(part.substr(8));
  }
  return read;
}

}  // namespace

std::vector<HealthCheck> readiness(const LiveState& live, bool log_failing, bool stopping, TimePoint now) {
  std::vector<HealthCheck> checks;
  checks.push_back({"config", true, because("newest reload refused", live.faults.config)});
  check_keys(live.state, now, checks);
  if (live.state.config.proxy.marker_file) checks.push_back({"marker", true, because("the old markers stay", live.faults.marker)});
  if (live.state.config.tokens.revocations)
    checks.push_back({"revocations", true, because("the last ones stay in force", live.faults.revocations)});
  if (const DecisionLogConfig& log = live.state.config.decision_log; log.output) {
    std::string note = log_failing ? escape_for_log(*log.output) + " cannot be written" : std::string();
    if (log_failing && log.refuse_when_full) note += ", and nothing is allowed until it can";
    checks.push_back({"decisionLog", true, std::move(note)});
  }
  checks.push_back({"shutdown", !stopping, stopping ? "stopping" : ""});
  return checks;
}

HttpAnswer answer_health(std::string_view probe, const std::vector<HealthCheck>& checks, std::string_view query) {
  const HealthQuery asked = read_query(query);
  bool good = true;
  std::string lines;
  for (const HealthCheck& check : checks) {
    const bool excluded = std::find(asked.excluded.begin(), asked.excluded.end(), check.name) != asked.excluded.end();
    lines.append(check.good || excluded ? "[+]" : "[-]").append(check.name).append(excluded ? " excluded" : check.good ? " ok" : " failed");
    if (!excluded && !check.note.empty()) lines.append(": ").append(check.note);
    lines.append("\n");
    good = good && (check.good || excluded);
  }
  HttpAnswer answer;
  answer.status = good ? 200 : 503;
  answer.headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}};
  if (good && !asked.verbose) {
    answer.body = "ok\n";
  } else {
    answer.body = std::move(lines);
    answer.body.append(probe).append(good ? " check passed\n" : " check failed\n");
  }
  return answer;
}

}  // namespace portcullis
