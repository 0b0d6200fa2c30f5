// The keeper's reloads: all or nothing. A configuration whose keys come from a new source on the network waits for the first of them,
// on that source's own thread, while the one in force goes on serving and refreshing.
#include <algorithm>
#include <utility>

#include "plugin/config_changes.h"
#include "plugin/inputs.h"
#include "plugin/keeper.h"
#include "plugin/policy_faults.h"
#include "plugin/round_report.h"

namespace portcullis {
namespace {

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

std::string as_line(const Finding& finding) { return finding.path.empty() ? finding.message : finding.path + ": " + finding.message; }

/// All errors in one line.
std::string as_line(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings)
    if (finding.severity == Severity::error) text += (text.empty() ? "" : "; ") + as_line(finding);
  return text;
}

/// What begins with the path of a setting is told of that one.
std::vector<Finding> as_findings(const Error& error) {
  const std::string_view detail = error.detail;
  const bool named = detail.starts_with("portcullis.") || detail.starts_with("http.");
  const std::string path(detail.substr(0, named ? detail.find(": ") : 0));
  const std::string_view why = named ? without_setting(path, detail) : detail;
  return {{Severity::error, path, std::string(reason_name(error.reason)) + (why.empty() ? "" : ": " + std::string(why))}};
}

}  // namespace

/// Whether the configuration in force is another one now.
bool Keeper::reload_config(bool forced) {
  LoadedConfig loaded = load_config(setup_.files, setup_.config_path, setup_.overrides);
  if (loaded.config && !forced) {
    if (candidate_ && loaded.config->digest == candidate_->draft.config.digest) return false;
    if (loaded.config->digest == draft_.config.digest) {
      drop_candidate(nullptr);
      if (faults_.config) setup_.log.write(LogLevel::info, "configuration is again the one in force", {{"digest", draft_.config.digest}});
      faults_.config.reset();
      return false;
    }
  }
  return take_config(std::move(loaded), forced);
}

/// What the file says now replaces what it said before, also where that still waits for keys.
bool Keeper::take_config(LoadedConfig loaded, bool forced) {
  add_policy_faults(loaded);
  std::vector<Finding> findings = std::move(loaded.findings);
  std::optional<Draft> next;
  if (loaded.config) {
    const Config asked = *loaded.config;
    Result<Draft> read = read_draft(std::move(*loaded.config), &draft_);
    if (read.ok()) {
      next.emplace(std::move(read).value());
    } else {
      findings = as_findings(read.error());
      add_unknown_faults(findings, policy_faults(asked));
    }
  }
  drop_candidate(next ? next->fetcher.get() : nullptr);
  if (!next) {
    if (forced || faults_.config != as_line(findings)) refuse_reload(findings);
    return false;
  }
  if (next->fetcher != nullptr && next->fetcher != draft_.fetcher) {
    begin_candidate(std::move(*next), std::move(findings));
    return false;
  }
  put_in_force(std::move(*next), findings);
  return true;
}

void Keeper::begin_candidate(Draft draft, std::vector<Finding> findings) {
  setup_.log.write(LogLevel::info, "configuration read: it waits for the first keys of its new source",
                   {{"source", draft.source_state.name}, {"digest", draft.config.digest}});
  draft.fetcher->begin();
  candidate_.emplace(Candidate{std::move(draft), std::move(findings)});
}

/// The new source has answered: well, and its configuration is in force; or not, and the old one stays.
void Keeper::end_candidate(Result<ParsedKeys> brought) {
  Candidate candidate = std::move(*candidate_);
  candidate_.reset();
  const TimePoint now = setup_.clock.now();
  const std::optional<Milliseconds> max_age = brought.ok() ? brought->origin.max_age : std::nullopt;
  SourceState& state = candidate.draft.source_state;
  state = finish_round(state, std::move(brought), ++generations_, now).next;
  if (state.last_error) {
    retired_.push_back(std::move(candidate.draft.fetcher));
    refuse_reload(as_findings(at_setting(traditional_setting(candidate.draft.config), *state.last_error)));
  } else {
    put_in_force(std::move(candidate.draft), candidate.findings);
    // Who asked for a round asked for one of the old source, and this was one of the new.
    nudged_.store(false);
    due_.keys = false;
    setup_.metrics.count_round(true);
    next_round_ = setup_.clock.steady_now() + remote_interval(max_age);
    remember();
    // All were read when the round began.
    follow_files();
    mark_issuer_files();
    read_marker();
    read_revocation_list();
  }
  publish();
  if (left_source_) release_waiters();
  report_status();
  end_reload_notice();
}

/// Its thread may be in the middle of a round: it is kept until that has ended, unless it is the one that goes on to be `used`.
void Keeper::drop_candidate(const Fetcher* used) {
  if (candidate_ && candidate_->draft.fetcher.get() != used) retired_.push_back(std::move(candidate_->draft.fetcher));
  candidate_.reset();
}

void Keeper::put_in_force(Draft next, const std::vector<Finding>& findings) {
  KeyUses uses(next.source_state.keys.get(), key_uses_);  // first, because a key without a counter must never be published
  const Draft former = std::exchange(draft_, std::move(next));
  key_uses_ = std::move(uses);
  retire_issuers(former);
  accept_reload(former.config, findings);
  const SteadyPoint now = setup_.clock.steady_now();
  if (draft_.source == former.source) {
    // The interval may be a shorter one.
    if (draft_.fetcher != nullptr) next_round_ = std::min(next_round_, now + remote_interval(std::nullopt));
    return;
  }
  left_source_ = former.source_state.name;
  if (former.fetcher != nullptr) retired_.push_back(former.fetcher);
  next_round_ = now;
  if (draft_.source != nullptr) report_round(setup_.log, first_source_state(draft_.config, *draft_.source), draft_.source_state);
}

void Keeper::refuse_reload(const std::vector<Finding>& findings) {
  reload_attempted_ = setup_.clock.now();
  faults_.config = as_line(findings);
  setup_.metrics.count_reload(false);
  const auto errors = std::count_if(findings.begin(), findings.end(), [](const Finding& one) { return one.severity == Severity::error; });
  setup_.log.write(LogLevel::error, "reload refused: the old configuration stays in force",
                   {{"errors", static_cast<std::int64_t>(errors)}, {"digest", draft_.config.digest}});
  for (const Finding& finding : findings)
    if (finding.severity == Severity::error)
      setup_.log.write(LogLevel::error, "fault in configuration", {{"path", finding.path}, {"fault", finding.message}});
}

void Keeper::accept_reload(const Config& before, const std::vector<Finding>& findings) {
  const TimePoint now = setup_.clock.now();
  reload_attempted_ = now;
  config_loaded_ = now;
  faults_ = {};
  if (!draft_.source_state.last_error) failed_rounds_ = 0;
  setup_.metrics.count_reload(true);
  for (const Finding& finding : findings)
    setup_.log.write(finding.severity == Severity::warning ? LogLevel::warn : LogLevel::info, "configuration",
                     {{"note", as_line(finding)}});
  setup_.log.write(LogLevel::info, "configuration reloaded",
                   {{"digest", draft_.config.digest},
                    {"changed", joined(changed_settings(before, draft_.config))},
                    {"extraRoutes", draft_.config.extra_routes.size()},
                    {"revocations", draft_.revocations->size()},
                    {"keys", draft_.source_state.key_count()}});
  if (const std::vector<std::string_view> waiting = needs_restart(running_, draft_.config); !waiting.empty())
    setup_.log.write(LogLevel::warn, "some settings need a restart; the rest is in force", {{"settings", joined(waiting)}});
  if (setup_.on_config) setup_.on_config(draft_.config);
}

void Keeper::begin_reload_notice() {
  reloading_ = true;
  if (!setup_.on_status) return;
  const auto since_boot = std::chrono::duration_cast<std::chrono::microseconds>(setup_.clock.steady_now().time_since_epoch());
  setup_.on_status("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(since_boot.count()));
}

/// A reload ends when it is in force or refused: `systemctl reload` waits for that.
void Keeper::end_reload_notice() {
  if (candidate_ || !std::exchange(reloading_, false)) return;
  if (setup_.on_status) setup_.on_status("READY=1");
}

}  // namespace portcullis
