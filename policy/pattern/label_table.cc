#include "policy/pattern/label_table.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "base/large_pages.h"

namespace portcullis {
namespace {

constexpr std::size_t kFirstSlots = 16;

}  // namespace

std::uint64_t LabelTable::hash_of(std::string_view text) noexcept { return std::hash<std::string_view>{}(text); }

std::uint64_t LabelTable::slot_hash(std::uint64_t text_hash, std::uint32_t owner, Kind kind) noexcept {
  std::uint64_t hash = text_hash ^ ((std::uint64_t{owner} << 3U | static_cast<std::uint64_t>(kind)) * 0x9E3779B97F4A7C15U);
  hash ^= hash >> 32U;
  hash *= 0xD6E8FEB86659FD93U;
  return hash ^ hash >> 32U;
}

std::optional<std::uint32_t> LabelTable::find(std::uint32_t owner, Kind kind, std::string_view text, std::uint64_t hash) const noexcept {
  if (slots_.empty()) return std::nullopt;
  const std::uint64_t mixed = slot_hash(hash, owner, kind);
  const auto tag = static_cast<std::uint32_t>(mixed >> 32U);
  const std::uint8_t mark = mark_of(mixed);
  for (std::size_t at = mixed & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
    if (marks_[at] == kFree) return std::nullopt;
    if (marks_[at] != mark) continue;
    const Slot& slot = slots_[at];
    if (slot.tag == tag && slot.owner == owner && slot.kind == kind && text_of(slot) == text) return slot.value;
  }
}

void LabelTable::foresee(std::uint32_t owner, Kind kind, std::uint64_t hash) const noexcept {
  if (slots_.empty()) return;
  const std::size_t at = slot_hash(hash, owner, kind) & (slots_.size() - 1);
  __builtin_prefetch(&marks_[at]);
  __builtin_prefetch(&slots_[at]);
}

void LabelTable::settle() noexcept { prefer_large_pages(slots_.data(), slots_.size() * sizeof(Slot)); }

void LabelTable::insert(std::uint32_t owner, Kind kind, std::string_view text, std::uint32_t value) {
  if (used_ * 2 >= slots_.size()) grow();
  const std::uint64_t mixed = slot_hash(hash_of(text), owner, kind);
  Slot slot;
  slot.tag = static_cast<std::uint32_t>(mixed >> 32U);
  slot.owner = owner;
  slot.value = value;
  slot.length = static_cast<std::uint32_t>(text.size());
  slot.kind = kind;
  if (text.size() <= kInline) {
    std::copy(text.begin(), text.end(), slot.text.begin());
  } else {
    const std::uint64_t at = texts_.size();
    std::memcpy(slot.text.data(), &at, sizeof at);
    texts_ += text;
  }
  ++used_;
  place(slot, mixed);
}

std::string_view LabelTable::text_of(const Slot& slot) const noexcept {
  if (slot.length <= kInline) return {slot.text.data(), slot.length};
  std::uint64_t at = 0;
  std::memcpy(&at, slot.text.data(), sizeof at);
  return {texts_.data() + at, slot.length};
}

void LabelTable::place(const Slot& slot, std::uint64_t hash) noexcept {
  std::size_t at = hash & (slots_.size() - 1);
  while (marks_[at] != kFree) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = slot;
  marks_[at] = mark_of(hash);
}

void LabelTable::grow() {
  const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? kFirstSlots : slots_.size() * 2));
  const std::vector<std::uint8_t> marks = std::exchange(marks_, std::vector<std::uint8_t>(slots_.size(), kFree));
  for (std::size_t at = 0; at < before.size(); ++at) {
    const Slot& slot = before[at];
    if (marks[at] != kFree) place(slot, slot_hash(hash_of(text_of(slot)), slot.owner, slot.kind));
  }
}

}  // namespace portcullis
