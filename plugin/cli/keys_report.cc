#include "plugin/cli/keys_report.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "base/report/log.h"
#include "keystore/key_endings.h"
#include "keystore/key_text.h"
#include "plugin/cli/paint.h"
#include "plugin/cli/table.h"

namespace portcullis {
namespace {

/// One line of the report.
struct KeyLine {
  const Key* key;
  const OfflineSource* source;  ///< that loads it
  std::optional<KeyChange> change;
  std::optional<KeySighting> seen;
};

const Key* find(const OfflineSource& source, std::string_view id) {
  if (!source.state.keys) return nullptr;
  for (const Key& key : source.state.keys->keys())
    if (key.id() == id) return &key;
  return nullptr;
}

std::optional<KeySighting> sighting_of(const KeysReport& report, const OfflineSource& source, const Key& key) {
  if (!report.sightings) return std::nullopt;
  const auto keys = report.sightings->find(source.state.name);
  if (keys == report.sightings->end()) return KeySighting();
  const auto found = keys->second.find(key.id());
  return found == keys->second.end() ? KeySighting() : found->second;
}

std::vector<KeyLine> lines_of_issuer(const KeysReport& report, const OfflineSource& issuer) {
  std::vector<KeyLine> lines;
  if (!issuer.state.keys) return lines;
  for (const Key& key : issuer.state.keys->keys()) lines.push_back({&key, &issuer, std::nullopt, sighting_of(report, issuer, key)});
  return lines;
}

/// The keys that would serve, then those that would go.
std::vector<KeyLine> lines_of(const KeysReport& report) {
  std::vector<KeyLine> lines;
  const bool compares = report.now && report.now->state.keys && report.source.state.keys;
  if (report.source.state.keys) {
    for (const Key& key : report.source.state.keys->keys()) {
      KeyLine line{&key, &report.source, std::nullopt, sighting_of(report, report.source, key)};
      if (compares) {
        const Key* const before = find(*report.now, key.id());
        line.change = before == nullptr                          ? KeyChange::comes
                      : before->thumbprint() == key.thumbprint() ? KeyChange::stays
                                                                 : KeyChange::replaced;
      }
      lines.push_back(line);
    }
  }
  if (!compares) return lines;
  for (const Key& key : report.now->state.keys->keys())
    if (find(report.source, key.id()) == nullptr)
      lines.push_back({&key, &*report.now, KeyChange::goes, sighting_of(report, *report.now, key)});
  return lines;
}

/// The version of the secret that a key is of; empty where its source has none.
std::string version_of(const KeyLine& line) {
  const SourceState& state = line.source->state;
  if (state.origin == nullptr) return {};
  const auto found = state.origin->of_keys.find(line.key->id());
  return found == state.origin->of_keys.end() ? std::string() : found->second;
}

std::string since_of(const KeyLine& line) {
  const SourceState& state = line.source->state;
  if (state.origin == nullptr) return {};
  const auto found = state.origin->since.find(line.key->id());
  return found == state.origin->since.end() ? std::string() : to_rfc3339(found->second);
}

std::string shown_id(const std::string& id) { return id.empty() ? "-" : escape_for_log(id); }

/// An issuer over the network has no path beside its name.
std::string shown_source(const OfflineSource& source) {
  return source.path.empty() ? source.state.name : source.state.name + ":" + source.path;
}

std::string algorithm_names(AlgorithmSet set) {
  std::string names;
  for (const Algorithm one : all_algorithms()) {
    if (!set.contains(one)) continue;
    if (!names.empty()) names += ' ';
    names += algorithm_name(one);
  }
  return names;
}

std::string table_of(const KeysReport& report, const std::vector<KeyLine>& lines) {
  std::vector<std::string> heading{"ID", "TYPE", "BITS", "ALGORITHMS", "THUMBPRINT", "SOURCE", "VERSION", "SINCE"};
  const bool compares = !lines.empty() && lines.front().change.has_value();
  if (compares) heading.insert(heading.begin(), "CHANGE");
  const bool certified = std::any_of(lines.begin(), lines.end(), [](const KeyLine& line) { return line.key->not_after().has_value(); });
  if (certified) heading.emplace_back("NOT AFTER");
  if (report.sightings) heading.insert(heading.end(), {"USES", "LAST USED"});
  Table table(heading);
  for (const KeyLine& line : lines) {
    const Key& key = *line.key;
    std::vector<std::string> row{shown_id(key.id()),         std::string(key_type_name(key.type())),
                                 std::to_string(key.bits()), algorithm_names(key.algorithms()),
                                 key.thumbprint(),           shown_source(*line.source),
                                 version_of(line),           since_of(line)};
    if (certified) row.push_back(key.not_after() ? to_rfc3339(*key.not_after()) : "-");
    if (compares) row.insert(row.begin(), std::string(key_change_name(*line.change)));
    if (line.seen)
      row.insert(row.end(), {std::to_string(line.seen->uses), line.seen->last_used ? to_rfc3339(*line.seen->last_used) : "never"});
    table.add(std::move(row));
  }
  return table.text();
}

std::string faults_of(const CommandContext& context, const OfflineSource& source) {
  std::string out;
  if (source.state.keys) {
    for (const Key* const key : newly_ending(*source.state.keys, std::nullopt, context.clock.now()))
      out += paint(context, Colour::yellow, "ends soon") + ": " + shown_id(key->id()) + ": its certificate ends at " +
             to_rfc3339(*key->not_after()) + "\n";
    for (const QuarantinedKey& key : source.state.keys->quarantined())
      out += paint(context, Colour::yellow, "set aside") + ": " + shown_id(key.id) + ": " + std::string(reason_name(key.error.reason)) +
             ": " + key.error.detail + "\n";
  }
  if (source.state.last_error) {
    out += paint(context, Colour::red, "not loaded") + ": " + (source.path.empty() ? source.state.name : source.path) + ": " +
           std::string(reason_name(source.state.last_error->reason)) + ": " + source.state.last_error->detail + "\n";
  }
  return out;
}

/// What would happen, in one line, and who would notice.
std::string changes_of(const CommandContext& context, const KeysReport& report, const std::vector<KeyLine>& lines) {
  std::array<std::size_t, 4> counts{};
  std::string warnings;
  for (const KeyLine& line : lines) {
    if (!line.change) return {};
    ++counts[static_cast<std::size_t>(*line.change)];
    const bool lost = *line.change == KeyChange::goes || *line.change == KeyChange::replaced;
    if (!lost || !line.seen || !line.seen->last_used) continue;
    warnings += paint(context, Colour::yellow, "warning") + ": " + shown_id(line.key->id()) + " " +
                std::string(key_change_name(*line.change)) + (*line.change == KeyChange::goes ? "" : " by another key") +
                ", and was last used at " + to_rfc3339(*line.seen->last_used) + ": its tokens would be refused\n";
  }
  std::string out = "if " + *report.stage + " became AWSCURRENT: ";
  for (const KeyChange change : {KeyChange::comes, KeyChange::stays, KeyChange::replaced, KeyChange::goes}) {
    if (change != KeyChange::comes) out += ", ";
    out += std::to_string(counts[static_cast<std::size_t>(change)]) + " " + std::string(key_change_name(change));
  }
  return out + "\n" + warnings;
}

void write_line(JsonWriter& json, const KeyLine& line) {
  const Key& key = *line.key;
  json.begin_object().key("id").string(key.id()).key("type").string(key_type_name(key.type())).key("bits").integer(key.bits());
  json.key("algorithms").begin_array();
  for (const Algorithm one : all_algorithms()) {
    if (key.algorithms().contains(one)) json.string(algorithm_name(one));
  }
  json.end_array().key("thumbprint").string(key.thumbprint());
  if (const std::string version = version_of(line); !version.empty()) json.key("version").string(version);
  if (const std::string since = since_of(line); !since.empty()) json.key("since").string(since);
  if (key.not_after()) json.key("certificateNotAfter").string(to_rfc3339(*key.not_after()));
  if (line.change) json.key("change").string(key_change_name(*line.change));
  if (line.seen) {
    json.key("uses").integer(line.seen->uses).key("lastUsed");
    if (line.seen->last_used)
      json.string(to_rfc3339(*line.seen->last_used));
    else
      json.null();
  }
  json.end_object();
}

void write_fault(JsonWriter& json, std::string_view name, const std::optional<Error>& error) {
  json.key(name);
  if (!error) {
    json.null();
    return;
  }
  json.begin_object().key("reason").string(reason_name(error->reason)).key("detail").string(error->detail).end_object();
}

void write_lines(JsonWriter& json, std::string_view name, const std::vector<KeyLine>& lines, bool going) {
  json.key(name).begin_array();
  for (const KeyLine& line : lines)
    if ((line.change == KeyChange::goes) == going) write_line(json, line);
  json.end_array();
}

/// The members that each source has.
void write_source(JsonWriter& json, const OfflineSource& source, const std::vector<KeyLine>& lines, TimePoint now) {
  const KeySet* set = source.state.keys.get();
  json.key("source").string(source.state.name).key("path").string(source.path);
  json.key("state").string(freshness_name(source.state.freshness(now)));
  json.key("digest").string(set == nullptr ? std::string_view() : set->digest());
  write_lines(json, "keys", lines, false);
  json.key("quarantined").begin_array();
  if (set != nullptr) {
    for (const QuarantinedKey& key : set->quarantined()) {
      json.begin_object().key("id").string(key.id).key("reason").string(reason_name(key.error.reason));
      json.key("detail").string(key.error.detail).end_object();
    }
  }
  json.end_array();
  write_fault(json, "error", source.state.last_error);
}

}  // namespace

std::string_view key_change_name(KeyChange change) noexcept {
  switch (change) {
    case KeyChange::comes: return "comes";
    case KeyChange::stays: return "stays";
    case KeyChange::replaced: return "replaced";
    case KeyChange::goes: return "goes";
  }
  std::abort();
}

std::string keys_as_text(const CommandContext& context, const KeysReport& report) {
  const std::vector<KeyLine> lines = lines_of(report);
  std::vector<KeyLine> all = lines;
  std::string faults = faults_of(context, report.source);
  // A preview is of the secret alone.
  for (const OfflineSource& issuer : report.issuers) {
    if (report.stage) break;
    for (const KeyLine& line : lines_of_issuer(report, issuer)) all.push_back(line);
    faults += faults_of(context, issuer);
  }
  std::string out = all.empty() ? std::string() : table_of(report, all);
  out += faults;
  if (!report.stage) return out;
  if (report.now && report.now->state.last_error) out += faults_of(context, *report.now);
  return out + changes_of(context, report, lines);
}

std::string keys_as_json(const KeysReport& report, TimePoint now) {
  JsonWriter json;
  json.begin_object();
  if (report.traditional) {
    const std::vector<KeyLine> lines = lines_of(report);
    write_source(json, report.source, lines, now);
    if (report.stage) {
      json.key("stage").string(*report.stage);
      write_lines(json, "going", lines, true);
      write_fault(json, "nowError", report.now ? report.now->state.last_error : std::nullopt);
    }
    if (report.source.state.keys) json.key("jwks").raw(to_jwks(report.source.state.keys->keys()));
  }
  if (!report.issuers.empty()) {
    json.key("issuers").begin_array();
    for (const OfflineSource& issuer : report.issuers) {
      json.begin_object();
      write_source(json, issuer, lines_of_issuer(report, issuer), now);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  return std::move(json).text() + "\n";
}

}  // namespace portcullis
