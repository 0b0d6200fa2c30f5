// Logins by identity: how long each is kept, when it is due for renewal, and which goes first when there are too many.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "broker/login.h"

namespace portcullis {

struct LoginCacheRules {
  std::chrono::milliseconds maximum = std::chrono::hours(3);          ///< kept no longer
  std::chrono::milliseconds margin = std::chrono::minutes(5);         ///< before it expires, a login is not given any more
  std::chrono::milliseconds refresh_ahead = std::chrono::minutes(5);  ///< before that it is due; at most half of its time
  std::chrono::milliseconds retry_after = std::chrono::seconds(30);   ///< after a renewal that failed
  std::chrono::milliseconds error_kept = std::chrono::seconds(5);     ///< an error is repeated for so long
  std::size_t entries = 10'000;
};

/// How long a login is kept: until it expires less `margin`, `maximum` at most; zero or less: it is used once and not kept. Absent
/// `expires`: it never does.
std::chrono::milliseconds kept_for(const LoginCacheRules& rules, const std::optional<TimePoint>& expires, TimePoint now) noexcept;

/// What is counted, from the start.
struct LoginCacheFigures {
  std::size_t entries = 0;   ///< at the moment
  std::size_t expiring = 0;  ///< of those, logins that expire within five minutes
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t stale = 0;  ///< a login past its time, and not expired, was given because no other could be had
  std::uint64_t evictions = 0;
};

/// Not safe from many threads: the caller guards it. Time is an argument.
class LoginCache {
 public:
  explicit LoginCache(LoginCacheRules rules = {}) : rules_(rules) {}

  struct Found {
    SharedLogin login;           ///< null: none
    std::optional<Error> error;  ///< why there is none, where that was found out a moment ago
    bool due = false;            ///< it is to be renewed now; told to one caller a time
  };
  /// What there is for `key`: a login within its time, or the error of a moment ago; nothing where the clock was set back behind the time
  /// of the last trial. Counts a hit or a miss.
  [[nodiscard]] Found find(const Sha256& key, TimePoint now);
  /// The same for a caller who asked already: nothing is counted, and nothing is due.
  [[nodiscard]] Found look(const Sha256& key, TimePoint now) const;
  /// A login past its time that has not expired, for when no other can be had; else null.
  [[nodiscard]] SharedLogin last_resort(const Sha256& key, TimePoint now);
  /// Keeps what was brought; `jitter` in [0, 1) spreads renewals. A login that is too short is not kept, and what stood there goes.
  /// `most` is a shorter time for a login that may change without notice.
  void put(const Sha256& key, SharedLogin login, TimePoint now, double jitter,
           std::chrono::milliseconds most = std::chrono::milliseconds::max());
  /// Nothing was brought. What stands there stays, and is due again after a while.
  void put_error(const Sha256& key, Error error, TimePoint now);

  /// When a login was last tried for `key`, whether or not one was brought; nothing where none stands there.
  [[nodiscard]] std::optional<TimePoint> tried_at(const Sha256& key) const;
  /// When the login of `key` expires; nothing where there is none or it never does.
  [[nodiscard]] std::optional<TimePoint> expires(const Sha256& key) const;
  /// Why the newest login could not be had; nothing where it could, or nobody asked.
  [[nodiscard]] std::optional<Error> last_error(const Sha256& key) const;
  [[nodiscard]] LoginCacheFigures figures(TimePoint now) const;
  void set_rules(const LoginCacheRules& rules);
  [[nodiscard]] const LoginCacheRules& rules() const noexcept { return rules_; }

 private:
  struct Entry {
    Sha256 key;
    SharedLogin login;  ///< null: an error alone
    TimePoint tried{};
    TimePoint fresh_until{};
    TimePoint due_at{};
    std::optional<Error> error{};
    TimePoint error_until{};
  };
  using Order = std::list<Entry>;

  Entry& at(const Sha256& key);
  void shrink();

  LoginCacheRules rules_;
  Order order_;  ///< the one that was used last is first
  std::unordered_map<Sha256, Order::iterator, Sha256Hash> index_;
  LoginCacheFigures counted_;
};

}  // namespace portcullis
