#include "verifier/token_memo.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/secret.h"

namespace portcullis {

TokenMemo::~TokenMemo() { clear(); }

const TokenMemo::Known* TokenMemo::find(std::string_view text) const noexcept {
  if (text.empty() || text.size() > kTextBytes) return nullptr;
  const Slot& slot = slots_[slot_of(text)];
  return equal_in_constant_time(slot.text, text) ? &slot.known : nullptr;
}

void TokenMemo::note(std::string_view text, const Sha256& digest, std::shared_ptr<const VerifiedToken> token) {
  if (text.empty() || text.size() > kTextBytes) return;
  Slot& slot = slots_[slot_of(text)];
  if (std::exchange(slot.candidate, digest) != digest) return;
  wipe(slot.text);
  slot.text.reserve(kTextBytes);  // once, so that no copy is left behind where the text grows
  slot.known = {digest, std::move(token)};
  slot.text = text;
}

void TokenMemo::clear() noexcept {
  for (Slot& slot : slots_) {
    wipe(slot.text);
    slot.known = {};
    slot.candidate = {};
  }
}

/// By the end of the signature. Whoever picks it picks a place, and needs a good token to take it.
std::size_t TokenMemo::slot_of(std::string_view text) noexcept {
  std::uint64_t end = 0;
  const std::size_t used = std::min(text.size(), sizeof end);
  std::memcpy(&end, text.data() + (text.size() - used), used);
  return static_cast<std::size_t>((end * 0x9E3779B97F4A7C15ULL) >> 59U);
}

}  // namespace portcullis
