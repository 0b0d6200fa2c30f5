#include "tests/support/fake_http.h"

#include <utility>

namespace portcullis {

void FakeHttp::answer(int status, std::string body, HttpHeaders headers) {
  const MutexLock lock(mutex_);
  script_.emplace_back(IncomingAnswer{.status = status, .headers = std::move(headers), .body = std::move(body)});
}

void FakeHttp::fail(std::string why) {
  const MutexLock lock(mutex_);
  script_.emplace_back(Error{Reason::io_failed, std::move(why)});
}

Result<IncomingAnswer> FakeHttp::send(const OutgoingRequest& request) {
  const MutexLock lock(mutex_);
  asked_.push_back(request);
  if (script_.empty()) return Error{Reason::io_failed, "nothing more is scripted"};
  Result<IncomingAnswer> next = std::move(script_.front());
  script_.pop_front();
  return next;
}

std::vector<OutgoingRequest> FakeHttp::asked() const {
  const MutexLock lock(mutex_);
  return asked_;
}

}  // namespace portcullis
