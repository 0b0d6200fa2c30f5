// What the keeper publishes: the state that requests see, and what the operator is told about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/snapshot.h"
#include "plugin/authorize.h"
#include "plugin/http/peer.h"
#include "plugin/key_uses.h"
#include "plugin/state.h"

namespace portcullis {

/// What went wrong with the newest reading of each file that has a last good one. Keys have theirs in `SourceState`.
struct InputFaults {
  std::optional<std::string> config;  ///< the newest reload was refused
  std::optional<std::string> marker;
  std::optional<std::string> revocations;

  friend bool operator==(const InputFaults&, const InputFaults&) = default;
};

/// Immutable once published.
struct LiveState {
  State state;
  UserTrust trust;
  KeyUses key_uses;                    ///< of the traditional keys
  std::vector<KeyUses> issuer_uses{};  ///< of the keys of `state.issuers`
  InputFaults faults;
  TimePoint config_loaded;                    ///< when the configuration in force was read
  std::optional<TimePoint> reload_attempted;  ///< when a reload was last tried; nothing before the first
  /// The name of the new source whose first keys a reload waits for.
  std::optional<std::string> reload_waits_for{};

  /// Counts a decision for `token`, which a source of this state vouches for, as a use of its key.
  void note_use(const VerifiedToken& token, TimePoint now) const noexcept;
  /// Counts what a source of this state made of a token; a cached one was counted before.
  void note_judgement(const Decision& decision) const noexcept;
};

using LiveSnapshot = Snapshot<LiveState>;

}  // namespace portcullis
