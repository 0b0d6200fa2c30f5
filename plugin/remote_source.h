// The key sources that are asked over the network, built from a configuration with everything they need.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/io/entropy.h"
#include "base/io/environment.h"
#include "base/io/files.h"
#include "base/io/http.h"
#include "base/report/log.h"
#include "config/config.h"
#include "keystore/refresh/last_known_good.h"
#include "keystore/refresh/schedule.h"
#include "keystore/refresh/source.h"

namespace portcullis {

/// What a remote source may use. Everything outlives the source.
struct RemoteWorld {
  HttpTransport& http;
  Files& files;
  const Environment& environment;
  const Clock& clock;
  Entropy& entropy;
  std::function<bool(std::chrono::milliseconds)> pause;  ///< between attempts; false: the process is ending
  std::function<void(std::string_view)> warn;            ///< hears what an operator should know of the AWS configuration
};

/// Whether `config` names a source that is asked over the network.
bool has_remote_source(const Config& config) noexcept;

/// The source of `http.auth.bearer.awsSecretsManager` or `portcullis.keys.jwksURL`. Nobody is asked yet: credentials are looked for in its
/// first round, and a chain that cannot be built is a failed round. `config` names one of them.
std::unique_ptr<KeySource> make_remote_source(const RemoteWorld& world, const Config& config);

/// How often it is asked.
RefreshRules refresh_rules_of(const Config& config) noexcept;

/// What a file of last known good keys must have been made for.
SourceIdentity identity_of_source(const Config& config, const Environment& environment);

}  // namespace portcullis
