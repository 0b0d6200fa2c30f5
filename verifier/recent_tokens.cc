#include "verifier/recent_tokens.h"

#include <algorithm>
#include <utility>

namespace portcullis {
namespace {

constexpr std::size_t kFirstBuckets = 16;

}  // namespace

/// There are buckets.
RecentTokens::Place& RecentTokens::bucket_of(const Sha256& digest) noexcept {
  return buckets_[Sha256Hash()(digest) & (buckets_.size() - 1)];
}

RecentTokens::Place RecentTokens::place_of(const Sha256& digest) noexcept {
  if (buckets_.empty()) return kNowhere;
  Place place = bucket_of(digest);
  while (place != kNowhere && entries_[place].digest != digest) place = entries_[place].next;
  return place;
}

void RecentTokens::chain(Place place) noexcept {
  Place& bucket = bucket_of(entries_[place].digest);
  entries_[place].next = std::exchange(bucket, place);
}

void RecentTokens::unchain(Place place) noexcept {
  Place* link = &bucket_of(entries_[place].digest);
  while (*link != place) link = &entries_[*link].next;
  *link = entries_[place].next;
}

void RecentTokens::put_first(Place place) noexcept {
  Entry& entry = entries_[place];
  entry.newer = kNowhere;
  entry.older = std::exchange(newest_, place);
  (entry.older == kNowhere ? oldest_ : entries_[entry.older].newer) = place;
}

void RecentTokens::take_out(Place place) noexcept {
  const Entry& entry = entries_[place];
  (entry.newer == kNowhere ? newest_ : entries_[entry.newer].older) = entry.older;
  (entry.older == kNowhere ? oldest_ : entries_[entry.older].newer) = entry.newer;
}

/// Twice the buckets, and every entry in its new one.
void RecentTokens::spread() {
  std::vector<Place> wider(std::max(kFirstBuckets, 2 * buckets_.size()), kNowhere);
  buckets_.swap(wider);
  for (Place place = newest_; place != kNowhere; place = entries_[place].older) chain(place);
}

/// An entry that nobody uses, made where there is none: everything that can fail happens here.
RecentTokens::Place RecentTokens::free_place() {
  if (free_ != kNowhere) return std::exchange(free_, entries_[free_].older);
  if (entries_.size() == buckets_.size()) spread();
  entries_.emplace_back();
  return static_cast<Place>(entries_.size() - 1);
}

const RecentTokens::Token* RecentTokens::find(const Sha256& digest) noexcept {
  const Place place = place_of(digest);
  if (place == kNowhere) return nullptr;
  if (place != newest_) {
    take_out(place);
    put_first(place);
  }
  return &entries_[place].token;
}

RecentTokens::Token RecentTokens::insert(const Sha256& digest, Token token) {
  Place place = place_of(digest);
  if (place != kNowhere) {
    take_out(place);
  } else {
    if (size_ < capacity_) {
      place = free_place();
      ++size_;
    } else {
      place = oldest_;
      take_out(place);
      unchain(place);
    }
    entries_[place].digest = digest;
    chain(place);
  }
  put_first(place);
  return std::exchange(entries_[place].token, std::move(token));
}

RecentTokens::Token RecentTokens::erase(const Sha256& digest) noexcept {
  const Place place = place_of(digest);
  if (place == kNowhere) return nullptr;
  take_out(place);
  unchain(place);
  entries_[place].older = std::exchange(free_, place);
  --size_;
  return std::exchange(entries_[place].token, nullptr);
}

}  // namespace portcullis
