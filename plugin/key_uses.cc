#include "plugin/key_uses.h"

namespace portcullis {

KeyUses::KeyUses(const KeySet* keys, const KeyUses& before) : tokens_(before.tokens_) {
  if (keys == nullptr) return;
  for (const Key& key : keys->keys()) {
    const auto known = before.by_id_.find(key.id());
    uses_.push_back(known != before.by_id_.end() ? known->second : std::make_shared<KeyUse>());
    by_id_.emplace(key.id(), uses_.back());
  }
}

void KeyUses::note(const KeySet& keys, const VerifiedToken& token, TimePoint now) const noexcept {
  const Key* key = keys.find(token.key_id);
  if (key == nullptr) key = keys.only();  // `cert`: whatever `kid` says
  if (key == nullptr) return;
  const auto index = static_cast<std::size_t>(key - keys.keys().data());
  if (index >= uses_.size()) return;
  KeyUse& use = *uses_[index];
  use.count.fetch_add(1, std::memory_order_relaxed);
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  // Written once a second, so that threads do not take the line from each other.
  if (use.last_used.load(std::memory_order_relaxed) != seconds) use.last_used.store(seconds, std::memory_order_relaxed);
}

}  // namespace portcullis
