#include "plugin/cli/pull_secret_report.h"

#include <algorithm>

#include "base/codec/json_writer.h"

namespace portcullis {
namespace {

constexpr std::chrono::hours kTellAgain{1};

std::string end_of_login(const RoundReport& report) { return report.expires ? to_rfc3339(*report.expires) : "never"; }

void write_report(JsonWriter& json, const RoundReport& report) {
  const auto count = [&json](std::string_view name, std::size_t number) { json.key(name).integer(static_cast<std::int64_t>(number)); };
  json.begin_object().key("name").string(report.pull_secret).key("ok").boolean(report.ok());
  if (report.expires) json.key("expiresAt").string(to_rfc3339(*report.expires));
  count("created", report.counts.created);
  count("renewed", report.counts.renewed);
  count("kept", report.counts.kept);
  count("removed", report.counts.removed);
  count("foreign", report.counts.foreign);
  json.key("problems").begin_array();
  for (const RoundProblem& problem : report.problems) {
    json.begin_object().key("where").string(problem.where).key("what").string(problem.what).end_object();
  }
  json.end_array().key("warnings").begin_array();
  for (const std::string& warning : report.warnings) json.string(warning);
  json.end_array().end_object();
}

}  // namespace

std::string as_text(const RoundReport& report) {
  const DeliveryCounts& counts = report.counts;
  std::string text = report.pull_secret + ": " + std::to_string(counts.created) + " created, " + std::to_string(counts.renewed) +
                     " renewed, " + std::to_string(counts.kept) + " kept, " + std::to_string(counts.removed) + " removed";
  if (counts.foreign > 0) text += ", " + std::to_string(counts.foreign) + " foreign";
  if (report.logged_in)
    text += report.expires ? "; the login ends at " + to_rfc3339(*report.expires) : "; the login does not end by itself";
  return text + "\n";
}

std::string problems_text(const RoundReport& report) {
  std::string text;
  for (const RoundProblem& problem : report.problems) text += report.pull_secret + ": " + problem.where + ": " + problem.what + "\n";
  for (const std::string& warning : report.warnings) text += report.pull_secret + ": warning: " + warning + "\n";
  return text;
}

std::string as_json(const std::vector<RoundReport>& reports) {
  const bool ok = std::all_of(reports.begin(), reports.end(), [](const RoundReport& report) { return report.ok(); });
  JsonWriter json;
  json.begin_object().key("ok").boolean(ok).key("pullSecrets").begin_array();
  for (const RoundReport& report : reports) write_report(json, report);
  json.end_array().end_object();
  return std::move(json).text() + "\n";
}

void RoundLog::write(const RoundReport& report, TimePoint now) {
  const DeliveryCounts& counts = report.counts;
  if (report.logged_in || counts.created + counts.renewed + counts.removed > 0) {
    log_.write(LogLevel::info, "pull secret delivered",
               {{"pull_secret", report.pull_secret},
                {"created", counts.created},
                {"renewed", counts.renewed},
                {"kept", counts.kept},
                {"removed", counts.removed},
                {"expires", end_of_login(report)},
                {"next", to_rfc3339(report.next)}});
  }
  Told& told = told_[report.pull_secret];
  const std::string problems = problems_text(report);
  if (problems == told.problems && (problems.empty() || now < told.at + kTellAgain)) return;
  for (const RoundProblem& problem : report.problems) {
    log_.write(
        problem.is_fault ? LogLevel::error : LogLevel::warn, "pull secret has a problem",
        {{"pull_secret", report.pull_secret}, {"where", problem.where}, {"problem", problem.what}, {"next", to_rfc3339(report.next)}});
  }
  for (const std::string& warning : report.warnings) {
    log_.write(LogLevel::warn, "pull secret warning", {{"pull_secret", report.pull_secret}, {"warning", warning}});
  }
  if (report.ok() && !told.problems.empty()) log_.write(LogLevel::info, "pull secret is well again", {{"pull_secret", report.pull_secret}});
  told = {.problems = problems, .at = now};
}

}  // namespace portcullis
