#include "broker/login_cache.h"

#include <algorithm>
#include <utility>

namespace portcullis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kExpiring = std::chrono::minutes(5);
/// Renewals begin up to this part of `refresh_ahead` earlier, so that logins that came together are not renewed together.
constexpr double kSpread = 0.5;

}  // namespace

milliseconds kept_for(const LoginCacheRules& rules, const std::optional<TimePoint>& expires, TimePoint now) noexcept {
  if (!expires) return rules.maximum;
  // A far expiry must not overflow: it is compared before anything is taken from it.
  if (*expires >= now + rules.maximum + rules.margin) return rules.maximum;
  return std::min(rules.maximum, *expires - rules.margin - now);
}

LoginCache::Found LoginCache::look(const Sha256& key, TimePoint now) const {
  const auto place = index_.find(key);
  if (place == index_.end()) return {};
  const Entry& entry = *place->second;
  // Tried in the future: the clock was set back, which is no reason to believe a login or an error longer.
  if (now < entry.tried) return {};
  if (entry.login && now < entry.fresh_until && !has_ended(*entry.login, now)) return {.login = entry.login, .error = {}, .due = false};
  if (entry.error && now < entry.error_until) return {.login = nullptr, .error = entry.error, .due = false};
  return {};
}

LoginCache::Found LoginCache::find(const Sha256& key, TimePoint now) {
  Found found = look(key, now);
  ++(found.login ? counted_.hits : counted_.misses);
  const auto place = index_.find(key);
  if (place == index_.end()) return found;
  order_.splice(order_.begin(), order_, place->second);
  Entry& entry = *place->second;
  found.due = found.login != nullptr && now >= entry.due_at;
  // Whoever hears that it is due renews it; the others go on meanwhile.
  if (found.due) entry.due_at = now + rules_.retry_after;
  return found;
}

SharedLogin LoginCache::last_resort(const Sha256& key, TimePoint now) {
  const auto place = index_.find(key);
  if (place == index_.end()) return nullptr;
  const Entry& entry = *place->second;
  if (!entry.login || !entry.login->expires || has_ended(*entry.login, now)) return nullptr;
  ++counted_.stale;
  return entry.login;
}

LoginCache::Entry& LoginCache::at(const Sha256& key) {
  const auto place = index_.find(key);
  if (place != index_.end()) {
    order_.splice(order_.begin(), order_, place->second);
    return *place->second;
  }
  Order made;  // whole or not at all, whatever throws
  made.push_front(Entry{.key = key, .login = nullptr});
  index_.emplace(key, made.begin());
  order_.splice(order_.begin(), made);
  shrink();
  return order_.front();
}

void LoginCache::shrink() {
  while (order_.size() > std::max<std::size_t>(1, rules_.entries)) {
    index_.erase(order_.back().key);
    order_.pop_back();
    ++counted_.evictions;
  }
}

void LoginCache::put(const Sha256& key, SharedLogin login, TimePoint now, double jitter, milliseconds most) {
  const milliseconds life = std::min(most, kept_for(rules_, login->expires, now));
  if (life <= milliseconds(0)) {
    const auto place = index_.find(key);
    if (place == index_.end()) return;
    order_.erase(place->second);
    index_.erase(place);
    return;
  }
  const milliseconds ahead = std::min(rules_.refresh_ahead, life / 2);
  const auto earlier = static_cast<std::int64_t>(static_cast<double>(ahead.count()) * kSpread * std::clamp(jitter, 0.0, 1.0));
  Entry& entry = at(key);
  entry.login = std::move(login);
  entry.tried = now;
  entry.fresh_until = now + life;
  entry.due_at = entry.fresh_until - ahead - milliseconds(earlier);
  entry.error.reset();
}

void LoginCache::put_error(const Sha256& key, Error error, TimePoint now) {
  Entry& entry = at(key);
  entry.tried = now;
  entry.error = std::move(error);
  entry.error_until = now + rules_.error_kept;
  entry.due_at = now + rules_.retry_after;
}

std::optional<TimePoint> LoginCache::tried_at(const Sha256& key) const {
  const auto place = index_.find(key);
  if (place == index_.end() || !place->second->login) return std::nullopt;
  return place->second->tried;
}

std::optional<TimePoint> LoginCache::expires(const Sha256& key) const {
  const auto place = index_.find(key);
  if (place == index_.end() || !place->second->login) return std::nullopt;
  return place->second->login->expires;
}

std::optional<Error> LoginCache::last_error(const Sha256& key) const {
  const auto place = index_.find(key);
  return place == index_.end() ? std::nullopt : place->second->error;
}

LoginCacheFigures LoginCache::figures(TimePoint now) const {
  LoginCacheFigures figures = counted_;
  figures.entries =
      static_cast<std::size_t>(std::count_if(order_.begin(), order_.end(), [](const Entry& entry) { return entry.login != nullptr; }));
  figures.expiring = static_cast<std::size_t>(std::count_if(order_.begin(), order_.end(), [now](const Entry& entry) {
    return entry.login && entry.login->expires && *entry.login->expires > now && *entry.login->expires <= now + kExpiring;
  }));
  return figures;
}

void LoginCache::set_rules(const LoginCacheRules& rules) {
  rules_ = rules;
  shrink();
}

}  // namespace portcullis
