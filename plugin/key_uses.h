// How often and when each loaded key was last used: what tells an operator that an old key may go.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "keystore/key_set.h"
#include "plugin/token_counts.h"
#include "verifier/verify.h"

namespace portcullis {

/// Counters of one key. Safe from many threads.
struct KeyUse {
  std::atomic<std::uint64_t> count{0};
  std::atomic<std::int64_t> last_used{0};  ///< unix seconds; 0: never
};

/// The counters of a key set's keys. A key that stays in the next set keeps its counters; one that goes takes them with it.
class KeyUses {
 public:
  KeyUses() : tokens_(std::make_shared<TokenCounts>()) {}
  /// Counters for the keys of `keys` (may be null), those of `before` where the id is the same.
  KeyUses(const KeySet* keys, const KeyUses& before);

  /// Counts one decision for a token that `keys`, the set that this was made for, vouches for.
  void note(const KeySet& keys, const VerifiedToken& token, TimePoint now) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return uses_.size(); }
  /// The counters of the key at `index` of `KeySet::keys()`.
  [[nodiscard]] const KeyUse& at(std::size_t index) const { return *uses_[index]; }
  /// Of the source, whatever its keys were: those of `before` go on.
  [[nodiscard]] TokenCounts& tokens() const noexcept { return *tokens_; }

 private:
  std::vector<std::shared_ptr<KeyUse>> uses_;  // beside KeySet::keys(); shared by the published states
  std::map<std::string, std::shared_ptr<KeyUse>> by_id_;
  std::shared_ptr<TokenCounts> tokens_;
};

}  // namespace portcullis
