// zot-shaped JSON to `Config`: every fault is found at load, and all of them are listed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/io/files.h"
#include "config/config.h"

namespace portcullis {

enum class Severity { error, warning, notice };

/// One thing to say about a configuration.
struct Finding {
  Severity severity;
  std::string path;     ///< JSON path: `portcullis.keys.maxStale`, `portcullis.extraRoutes[2].path`; empty for the whole file
  std::string message;  ///< what is wrong and what to do; ends without a full stop

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// What the command line says over the file.
struct ConfigOverrides {
  std::vector<std::string> listen;       ///< `--listen`, replaces `portcullis.listen` and `http.address`
  std::optional<std::string> admin;      ///< `--admin ADDR|off`
  std::vector<std::string> trusted;      ///< `--trust CIDR`, added to `portcullis.proxy.trusted`
  std::optional<std::string> log_level;  ///< `--log-level`
  /// For a command that makes logins of `portcullis.broker`, never for what serves: a file that says nothing of a gate lacks nothing.
  bool commands_alone = false;
};

/// A configuration and all that there is to say about it. `config` is there exactly if no finding is an error.
struct LoadedConfig {
  std::optional<Config> config;
  std::vector<Finding> findings;
  /// What could be read of one with errors: to look for more of them, and for nothing else.
  std::optional<Config> partial = std::nullopt;

  [[nodiscard]] bool has_errors() const noexcept;
};

/// Reads and checks `path`, a JSON file of at most 64 MiB; relative paths in it are relative to its folder.
LoadedConfig load_config(const Files& files, const std::string& path, const ConfigOverrides& overrides);

/// The same for a text in memory; `folder` is where relative paths start. Where `files` is null, those whose content is judged at load (a
/// certificate authority) are not opened. For tests, the probe and fuzzing.
LoadedConfig load_config_text(std::string_view json, const std::string& folder, const ConfigOverrides& overrides,
                              const Files* files = nullptr);

/// `error: portcullis.keys.file: …`, one line for each finding; below it, indented, what shows the place, as a pattern with its caret.
std::string format_findings(const std::vector<Finding>& findings);

/// Every key that the loader knows, canonical spelling, sorted: `http.auth.bearer.realm`, `portcullis.extraRoutes[].path`,
/// `http.accessControl.groups.*.users`. What is not here is an unknown key; config.schema.json and the documentation name exactly these.
std::vector<std::string> known_config_keys();

}  // namespace portcullis
