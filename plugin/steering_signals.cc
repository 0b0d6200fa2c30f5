#include "plugin/steering_signals.h"

#include <chrono>
#include <ctime>

namespace portcullis {

SteeringSignals::SteeringSignals() {
  ::sigemptyset(&set_);
  for (const int signal : {SIGHUP, SIGUSR1, SIGTERM, SIGINT}) ::sigaddset(&set_, signal);
  ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

int SteeringSignals::wait() const {
  for (;;) {
    const int signal = ::sigwaitinfo(&set_, nullptr);
    if (signal > 0) return signal;  // else EINTR: a debugger, or a stopped terminal
  }
}

bool SteeringSignals::stop_within(Milliseconds time) const {
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left = std::max(std::chrono::steady_clock::duration::zero(), end - std::chrono::steady_clock::now());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec timeout{static_cast<std::time_t>(seconds.count()),
                           static_cast<long>(std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds).count())};
    const int signal = ::sigtimedwait(&set_, nullptr, &timeout);
    if (signal == SIGTERM || signal == SIGINT) return true;
    // A reload while stopping is not worth its while.
    if (signal < 0 && left == std::chrono::steady_clock::duration::zero()) return false;
  }
}

}  // namespace portcullis
