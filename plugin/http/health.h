// Whether the process should get traffic, as named checks: what `/readyz` answers. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "plugin/http/message.h"
#include "plugin/live_state.h"

namespace portcullis {

struct HealthCheck {
  std::string name;
  bool good;
  std::string note;  ///< for `?verbose`: what is, or what is not as it should be though the check is good
};

/// `config`, `keys`, `marker`, `revocations`, `decisionLog`, `shutdown`. A refused reload, marker or revocations file is told and does not
/// take readiness: the last good one serves. Nor does a decision log that cannot be written (`log_failing`): another gate's disk is as
/// full.
std::vector<HealthCheck> readiness(const LiveState& live, bool log_failing, bool stopping, TimePoint now);

/// 200 or 503 for `checks`, the excluded ones left out. `query`: what stands behind the `?` of the request: `verbose`, `exclude=name`
/// (often).
HttpAnswer answer_health(std::string_view probe, const std::vector<HealthCheck>& checks, std::string_view query);

}  // namespace portcullis
