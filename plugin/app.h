// The daemon: every object built in order, and destroyed in reverse.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/io/entropy.h"
#include "base/io/environment.h"
#include "base/io/files.h"
#include "base/io/http.h"
#include "base/report/log.h"
#include "config/load.h"
#include "plugin/broker/broker_service.h"
#include "plugin/decisions/decision_log.h"
#include "plugin/gate_handler.h"
#include "plugin/gate_metrics.h"
#include "plugin/http/admin.h"
#include "plugin/http/server.h"
#include "plugin/keeper.h"
#include "plugin/log_output.h"
#include "plugin/service_notifier.h"
#include "verifier/token_cache.h"

namespace portcullis {

/// What the daemon is made with. The references outlive it.
struct AppSetup {
  std::string config_path;
  ConfigOverrides overrides;
  const Clock& clock;
  Files& files;
  Entropy& entropy;
  std::optional<std::string> notify_socket;  ///< $NOTIFY_SOCKET
  // For keys that come over the network; a configuration that names such a source needs both.
  HttpTransport* http = nullptr;
  const Environment* environment = nullptr;
};

class App {
 public:
  /// Builds and starts everything from a configuration without errors: when it returns, requests are answered. `findings` (warnings,
  /// notices) are logged. An `Error` for what the configuration names and cannot be had: files, users, addresses.
  static Result<std::unique_ptr<App>> start(const AppSetup& setup, Config config, const std::vector<Finding>& findings);
  App(const App&) = delete;
  App& operator=(const App&) = delete;
  /// Ends all connections and threads at once; `stop` first for a graceful end.
  ~App();

  /// `{"listen":["unix:/run/gate.sock","127.0.0.1:9180"],"admin":"127.0.0.1:9181"}`: what is bound, with the ports that the system chose.
  [[nodiscard]] std::string bound_json() const;
  [[nodiscard]] std::vector<std::string> gate_addresses() const;
  /// Empty where the admin listener is off.
  [[nodiscard]] std::string admin_address() const;
  [[nodiscard]] Log& log() noexcept { return log_; }
  [[nodiscard]] const LiveSnapshot& live() const noexcept { return keeper_->live(); }
  [[nodiscard]] const GateMetrics& metrics() const noexcept { return metrics_; }

  /// SIGHUP: reads everything anew. Returns at once.
  void reload() noexcept { keeper_->request_reload(); }
  /// SIGUSR1: opens the log file and the decision log anew.
  void reopen_log();
  /// Readiness goes, then the drain delay, then listeners close, then requests under way may end until the deadline. `pause(time)` waits
  /// and returns whether the wait should be cut short (a second signal); then every further wait is skipped.
  void stop(const std::function<bool(Milliseconds)>& pause);
  /// Requests under way.
  [[nodiscard]] std::size_t active() const;

 private:
  App(const AppSetup& setup, LogOutput output, const Config& config);
  Result<void> build(Config config);
  Result<void> open_listeners(const Config& config);
  void apply(const Config& config);
  [[nodiscard]] RemoteWorld remote_world(StopFlag& waits);
  void end_requests();

  // set once
  const AppSetup setup_;
  // each uses what stands before it
  LogOutput log_output_;
  Log log_;
  ServiceNotifier notifier_;
  GateMetrics metrics_;
  DecisionLog decisions_;
  TokenCache cache_;
  WaitingRoom room_;
  Admission admission_;
  TokenRelay relay_;
  TagLookup tags_;
  BrokerService broker_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<GateHandler> gate_handler_;
  std::unique_ptr<AdminHandler> admin_handler_;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<HttpServer> admin_;
  std::vector<std::unique_ptr<HttpServer>> gates_;
};

}  // namespace portcullis
