// The admin listener: health, metrics, status and the public keys. It answers GET and HEAD, and decides nothing.
#pragma once

#include <atomic>
#include <string>

#include "base/clock.h"
#include "plugin/broker/broker_service.h"
#include "plugin/gate_metrics.h"
#include "plugin/http/connection.h"
#include "plugin/live_state.h"
#include "verifier/token_cache.h"

namespace portcullis {

/// Safe from many threads.
class AdminHandler final : public RequestHandler {
 public:
  /// All references outlive the handler. `stopping`: readiness is off.
  AdminHandler(const LiveSnapshot& live, const TokenCache& cache, const GateMetrics& metrics, const BrokerService& broker,
               const Clock& clock, const std::atomic<bool>& stopping)
      : live_(live), cache_(cache), metrics_(metrics), broker_(broker), clock_(clock), stopping_(stopping) {}

  [[nodiscard]] bool reads_body(std::string_view /*method*/, std::string_view /*raw_uri*/) const noexcept override { return false; }
  std::optional<HttpAnswer> handle(Connection& connection) override;

 private:
  [[nodiscard]] std::string metrics_text(const LiveState& live, TimePoint now) const;
  [[nodiscard]] HttpAnswer answer_path(std::string_view path, std::string_view query, const HttpRequest& request) const;

  const LiveSnapshot& live_;
  const TokenCache& cache_;
  const GateMetrics& metrics_;
  const BrokerService& broker_;
  const Clock& clock_;
  const std::atomic<bool>& stopping_;
};

}  // namespace portcullis
