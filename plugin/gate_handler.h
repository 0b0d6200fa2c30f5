// The pure gate behind a listener: one look at the state, one decision, one counter, at most one log line. What would take long waits
// suspended.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/io/entropy.h"
#include "base/report/log.h"
#include "plugin/admission.h"
#include "plugin/broker/broker_service.h"
#include "plugin/decisions/decision_log.h"
#include "plugin/exchange/token_relay.h"
#include "plugin/gate.h"
#include "plugin/gate_metrics.h"
#include "plugin/http/connection.h"
#include "plugin/live_state.h"
#include "plugin/request_log.h"
#include "plugin/shadow.h"
#include "plugin/tag_lookup.h"
#include "plugin/waiting_room.h"
#include "plugin/worker_pool.h"
#include "verifier/token_cache.h"

namespace portcullis {

/// What a handler works with; all of it outlives the handler.
struct GateTools {
  const LiveSnapshot& live;
  TokenCache& cache;
  GateMetrics& metrics;
  Log& log;
  const Clock& clock;
  Entropy& entropy;      ///< makes the prefix of decision ids, which tells processes apart
  Admission& admission;  ///< of requests that wait
  WorkerPool& pool;      ///< checks signatures of costly keys
  WaitingRoom& room;     ///< keeps requests whose keys may be on their way
  TokenRelay& relay;     ///< asks the upstream token endpoint
  DecisionLog& decisions;
  TagLookup& tags;        ///< asks the registry
  BrokerService& broker;  ///< logs in to registries
  /// Asks the source of this name for a round of keys; false: none is under way and none is due, so waiting is no use. Safe from any
  /// thread.
  std::function<bool(std::string_view source)> nudge;
};

/// Safe from many threads.
class GateHandler final : public RequestHandler {
 public:
  explicit GateHandler(GateTools tools);

  [[nodiscard]] bool reads_body(std::string_view method, std::string_view raw_uri) const noexcept override;
  std::optional<HttpAnswer> handle(Connection& connection) override;
  /// By the configuration in force.
  [[nodiscard]] bool is_stranger(const Peer& peer) const noexcept override;
  /// Says so in the log, once a minute.
  void on_turned_away(const Peer& peer) noexcept override;

 private:
  struct Asked;
  struct Waiting;

  bool outlives_its_state(const Waiting& waiting) const noexcept;
  std::optional<HttpAnswer> ask(Connection& connection, const Asked& asked);
  std::optional<HttpAnswer> settle(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked,
                                   GateAnswer& given);
  Waiting* hold(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked, Admission& admission);
  bool check_elsewhere(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked);
  bool wait_for_keys(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked, const GateAnswer& given,
                     const std::vector<std::size_t>& lacking);
  void wake_if_ended(const SourceState& awaited) noexcept;
  bool ask_registry(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked, const GateAnswer& given);
  bool log_decision(const Connection& connection, const State& state, const Asked& asked, const GateAnswer& given, SteadyPoint end);
  bool ask_upstream(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked, const GateAnswer& given);
  bool ask_broker(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked, GateAnswer& given);
  bool ask_credentials(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked, GateAnswer& given);
  HttpAnswer finish(const Connection& connection, const LiveState& live, const Asked& asked, GateAnswer& given);
  /// 16 hex digits of this process, `-`, and a running number of at least 8 hex digits: unique, and cheap.
  [[nodiscard]] std::string next_id();

  // set once
  const GateTools tools_;
  std::string id_prefix_;
  // locks itself
  RequestLog log_;
  ShadowReport shadow_;
  std::atomic<std::uint64_t> ids_{0};
  std::atomic<std::int64_t> told_of_strangers_{0};  ///< the minute of the steady clock in which the log heard of them, from 1
};

}  // namespace portcullis
