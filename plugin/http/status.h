// `/status`: what an operator asks first, as one JSON object. No token, no secret, no claim.
#pragma once

#include <string>

#include "base/clock.h"
#include "plugin/broker/broker_service.h"
#include "plugin/gate_metrics.h"
#include "plugin/live_state.h"
#include "verifier/token_cache.h"

namespace portcullis {

/// Sources with state, age, digest and keys (uses, last use, what is set aside and why), the configuration and its newest reload, the
/// cache, the broker, and refusals by reason.
std::string status_json(const LiveState& live, const GateMetrics& metrics, const TokenCache& cache, const BrokerService& broker,
                        bool stopping, TimePoint now);

}  // namespace portcullis
