#include "config/load.h"

#include <array>
#include <utility>

#include "base/codec/json.h"
#include "base/digest.h"
#include "config/access_digest.h"
#include "config/check.h"
#include "config/defaults.h"
#include "config/read/report.h"
#include "config/read/sections.h"

namespace portcullis {
namespace {

constexpr JsonLimits kLimits{.bytes = defaults::kFileBytes, .depth = defaults::kFileDepth, .members = defaults::kFileMembers};

/// zot's sections that are not ours to read.
constexpr std::array<std::string_view, 9> kUnusedSections = {"distSpecVersion", "goVersion",  "commit",    "releaseTag", "binaryType",
                                                             "storage",         "extensions", "scheduler", "cluster"};

void read_file(Section& root, Draft& draft) {
  for (const std::string_view name : kUnusedSections) root.unused(name);
  root.has("$schema");  // editors write it
  root.object("http", [&](Section& http) { read_http(http, draft); });
  root.object("log", [&](Section& log) { read_log(log, draft.config.log); });
  root.object("portcullis", [&](Section& portcullis) { read_portcullis(portcullis, draft); });
  root.finish();
}

void notice_unused_keys(Report& report) {
  std::string names;
  for (const std::string& path : report.unused_keys()) names += (names.empty() ? "" : ", ") + path;
  if (!names.empty()) report.notice("", "not used by Portcullis: " + names);
}

/// What a text that is no JSON may be.
std::string_view likeness(std::string_view text) noexcept {
  const char first = text[text.find_first_not_of(" \t\r\n")];
  const bool utf8 = static_cast<unsigned char>(first) < 0x80;  // a mark of an encoding is told already
  return first != '{' && utf8 ? "; a configuration begins with {, and YAML is not read" : "";
}

LoadedConfig failed(std::string message) { return {std::nullopt, {{Severity::error, "", std::move(message)}}}; }

}  // namespace

LoadedConfig load_config_text(std::string_view json, const std::string& folder, const ConfigOverrides& overrides, const Files* files) {
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return failed("failed to load config due to the absence of any key:value pair: the file is empty");
  const auto document = parse_json(json, kLimits);
  if (!document) return failed("the configuration is one JSON object: " + document.error().detail + std::string(likeness(json)));
  const JsonView root = document->root();
  if (!root.is_object()) return failed("the configuration is one JSON object, not " + std::string(root.type_name()));
  if (root.size() == 0) return failed("failed to load config due to the absence of any key:value pair");

  Report report;
  const ReadContext context{report, folder, files};
  Section section(context, root, "");
  Draft draft;
  draft.commands_alone = overrides.commands_alone;
  read_file(section, draft);
  choose_listeners(draft, overrides, context);
  apply_overrides(draft, overrides, report);
  check_configuration(draft, report);
  notice_unused_keys(report);

  LoadedConfig loaded;
  loaded.findings = report.findings();
  if (report.has_errors()) {
    loaded.partial = std::move(draft.config);
    return loaded;
  }
  draft.config.unused_keys = report.unused_keys();
  draft.config.digest = to_hex(sha256(json));
  if (draft.config.access_control) draft.config.policy_digest = digest_of(*draft.config.access_control);
  loaded.config = std::move(draft.config);
  return loaded;
}

LoadedConfig load_config(const Files& files, const std::string& path, const ConfigOverrides& overrides) {
  const auto bytes = files.read(path, defaults::kFileBytes);
  if (!bytes) return failed(bytes.error().detail);
  const std::size_t slash = path.rfind('/');
  // The folder of "/portcullis.json" is "/.": an empty text would mean the working directory.
  std::string folder = slash == std::string::npos ? "" : path.substr(0, slash);
  if (slash == 0) folder = "/.";
  return load_config_text(*bytes, folder, overrides, &files);
}

std::vector<std::string> known_config_keys() {
  Report report;
  report.record_known_keys();
  const std::string folder;
  const ReadContext context{report, folder};
  Section section(context, JsonView(), "");
  Draft draft;
  read_file(section, draft);
  return {report.known_keys().begin(), report.known_keys().end()};
}

}  // namespace portcullis
