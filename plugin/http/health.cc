#include "plugin/http/health.h"

#include <algorithm>

#include "base/codec/percent.h"

namespace portcullis {
namespace {

std::string because(std::string_view what, const std::optional<std::string>& fault) {
  return fault ? std::string(what) + ": " + escape_for_log(*fault) : std::string();
}

HealthCheck check_keys(const SourceState& source, TimePoint now) {
  const Freshness freshness = source.freshness(now);
  const bool good = freshness == Freshness::fresh || freshness == Freshness::stale;
  std::string note = source.name + " is " + std::string(freshness_name(freshness));
  if (source.keys) note += ", " + std::to_string(source.keys->keys().size()) + " keys serve";
  if (source.keys && !source.keys->quarantined().empty()) note += ", " + std::to_string(source.keys->quarantined().size()) + " set aside";
  if (source.last_error)
    note +=
        "; newest round failed: " + std::string(reason_name(source.last_error->reason)) + ": " + escape_for_log(source.last_error->detail);
  return {"keys", good, std::move(note)};
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

std::vector<HealthCheck> readiness(const LiveState& live, bool stopping, TimePoint now) {
  std::vector<HealthCheck> checks;
  checks.push_back({"config", true, because("newest reload refused", live.faults.config)});
  checks.push_back(check_keys(live.state.source, now));
  if (live.state.config.proxy.marker_file) checks.push_back({"marker", true, because("the old markers stay", live.faults.marker)});
  if (live.state.config.tokens.revocations)
    checks.push_back({"revocations", true, because("the last ones stay in force", live.faults.revocations)});
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
