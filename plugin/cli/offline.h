// The state that the daemon would serve with, built from a configuration and the files that it names, without a daemon: for `check`,
// `verify` and `keys`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/io/files.h"
#include "config/load.h"
#include "keystore/refresh/round.h"
#include "plugin/remote_source.h"
#include "plugin/state.h"

namespace portcullis {

/// Largest file of keys, in bytes.
inline constexpr std::size_t kKeyFileBytes = 10UL * 1024 * 1024;

/// What one round of the configured key source brought.
struct OfflineSource {
  SourceState state;
  std::string path;     ///< of the file that it read; a secret's name; a URL without its query
  std::string setting;  ///< that names the file: `portcullis.keys.file`
};

/// Everything, or what is in its way.
struct OfflineWorld {
  std::vector<Finding> findings;  ///< of the configuration, then of the files: a quarantined key is a warning, an unreadable file an error
  std::optional<Config> config;   ///< absent where the configuration itself has errors
  std::optional<OfflineSource> source;  ///< absent where `config` is
  bool traditional = false;             ///< whether `source` is one; else OIDC issuers alone are configured
  std::vector<OfflineSource> issuers;   ///< in the order of the configuration
  std::optional<State> state;           ///< absent where rules or revocations have errors; its source may hold no keys

  [[nodiscard]] bool has_errors() const noexcept;
};

/// Files that the command line names in place of what is configured.
struct Replacements {
  std::optional<std::string> keys_file;                          ///< of traditional keys: any text that holds keys
  std::map<std::string, std::string, std::less<>> issuer_files;  ///< a JWKS for each issuer, read as `jwksFile` is
};

/// How a source over the network is asked, where that is wanted.
struct RemoteQuestion {
  RemoteWorld world;
  std::optional<std::string> promoted;  ///< a stage: read what the gate would read if its version became AWSCURRENT
};

/// The stages to read in place of `configured` if the version of `stage` became AWSCURRENT and, as Secrets Manager does it, the current one
/// AWSPREVIOUS.
std::vector<std::string> promoted_stages(const std::vector<std::string>& configured, const std::string& stage);

/// `load_config` for a command that does not listen: that nobody is trusted over TCP, as in a file of zot's, is no obstacle to it.
LoadedConfig load_for_command(const Files& files, const std::string& path);

/// `load_config` for a command that makes logins of `portcullis.broker`: whom a gate trusts is often said on the command line of `serve`,
/// and a file that says nothing of a gate lacks nothing.
LoadedConfig load_for_broker(const Files& files, const std::string& path);

/// Loads `path` and the files that it names, as the daemon does at `now`. A source over the network has one round where `remote` is given,
/// and is left alone where it is not, the traditional one with a notice. Where
/// `serving` is given, it is `serve` with these options that is judged: whom it trusts, and what it needs of this machine.
OfflineWorld read_world(const Files& files, const std::string& path, const Replacements& replacements, TimePoint now,
                        const std::optional<RemoteQuestion>& remote = std::nullopt, const ConfigOverrides* serving = nullptr);

}  // namespace portcullis
