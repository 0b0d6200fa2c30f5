#include "plugin/cli/doctor_running.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/codec/json.h"
#include "base/codec/percent.h"
#include "base/reason.h"
#include "plugin/cli/gate_status.h"
#include "plugin/cli/paint.h"

namespace portcullis {
namespace {

constexpr const char* kPart = "running gate";
constexpr std::size_t kShownRefusals = 6;

/// What is refused because of the proxy or of the gate itself, whoever asks, and what to do.
struct Telling {
  Reason reason;
  const char* advice;
};
constexpr std::array<Telling, 7> kTelling{{
    {Reason::peer_untrusted,
     "portcullis.proxy.trusted for TCP, listenGroup or trustedUsers for a unix socket; `peer` in the log is who asked"},
    {Reason::marker_wrong, "compare portcullis.proxy.markerFile with the proxy's X-Portcullis-Marker"},
    {Reason::request_incomplete,
     "let the proxy send X-Original-Method and X-Original-URI (nginx): --nginx FILE finds where they are missing"},
    {Reason::header_ambiguous, "proxy_pass_request_headers off; in nginx's question: --nginx FILE looks at it"},
    {Reason::body_not_allowed, "proxy_pass_request_body off; and proxy_set_header Content-Length \"\"; in nginx's question"},
    {Reason::token_issued_in_future, "compare the clocks of the issuer and of this host; the log has both times"},
    {Reason::token_not_yet_valid, "compare the clocks of the issuer and of this host; the log has both times"},
}};

/// What the gate has escaped for its log, as people read it; what was not escaped and holds controls is escaped here.
std::string readable(const JsonView& value) {
  const std::string text(value.string().value_or(""));
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) return escape_for_log(text);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"') continue;
    out += text[i];
  }
  return out;
}

std::string behind(const char* mark, const std::string& text) { return text.empty() ? std::string() : mark + text; }

void tell_configuration(const JsonView& config, std::string_view digest, DoctorReport& report) {
  constexpr const char* kStep = "configuration";
  const std::string fault = readable(config.get("reloadFault"));
  const std::string waits = readable(config.get("reloadWaitsFor"));
  const std::string loaded = readable(config.get("loaded"));
  if (!fault.empty()) {
    report.fail(kPart, kStep, "the newest reload was refused, and that of " + loaded + " is in force: " + fault,
                "mend the file: the gate reads it when it changes, and on SIGHUP");
  } else if (!waits.empty()) {
    report.warn(kPart, kStep, "that of " + loaded + " is in force until the new one has keys from " + waits, "see why there are none yet");
  } else if (!digest.empty() && config.get("digest").string() != digest) {
    report.warn(kPart, kStep, "it serves by another file than this one, loaded " + loaded,
                "is it this file's gate? Then send it SIGHUP, and look at its log");
  } else {
    report.ok(kPart, kStep, "this file, loaded " + loaded);
  }
  if (const std::string marker = readable(config.get("markerFault")); !marker.empty())
    report.fail(kPart, "marker", "the old ones stay in force: " + marker, "mend the file, or let the gate's user read it");
  if (const std::string list = readable(config.get("revocationsFault")); !list.empty())
    report.fail(kPart, "revocations", "the last ones stay in force: " + list, "mend the file, or let the gate's user read it");
}

void tell_source(const JsonView& source, DoctorReport& report) {
  constexpr const char* kAdvice = "where `keys` above is good, the gate's user may not read what you may, or its environment is another";
  const std::string step = "keys from " + readable(source.get("name"));
  const std::string_view state = source.get("state").string().value_or("");
  const std::string keys = counted(source.get("keys").size(), "key");
  const std::string error = behind(": ", readable(source.get("lastError")));
  if (state == "empty") {
    report.fail(kPart, step, "none, and its tokens are answered 503" + error, kAdvice);
  } else if (state == "expired") {
    report.fail(kPart, step,
                "older than portcullis.keys.maxStale, and its tokens are answered 503; the last good round was " +
                    readable(source.get("lastSuccess")) + error,
                kAdvice);
  } else if (state == "stale") {
    report.warn(kPart, step, keys + " of " + readable(source.get("lastSuccess")) + " serve on" + error, kAdvice);
  } else {
    report.ok(kPart, step, keys + ", read " + readable(source.get("lastSuccess")));
  }
  for (const JsonView& key : source.get("quarantined").elements()) {
    report.warn(
        kPart, step,
        "key " + readable(key.get("kid")) + " is set aside: " + readable(key.get("reason")) + behind(": ", readable(key.get("detail"))),
        {});
  }
}

void tell_decision_log(const JsonView& log, DoctorReport& report) {
  if (!log.is_object()) return;
  const std::int64_t dropped = log.get("dropped").integer().value_or(0);
  const std::string lost = "decisions without a line: " + std::to_string(dropped);
  const std::string output = readable(log.get("output"));
  if (log.get("failing").boolean() == true) {
    report.fail(kPart, "decision log", output + " cannot be written; " + lost,
                "make room there, or let the gate's user write it: it goes on by itself; the gate's log says why, and with \"onFull\": "
                "\"refuse\" nothing is allowed meanwhile");
  } else if (dropped > 0) {
    report.warn(kPart, "decision log", output + " is written again; " + lost + " since the gate's start", {});
  } else {
    report.ok(kPart, "decision log", output + " is written");
  }
}

void tell_registries(const JsonView& broker, DoctorReport& report) {
  for (const JsonView& one : broker.get("registries").elements()) {
    const std::string step = "login to " + readable(one.get("host"));
    const std::string error = readable(one.get("lastError"));
    const std::string ends = readable(one.get("expires"));
    if (!error.empty() && ends.empty()) report.fail(kPart, step, error, "the part of that registry takes each step");
    if (!error.empty() && !ends.empty())
      report.warn(kPart, step, "the old one serves until " + ends + ": " + error, "the part of that registry takes each step");
    if (error.empty()) report.ok(kPart, step, ends.empty() ? "nobody has asked for it" : "ends " + ends);
  }
}

/// The most frequent first.
void tell_refusals(const JsonView& refusals, DoctorReport& report) {
  std::vector<std::pair<std::int64_t, std::string>> counts;
  for (const auto& [name, count] : refusals.members()) counts.emplace_back(count.integer().value_or(0), escape_for_log(name));
  std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string shown;
  for (std::size_t i = 0; i < std::min(counts.size(), kShownRefusals); ++i)
    shown += (i == 0 ? "" : ", ") + counts[i].second + " " + std::to_string(counts[i].first);
  report.ok(kPart, "refusals", shown.empty() ? "none since its start" : "since its start: " + shown);
  for (const Telling& telling : kTelling) {
    const std::int64_t count = refusals.get(reason_name(telling.reason)).integer().value_or(0);
    if (count == 0) continue;
    report.warn(kPart, std::string(reason_name(telling.reason)),
                std::to_string(count) + " since its start: " + std::string(reason_row(telling.reason).meaning), telling.advice);
  }
}

}  // namespace

std::optional<std::string> admin_address(const ListenAddress& address) {
  if (address.kind != ListenAddress::Kind::tcp || address.port == 0) return std::nullopt;
  const std::string port = ":" + std::to_string(address.port);
  if (address.host == "0.0.0.0") return "127.0.0.1" + port;
  if (address.host == "::") return "[::1]" + port;
  return (address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]") + port;
}

void tell_status(std::string_view status, const std::string& where, std::string_view config_digest, DoctorReport& report) {
  const Result<JsonDocument> document = parse_json(status, kStatusLimits);
  const JsonView root = document.ok() ? document->root() : JsonView();
  if (!root.get("config").is_object() || !root.get("sources").is_array())
    return report.fail(kPart, "answer", where + ": this is no status of a gate",
                       "which program listens there? portcullis.admin is the gate's");
  const std::string who = "version " + readable(root.get("version")) + " at " + where;
  if (root.get("stopping").boolean() == true) {
    report.warn(kPart, "answer", who + " is stopping", "it takes no new work: start it again, or look at the next one");
  } else {
    report.ok(kPart, "answer", who);
  }
  tell_configuration(root.get("config"), config_digest, report);
  for (const JsonView& source : root.get("sources").elements()) tell_source(source, report);
  tell_decision_log(root.get("decisionLog"), report);
  tell_registries(root.get("broker"), report);
  tell_refusals(root.get("refusals"), report);
}

void examine_running(HttpTransport& http, const std::string& address, bool named, std::string_view config_digest, DoctorReport& report) {
  const Result<GateStatus> status = ask_gate_status(http, address);
  if (status.ok()) return tell_status(status->text, status->where, config_digest, report);
  if (named) return report.fail(kPart, "answer", status.error().detail, "does it run, and is its portcullis.admin there?");
  report.skip(kPart, "answer", "nobody answers: " + status.error().detail + "; --status ADDRESS names another portcullis.admin");
}

}  // namespace portcullis
