#include "plugin/live_state.h"

namespace portcullis {

void LiveState::note_use(const VerifiedToken& token, TimePoint now) const noexcept {
  if (token.source > state.issuers.sources().size()) return;
  const SourceState& source = state.source_at(token.source);
  const KeyUses& uses = token.source == 0 ? key_uses : issuer_uses[token.source - 1];
  if (source.keys != nullptr) uses.note(*source.keys, token, now);
}

}  // namespace portcullis
