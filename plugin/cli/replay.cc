// `portcullis replay`: logged decisions, judged again by another configuration, before it is in force.
#include <algorithm>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "plugin/cli/command.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/paint.h"
#include "plugin/cli/table.h"
#include "plugin/decisions/line_file.h"
#include "plugin/decisions/logged.h"
#include "plugin/decisions/replay.h"

namespace portcullis {
namespace {

constexpr std::size_t kBarWidth = 30;

struct ReplayOptions {
  std::string config;
  std::vector<std::string> logs;
  bool json = false;
};

/// What was read beside decisions.
struct Reading {
  std::uint64_t lines = 0;
  std::uint64_t damaged = 0;
  std::uint64_t other_version = 0;
  std::vector<std::string> half;  ///< files that end in the middle of a line
};

/// A bar on standard error, drawn anew for each percent, where somebody looks.
class Progress {
 public:
  explicit Progress(const CommandContext& context) : context_(context) {}
  ~Progress() {
    if (drawn_) context_.err("\r" + std::string(kBarWidth + 8, ' ') + "\r");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::uint64_t done, std::uint64_t all) {
    if (!context_.terminal || all == 0) return;
    const auto percent = static_cast<std::size_t>(std::min<std::uint64_t>(100, done * 100 / all));
    if (drawn_ && percent == percent_) return;
    drawn_ = true;
    percent_ = percent;
    const std::size_t full = percent * kBarWidth / 100;
    context_.err("\r[" + paint(context_, Colour::green, std::string(full, '#')) + std::string(kBarWidth - full, '.') + "] " +
                 std::to_string(percent) + "%");
  }

 private:
  const CommandContext& context_;
  bool drawn_ = false;
  std::size_t percent_ = 0;
};

void add_line(const LineFile::Line& line, const std::string& path, Replay& replay, Reading& reading) {
  if (line.text.empty() && line.whole) return;
  ++reading.lines;
  const auto read = LoggedLine::read(line.text);
  if (const auto* logged = std::get_if<LoggedLine>(&read)) return replay.add(logged->decision());
  if (std::get<LineFault>(read) == LineFault::other_version) {
    ++reading.other_version;
  } else if (line.whole) {
    ++reading.damaged;
  } else {
    reading.half.push_back(path);
  }
}

/// False: a file could not be read, and the user was told.
bool read_logs(const ReplayOptions& options, CommandContext& context, Replay& replay, Reading& reading) {
  Progress progress(context);
  std::vector<LineFile> files;
  std::uint64_t all = 0;
  for (const std::string& path : options.logs) {
    Result<LineFile> file = LineFile::open(path);
    if (!file.ok()) return complain(context, file.error()), false;
    all += file->size();
    files.push_back(std::move(file).value());
  }
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    LineFile::Line line;
    while (files[i].next(line)) {
      add_line(line, options.logs[i], replay, reading);
      progress.show(before + files[i].read_bytes(), all);
    }
    if (!files[i].fault().empty()) return complain(context, files[i].fault()), false;
    before += files[i].read_bytes();
  }
  return true;
}

std::string who(const ReplayKey& key) { return key.username.empty() ? "(nobody)" : escape_for_log(key.username); }

std::string direction(bool to_allow) { return to_allow ? "deny -> allow" : "allow -> deny"; }

std::string as_text(const CommandContext& context, const Replay& replay, const Reading& reading) {
  std::string out;
  if (!replay.changes().empty()) {
    Table table({"CHANGE", "USER", "REPOSITORY", "ACTION", "COUNT", "REASON", "RULE"});
    for (const auto& [key, change] : replay.changes()) {
      table.add({direction(key.to_allow), who(key), key.repository.empty() ? "-" : escape_for_log(key.repository),
                 key.action.empty() ? "-" : escape_for_log(key.action), std::to_string(change.count),
                 std::string(reason_name(key.to_allow ? change.before : change.after)), change.rule.empty() ? "-" : change.rule});
    }
    out += table.text() + "\n";
  }
  const std::uint64_t denied = replay.changed(false);
  const std::uint64_t allowed = replay.changed(true);
  out += counted(reading.lines, "line") + ", " + counted(replay.judged(), "decision") + " judged: ";
  const std::string summary = std::to_string(denied) + " allow -> deny, " + std::to_string(allowed) + " deny -> allow";
  out += paint(context, replay.changes().empty() ? Colour::green : Colour::red, summary) + "\n";
  for (const auto& [why, count] : replay.unjudged()) out += "not judged: " + std::to_string(count) + " " + why + "\n";
  if (reading.other_version > 0) out += "not read: " + counted(reading.other_version, "line") + " of another version of the log\n";
  if (reading.damaged > 0) out += "not read: " + counted(reading.damaged, "damaged line") + "\n";
  for (const std::string& path : reading.half) out += "not read: half a line at the end of " + path + "\n";
  return out;
}

void write_changes(JsonWriter& json, const Replay& replay) {
  json.key("changes").begin_array();
  for (const auto& [key, change] : replay.changes()) {
    json.begin_object().key("from").string(key.to_allow ? "deny" : "allow").key("to").string(key.to_allow ? "allow" : "deny");
    json.key("username").string(key.username).key("repository").string(key.repository).key("action").string(key.action);
    json.key("count").integer(static_cast<std::int64_t>(change.count)).key("before").string(reason_name(change.before));
    json.key("after").string(reason_name(change.after)).key("rule").string(change.rule).end_object();
  }
  json.end_array();
}

std::string as_json(const Replay& replay, const Reading& reading) {
  JsonWriter json;
  json.begin_object().key("lines").integer(static_cast<std::int64_t>(reading.lines));
  json.key("judged").integer(static_cast<std::int64_t>(replay.judged()));
  json.key("allowToDeny").integer(static_cast<std::int64_t>(replay.changed(false)));
  json.key("denyToAllow").integer(static_cast<std::int64_t>(replay.changed(true)));
  write_changes(json, replay);
  json.key("notJudged").begin_object();
  for (const auto& [why, count] : replay.unjudged()) json.key(why).integer(static_cast<std::int64_t>(count));
  json.end_object().key("otherVersion").integer(static_cast<std::int64_t>(reading.other_version));
  json.key("damaged").integer(static_cast<std::int64_t>(reading.damaged)).key("halfLines").begin_array();
  for (const std::string& path : reading.half) json.string(path);
  json.end_array().end_object();
  return std::move(json).text() + "\n";
}

void replay(const ReplayOptions& options, CommandContext& context) {
  const OfflineWorld world = read_world(context.files, options.config, {}, context.clock.now());
  // Keys that cannot be read here matter to nobody: no token is verified.
  if (!world.state) return complain_of_findings(context, options.config, world.findings);
  Replay again(*world.state);
  Reading reading;
  if (!read_logs(options, context, again, reading)) return;
  context.out(options.json ? as_json(again, reading) : as_text(context, again, reading));
  const bool nothing_read = reading.lines > 0 && reading.lines == reading.damaged + reading.other_version + reading.half.size();
  if (nothing_read) return complain(context, "no line of it is a decision that this version can read");
  context.status = again.changes().empty() ? ExitStatus::yes : ExitStatus::no;
}

}  // namespace

void add_replay(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("replay", "Judge logged decisions again by another configuration");
  const auto options = std::make_shared<ReplayOptions>();
  command->add_option("CONFIG", options->config, "The configuration to judge by")->required();
  command->add_option("--log", options->logs, "Decision log (portcullis.decisionLog.output), or several; - is standard input")->required();
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Says for which users and repositories the configuration would allow what was refused, and refuse what was allowed. It judges by "
      "the\n"
      "rules that the daemon would judge by. What was refused before anybody looked at rights (bad tokens, unknown routes) is counted.\n"
      "Exit status: 0 nothing changes, 1 something does, 2 could not judge.\n"
      "Examples:\n"
      "  portcullis replay new.json --log /var/log/portcullis/decisions.jsonl\n"
      "  zcat decisions.jsonl.*.gz | portcullis replay new.json --log - --json | jq '.changes[] | select(.to == \"deny\")'");
  command->callback([options, &context] { replay(*options, context); });
}

}  // namespace portcullis
