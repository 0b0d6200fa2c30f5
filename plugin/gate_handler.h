// The pure gate behind a listener: one look at the state, one decision, one counter, at most one log line.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/io/entropy.h"
#include "base/report/log.h"
#include "plugin/gate_metrics.h"
#include "plugin/http/connection.h"
#include "plugin/live_state.h"
#include "plugin/request_log.h"
#include "verifier/token_cache.h"

namespace portcullis {

/// Safe from many threads.
class GateHandler final : public RequestHandler {
 public:
  /// All references outlive the handler. `entropy` makes the prefix of decision ids, which tells processes apart.
  GateHandler(const LiveSnapshot& live, TokenCache& cache, GateMetrics& metrics, Log& log, const Clock& clock, Entropy& entropy);

  [[nodiscard]] bool reads_body(std::string_view method, std::string_view raw_uri) const noexcept override;
  HttpAnswer handle(Connection& connection) override;

 private:
  /// 16 hex digits of this process, `-`, and a running number of at least 8 hex digits: unique, and cheap.
  [[nodiscard]] std::string next_id();

  // set once
  const LiveSnapshot& live_;
  const Clock& clock_;
  std::string id_prefix_;
  // locks itself
  TokenCache& cache_;
  GateMetrics& metrics_;
  RequestLog log_;
  std::atomic<std::uint64_t> ids_{0};
};

}  // namespace portcullis
