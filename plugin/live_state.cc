#include "plugin/live_state.h"

namespace portcullis {

void LiveState::note_use(const VerifiedToken& token, TimePoint now) const noexcept {
  if (token.source > state.issuers.sources().size()) return;
  const SourceState& source = state.source_at(token.source);
  const KeyUses& uses = token.source == 0 ? key_uses : issuer_uses[token.source - 1];
  if (source.keys != nullptr) uses.note(*source.keys, token, now);
}

void LiveState::note_judgement(const Decision& decision) const noexcept {
  if (decision.from_cache) return;
  const std::optional<std::size_t> judge = decision.token != nullptr ? decision.token->source : decision.judge;
  if (!judge || *judge > issuer_uses.size()) return;
  TokenCounts& counts = (*judge == 0 ? key_uses : issuer_uses[*judge - 1]).tokens();
  if (decision.token != nullptr)
    counts.count_good(decision.token->algorithm);
  else if (blames_token(decision.reason()))
    counts.count_refused(decision.reason());
}

}  // namespace portcullis
