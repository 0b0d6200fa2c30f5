#include "keystore/key_endings.h"

#include <algorithm>
#include <array>

namespace portcullis {
namespace {

constexpr std::array kMarks = {std::chrono::days(30), std::chrono::days(7), std::chrono::days(1)};

}  // namespace

std::vector<const Key*> newly_ending(const KeySet& set, std::optional<TimePoint> seen, TimePoint now) {
  std::vector<const Key*> ending;
  for (const Key& key : set.keys()) {
    if (!key.not_after()) continue;
    const auto passed = [&](std::chrono::days mark) {
      const TimePoint from = *key.not_after() - mark;
      return from <= now && (!seen || *seen < from);
    };
    if (std::any_of(kMarks.begin(), kMarks.end(), passed)) ending.push_back(&key);
  }
  return ending;
}

}  // namespace portcullis
