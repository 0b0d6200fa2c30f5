// The network until the process ends: then every call under way is given up.
#pragma once

#include <atomic>

#include "base/io/http.h"

namespace portcullis {

/// Safe from many threads.
class StoppableHttp final : public HttpTransport {
 public:
  /// `http` may be null, then every call fails. Both outlive the transport.
  StoppableHttp(HttpTransport* http, const std::atomic<bool>& stop) : http_(http), stop_(stop) {}

  [[nodiscard]] Result<IncomingAnswer> send(const OutgoingRequest& request) override {
    if (http_ == nullptr) return Error{Reason::io_failed, "there is no network"};
    if (stop_) return Error{Reason::io_failed, "the process is ending"};
    OutgoingRequest stoppable = request;
    stoppable.stop = &stop_;
    return http_->send(stoppable);
  }

 private:
  HttpTransport* const http_;
  const std::atomic<bool>& stop_;
};

}  // namespace portcullis
