// An AWS that answers by the test's clock, from many threads: sessions of an hour, passwords of twelve.
#pragma once

#include <atomic>
#include <string>

#include "base/io/http.h"
#include "tests/broker/broker_world.h"

namespace portcullis::test {

/// Counts its calls. Safe from many threads.
class SimulatedAws final : public HttpTransport {
 public:
  explicit SimulatedAws(const Clock& clock) : clock_(clock) {}

  Result<IncomingAnswer> send(const OutgoingRequest& request) override {
    if (request.url.starts_with("https://sts.")) {
      ++assumed;
      if (down) return Error{Reason::io_failed, "sts: connection refused"};
      if (denied) return IncomingAnswer{.status = 403, .headers = {}, .body = sts_error("AccessDenied")};
      return IncomingAnswer{.status = 200, .headers = {}, .body = session(clock_.now() + std::chrono::seconds(session_seconds.load()))};
    }
    ++passwords;
    if (down) return Error{Reason::io_failed, "ecr: connection refused"};
    return IncomingAnswer{
        .status = 200, .headers = {}, .body = password(clock_.now() + std::chrono::hours(12), "password-" + std::to_string(passwords))};
  }

  std::atomic<int> assumed{0};
  std::atomic<int> passwords{0};
  std::atomic<bool> down{false};
  std::atomic<bool> denied{false};
  std::atomic<int> session_seconds{3600};

 private:
  const Clock& clock_;
};

}  // namespace portcullis::test
