#include "keystore/refresh/nudge.h"

namespace portcullis {

NudgeAnswer Nudge::ask(SteadyPoint now) noexcept {
  if (in_flight_) return NudgeAnswer::join;
  if (claimed_ && now - *claimed_ < cooldown_) {
    ++suppressed_;
    return NudgeAnswer::refused;
  }
  claimed_ = now;
  in_flight_ = true;
  return NudgeAnswer::start;
}

}  // namespace portcullis
