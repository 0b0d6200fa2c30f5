// What `portcullis keys` prints: the keys of one source, what was set aside, and what a promoted version of the secret would change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "plugin/cli/command.h"
#include "plugin/cli/key_sightings.h"
#include "plugin/cli/offline.h"

namespace portcullis {

/// What there is to show.
struct KeysReport {
  OfflineSource source;                      ///< the traditional keys that would serve
  bool traditional = true;                   ///< whether `source` is there: else OIDC issuers alone are
  std::vector<OfflineSource> issuers{};      ///< the keys of OIDC issuers, in the order of the configuration
  std::optional<std::string> stage;          ///< of a preview: the stage whose version would become AWSCURRENT
  std::optional<OfflineSource> now;          ///< of a preview: what the configuration as it stands loads
  std::optional<SourceSightings> sightings;  ///< of running gates, where they were asked
};

/// What a preview says of a key id.
enum class KeyChange {
  comes,     ///< is new
  stays,     ///< the same key under the same id
  replaced,  ///< another key under the same id: tokens of the old one would be refused
  goes,      ///< would not be there any more
};

/// "comes", "stays", "replaced", "goes".
std::string_view key_change_name(KeyChange change) noexcept;

/// One table, one line for each key that was set aside and for each fault; of a preview what changes, and a warning for each key that goes
/// though a gate has seen it.
std::string keys_as_text(const CommandContext& context, const KeysReport& report);
/// One JSON object and a line end.
std::string keys_as_json(const KeysReport& report, TimePoint now);

}  // namespace portcullis
