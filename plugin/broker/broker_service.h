// Logins to the registries behind the gate, for requests that wait suspended: cached, renewed ahead while in use, made once however many
// wait for it.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/codec/json_writer.h"
#include "base/digest.h"
#include "base/io/entropy.h"
#include "base/io/environment.h"
#include "base/io/files.h"
#include "base/io/http.h"
#include "base/mutex.h"
#include "base/report/log.h"
#include "base/report/metrics.h"
#include "base/result.h"
#include "broker/authenticator.h"
#include "broker/login_cache.h"
#include "broker/login_target.h"
#include "plugin/admission.h"
#include "plugin/broker/broker_metrics.h"
#include "plugin/broker/caller_lines.h"
#include "plugin/broker/stoppable_http.h"
#include "plugin/stop_flag.h"
#include "plugin/worker_pool.h"

namespace portcullis {

/// What a service works with. The references outlive it.
struct BrokerSetup {
  HttpTransport* http = nullptr;             ///< null: every login that needs the network fails
  const Environment* environment = nullptr;  ///< null: an empty one
  Files& files;
  const Clock& clock;
  Entropy& entropy;
  Log& log;
  unsigned threads = 8;       ///< logins at once, of requests; of callers half as many beside them, of one caller half of those
  std::size_t places = 1024;  ///< requests that wait
  std::size_t queue = 4096;   ///< logins under way and waiting for a thread; more fail at once
};

/// Safe from many threads.
class BrokerService {
 public:
  /// Does not throw: others wait behind it.
  using Done = std::function<void(Result<SharedLogin>)>;
  /// A login that a caller asks to have anew is tried at most so often an identity, whether or not that works.
  static constexpr Milliseconds kFreshEvery{10'000};
  /// How long a request waits for a login.
  static constexpr Milliseconds kLongestWait{15'000};
  /// How long a login is kept that never expires by itself: its file may change.
  static constexpr Milliseconds kStaticKept{10'000};

  explicit BrokerService(BrokerSetup setup);
  BrokerService(const BrokerService&) = delete;
  BrokerService& operator=(const BrokerService&) = delete;
  /// `stop`, then waits for logins under way.
  ~BrokerService();

  /// Which requests may wait for a login that they carry.
  [[nodiscard]] Admission& admission() noexcept { return admission_; }
  /// Which callers may wait for a login of their own: a quarter as many, beside the places of requests.
  [[nodiscard]] Admission& callers() noexcept { return callers_; }
  /// The login at hand, or null: then `login` is to be called. Never waits; one that is due is renewed in the background.
  [[nodiscard]] SharedLogin find(const LoginTarget& target) EXCLUDES(mutex_);
  /// Hands a login to `done`, once: on this thread where one is at hand, else on another. One login is made for all who ask for the same
  /// key meanwhile. `fresh`: the registry refused the one at hand, so another is made (`kFreshEvery`). Errors of `Authenticator::log_in`;
  /// `Reason::overloaded` where the queue is full; `Reason::credentials_unavailable` where it takes longer than `kLongestWait` or the
  /// process ends. Where a login cannot be renewed, one that has not expired is given to all but those who asked for a fresh one. Where it
  /// throws (`std::bad_alloc`), `done` is never called.
  ///
  /// `caller`: who asks for a login of his own, so that what is made anew counts against his budget and waits in his line (`CallerLines`,
  /// `Reason::overloaded`), and never keeps a request waiting, not even one that wants the same login; empty: a request of the gate.
  void login(const LoginTarget& target, bool fresh, Done done, const std::string& caller = {}) EXCLUDES(mutex_);
  /// Takes the rules of the cache from a configuration; what is cached stays.
  void configure(const BrokerConfig& config) EXCLUDES(mutex_);
  /// Ends the waits that have lasted too long. To be called every second or two.
  void tick() EXCLUDES(mutex_);
  /// The process is ending: nobody enters any more, everybody who waits is told so now, and calls under way are given up.
  void stop() EXCLUDES(mutex_);

  /// The series of the broker; `config` names the registries, and may be null.
  void add_metrics(MetricsText& text, const std::shared_ptr<const BrokerConfig>& config) const EXCLUDES(mutex_);
  /// An object: each registry of `config` with its kind, the end of its login and the newest error, and the cache.
  void write_status(JsonWriter& json, const std::shared_ptr<const BrokerConfig>& config) const EXCLUDES(mutex_);
  [[nodiscard]] LoginCacheFigures figures() const EXCLUDES(mutex_);

 private:
  struct Waiter {
    Done done;
    SteadyPoint deadline;
    bool fresh;
  };
  using Waiters = std::vector<Waiter>;
  /// A login under way, and who waits for it.
  struct Flight {
    Waiters waiters;
    bool of_gate = false;  ///< it is in the queue of the gate's own threads, or has been: a caller's line holds it up no more
    bool begun = false;    ///< some thread makes it
  };

  std::optional<Result<SharedLogin>> at_hand(const LoginTarget& target, bool fresh) REQUIRES(mutex_);
  Result<bool> new_flight(const LoginTarget& target, Waiter waiter, const std::string& caller) REQUIRES(mutex_);
  void start(const LoginTarget& target, const std::string& caller) noexcept EXCLUDES(mutex_);
  void run(const LoginTarget& target, const std::string& caller) noexcept EXCLUDES(mutex_);
  bool begin(const Sha256& key) noexcept EXCLUDES(mutex_);
  void start_next(const std::string& caller) noexcept EXCLUDES(mutex_);
  void note_login(const LoginTarget& target, const Result<SharedLogin>& brought) noexcept;
  void land(const LoginTarget& target, const Result<SharedLogin>& brought) noexcept EXCLUDES(mutex_);
  Waiters take(const Sha256& key) noexcept REQUIRES(mutex_);
  static void tell(const Waiters& waiters, const Result<SharedLogin>& brought, const SharedLogin& old) noexcept;
  void note(const AssumeRoleReport& report);
  [[nodiscard]] BrokerTools tools();

  // set once
  const BrokerSetup setup_;
  const FakeEnvironment no_environment_;
  // locks itself
  std::atomic<bool> stopping_{false};
  StopFlag waits_;
  StoppableHttp http_;
  Admission admission_;
  Admission callers_;
  BrokerMetrics metrics_;
  Authenticator authenticator_;
  // guarded by mutex_
  mutable Mutex mutex_;
  LoginCache cache_ GUARDED_BY(mutex_);
  std::unordered_map<Sha256, Flight, Sha256Hash> flights_ GUARDED_BY(mutex_);
  CallerLines lines_ GUARDED_BY(mutex_);
  // lock themselves; last, so that their threads end first
  WorkerPool pool_;
  WorkerPool callers_pool_;
};

}  // namespace portcullis
