// A network of scripted answers, for code above `HttpTransport`.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/io/http.h"
#include "base/mutex.h"

namespace portcullis {

/// Answers each request with the next scripted answer and keeps what it was asked. Safe from many threads.
class FakeHttp final : public HttpTransport {
 public:
  void answer(int status, std::string body, HttpHeaders headers = {});
  void fail(std::string why);
  [[nodiscard]] Result<IncomingAnswer> send(const OutgoingRequest& request) override;
  /// Everything that was asked so far, in order.
  [[nodiscard]] std::vector<OutgoingRequest> asked() const;

 private:
  mutable Mutex mutex_;
  std::deque<Result<IncomingAnswer>> script_ GUARDED_BY(mutex_);
  std::vector<OutgoingRequest> asked_ GUARDED_BY(mutex_);
};

}  // namespace portcullis
