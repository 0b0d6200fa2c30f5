// The single writer of the state: one thread that reads what changed, builds the next state whole, and publishes it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/io/files.h"
#include "base/mutex.h"
#include "base/report/log.h"
#include "base/secret.h"
#include "config/load.h"
#include "keystore/refresh/nudge.h"
#include "keystore/refresh/source.h"
#include "plugin/fetcher.h"
#include "plugin/gate_metrics.h"
#include "plugin/issuer_feed.h"
#include "plugin/live_state.h"
#include "plugin/remote_source.h"
#include "plugin/stop_flag.h"
#include "plugin/waiting_room.h"
#include "plugin/watch.h"

namespace portcullis {

/// What the keeper works with; all of it outlives the keeper.
struct KeeperSetup {
  std::string config_path;
  ConfigOverrides overrides;
  Files& files;
  const Clock& clock;
  Log& log;
  GateMetrics& metrics;
  std::function<void(const Config&)> on_config;     ///< a reload has put this in force; on the keeper's thread
  std::function<void(std::string_view)> on_status;  ///< datagrams for the service manager; on the keeper's thread
  std::function<void()> on_tick;                    ///< now and then, as a sign of life; on the keeper's thread
  // What sources that are asked over the network need; where they are not given, such a source is a fault.
  std::function<RemoteWorld(StopFlag&)> remote_world{};  ///< the flag ends waits between attempts
  WaitingRoom* room = nullptr;                           ///< of requests that wait for a round
};

/// Owns the files that the configuration names. A change that cannot be used changes nothing: the last good state serves, and log, metrics
/// and health tell.
class Keeper {
 public:
  /// Reads everything that `config` names, on the caller's thread. Keys that cannot be read are no error: requests are answered 503 until
  /// they can. `Reason::config_invalid` and those of `read_markers` and `read_revocations` for the rest.
  static Result<std::unique_ptr<Keeper>> make(KeeperSetup setup, Config config);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  /// Stops the thread and waits for it.
  ~Keeper();

  /// Starts the thread.
  void start();
  /// Reads everything anew, changed or not (SIGHUP). Returns at once. Safe from any thread.
  void request_reload() noexcept;
  /// Asked by a request whose key `source` (`SourceState::name`) does not have. True: a round is under way or was begun, and who waits for
  /// the source is woken when it has ended. False: it is too early for another, or keys do not come over the network. Returns at once. Safe
  /// from any thread.
  [[nodiscard]] bool nudge(std::string_view source) EXCLUDES(nudge_mutex_);
  /// What requests see. Safe from many threads.
  [[nodiscard]] const LiveSnapshot& live() const noexcept { return *live_; }

 private:
  /// Compiled, and what their conditions read, once for each file: with very many patterns both take a moment.
  struct Policies {
    std::shared_ptr<const Policy> policy;
    std::shared_ptr<const Policy> shadow;
    LoggedClaims policy_reads;
    LoggedClaims shadow_reads;
  };
  /// What the next published state is made of.
  struct Draft {
    Config config;
    Secret markers;
    std::shared_ptr<const Revocations> revocations;
    Policies policies;
    UserTrust trust;
    std::shared_ptr<KeySource> source;  ///< of traditional keys; null where none are configured
    std::shared_ptr<Fetcher> fetcher;   ///< of a remote source; null for files
    SourceState source_state;
    std::vector<std::shared_ptr<IssuerFeed>> issuers;  ///< in the order of the configuration
    std::uint64_t rules_generation = 0;
  };
  /// A configuration that was read, is whole, and waits for the first keys of its new source.
  struct Candidate {
    Draft draft;
    std::vector<Finding> findings;
  };
  /// Of which keys, and when, the ends of their certificates were looked at last.
  struct Endings {
    std::shared_ptr<const KeySet> keys;
    TimePoint seen;
  };
  /// What is to be read again.
  struct Due {
    bool config = false;
    bool keys = false;
    bool marker = false;
    bool revocations = false;
    bool forced = false;  ///< the configuration even if its bytes are the same

    [[nodiscard]] bool any() const noexcept { return config || keys || marker || revocations; }
  };

  explicit Keeper(KeeperSetup setup, Config config);
  Result<Draft> read_draft(Config config, const Draft* before);
  Result<void> compile_policies(const Config& config, const Draft* same, Draft& draft);
  [[nodiscard]] std::shared_ptr<const LiveState> build_live() const;
  void publish();
  void set_nudges() EXCLUDES(nudge_mutex_);
  void report_status();

  // The thread.
  void run();
  template <class Step>
  void guarded(Step step) noexcept;
  void begin();
  void turn();
  void wait_for_events(SteadyPoint until);
  void wake() noexcept;
  void take_rounds();
  void mark(const std::set<std::string>& files);
  [[nodiscard]] SteadyPoint next_wake() const;
  void handle(Due due);
  void follow_files();

  // The configuration: in force at once, or a candidate until its source has answered.
  bool reload_config(bool forced);
  bool take_config(LoadedConfig loaded, bool forced);
  void begin_candidate(Draft draft, std::vector<Finding> findings);
  void end_candidate(Result<ParsedKeys> brought);
  void drop_candidate(const Fetcher* used);
  void put_in_force(Draft next, const std::vector<Finding>& findings);
  void refuse_reload(const std::vector<Finding>& findings);
  void accept_reload(const Config& before, const std::vector<Finding>& findings);
  void release_waiters() EXCLUDES(nudge_mutex_);
  void begin_reload_notice();
  void end_reload_notice();

  // One for each other kind of input. They change the draft or leave it, and say whether there is something to publish.
  bool read_marker();
  bool read_revocation_list();
  bool key_round();
  bool end_round(Result<ParsedKeys> brought);
  Result<void> make_source(const Config& config, const Draft* before, Draft& draft);

  // The OIDC issuers, each for itself.
  Result<void> make_issuers(const Config& config, const Draft* before, Draft& draft);
  void retire_issuers(const Draft& former);
  bool begin_issuer_rounds(SteadyPoint now);
  void take_issuer_rounds();
  void mark_issuers_of(const std::string& file);
  void mark_issuer_files();
  [[nodiscard]] std::vector<std::string> key_files() const;
  void recall();
  void remember();
  [[nodiscard]] Milliseconds remote_interval(std::optional<Milliseconds> max_age) const;
  [[nodiscard]] Milliseconds round_interval() const;
  void watch_age();

  // set once
  const KeeperSetup setup_;
  const Config running_;  ///< the configuration at start: what listeners and threads were made from
  // locks itself
  StopFlag waits_;  ///< ends pauses of sources
  std::unique_ptr<LiveSnapshot> live_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> reload_{false};
  std::atomic<bool> nudged_{false};
  int wake_ = -1;
  // guarded by nudge_mutex_
  Mutex nudge_mutex_;
  Nudge nudge_ GUARDED_BY(nudge_mutex_){Milliseconds(0)};
  bool remote_ GUARDED_BY(nudge_mutex_) = false;
  std::vector<std::shared_ptr<IssuerFeed>> feeds_ GUARDED_BY(nudge_mutex_);  ///< those in force
  // the keeper's thread only (before `start`: the maker's)
  std::optional<RemoteWorld> world_;
  std::vector<std::shared_ptr<Fetcher>> retired_;  ///< of sources that a reload replaced, until their last round has ended
  std::vector<std::shared_ptr<IssuerFeed>> retired_issuers_;
  Draft draft_;
  std::optional<Candidate> candidate_;
  std::optional<std::string> left_source_;  ///< the name of the source before, where it is another since the state was last published
  bool reloading_ = false;                  ///< the service manager was told of a reload, and not yet of its end
  KeyUses key_uses_;
  InputFaults faults_;
  TimePoint config_loaded_;
  std::optional<TimePoint> reload_attempted_;
  std::uint64_t generations_ = 0;
  FileWatch watch_;
  std::vector<std::string> watched_;
  Due due_;
  SteadyPoint due_at_{};
  SteadyPoint next_look_{};
  SteadyPoint next_round_{};
  unsigned failed_rounds_ = 0;
  unsigned failed_steps_ = 0;  ///< of the thread, one after the other
  Freshness freshness_ = Freshness::empty;
  Endings endings_;
  std::thread thread_;
};

}  // namespace portcullis
