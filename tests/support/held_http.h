// A network that answers when the test says so, for daemons whose keys come over it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/io/http.h"
#include "base/mutex.h"
#include "tests/support/key_sets.h"

namespace portcullis::test {

/// Each call waits for an answer to its URL. Safe from many threads.
class HeldHttp final : public HttpTransport {
 public:
  static constexpr std::string_view kUrl = "https://keys.example/jwks.json";

  Result<IncomingAnswer> send(const OutgoingRequest& request) override {
    const MutexLock lock(mutex_);
    Url& url = urls_[request.url];
    ++url.asked;
    changed_.notify_all();
    while (url.answers.empty() && !open_) changed_.wait(mutex_);
    if (url.answers.empty()) return IncomingAnswer{.status = 403, .headers = {}, .body = {}};
    const std::string body = url.answers.front();
    url.answers.pop_front();
    if (body.empty()) return Error{Reason::io_failed, "connection reset"};
    return IncomingAnswer{.status = 200, .headers = {}, .body = body};
  }
  /// The next call of `url` is answered with this JWKS; with an empty one it fails.
  void answer(std::string jwks, std::string_view url = kUrl) {
    const MutexLock lock(mutex_);
    urls_[std::string(url)].answers.push_back(std::move(jwks));
    changed_.notify_all();
  }
  /// How many calls of `url` there were, those under way too.
  [[nodiscard]] int asked(std::string_view url = kUrl) {
    const MutexLock lock(mutex_);
    return urls_[std::string(url)].asked;
  }
  /// From now on every call without an answer is refused at once, in the way that nobody repeats.
  void open() {
    const MutexLock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  struct Url {
    std::deque<std::string> answers;
    int asked = 0;
  };

  Mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Url, std::less<>> urls_ GUARDED_BY(mutex_);
  bool open_ GUARDED_BY(mutex_) = false;
};

/// A JWKS of these public keys.
inline std::string jwks(std::initializer_list<std::pair<std::string_view, const KeyPair*>> keys) {
  std::string text;
  for (const auto& [kid, key] : keys) {
    JwkOptions options;
    options.kid = kid;
    text += (text.empty() ? "" : ",") + key->public_jwk(options);
  }
  return R"({"keys":[)" + text + "]}";
}

}  // namespace portcullis::test
