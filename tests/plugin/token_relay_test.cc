// Calls to another token endpoint: each is answered once, in time, whatever the endpoint or the process does.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/mutex.h"
#include "plugin/exchange/token_relay.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_http.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const OutgoingRequest> call_to(const std::string& url) {
  OutgoingRequest request;
  request.method = "GET";
  request.url = url;
  request.timeout = 30s;
  return std::make_shared<const OutgoingRequest>(std::move(request));
}

/// Gathers what calls brought.
class Answers {
 public:
  TokenRelay::Done taker() {
    return [this](Result<IncomingAnswer> brought) {
      const MutexLock lock(mutex_);
      ++count_;
      if (brought.ok()) ++good_;
      if (!brought.ok()) fault_ = brought.error().detail;
      changed_.notify_all();
    };
  }
  void wait_for(int count) {
    const MutexLock lock(mutex_);
    while (count_ < count) changed_.wait(mutex_);
  }
  [[nodiscard]] int count() {
    const MutexLock lock(mutex_);
    return count_;
  }
  [[nodiscard]] int good() {
    const MutexLock lock(mutex_);
    return good_;
  }
  [[nodiscard]] std::string fault() {
    const MutexLock lock(mutex_);
    return fault_;
  }

 private:
  Mutex mutex_;
  std::condition_variable_any changed_;
  int count_ GUARDED_BY(mutex_) = 0;
  int good_ GUARDED_BY(mutex_) = 0;
  std::string fault_ GUARDED_BY(mutex_);
};

/// Answers when the test opens it, or when the call is given up.
class HeldEndpoint final : public HttpTransport {
 public:
  Result<IncomingAnswer> send(const OutgoingRequest& request) override {
    ++asked_;
    asked_.notify_all();
    left_ = request.timeout;
    while (!open_ && !request.stop->load()) std::this_thread::yield();
    if (!open_) return Error{Reason::io_failed, "the call was given up"};
    return IncomingAnswer{.status = 200, .headers = {}, .body = {}};
  }
  void wait_until_asked() { asked_.wait(0); }
  void open() { open_ = true; }
  [[nodiscard]] int asked() const { return asked_; }
  [[nodiscard]] std::chrono::milliseconds left() const { return left_; }

 private:
  std::atomic<int> asked_{0};
  std::atomic<bool> open_{false};
  std::atomic<std::chrono::milliseconds> left_{};
};

TEST(TokenRelay, HandsEachAnswerToItsRequest) {
  test::FakeClock clock;
  FakeHttp http;
  for (int i = 0; i < 20; ++i) http.answer(200, "{}");
  TokenRelay relay(&http, clock, 4, 100);
  Answers answers;
  for (int i = 0; i < 20; ++i) relay.submit(call_to("https://t/" + std::to_string(i)), answers.taker());
  answers.wait_for(20);
  EXPECT_EQ(answers.good(), 20);
  EXPECT_EQ(http.asked().size(), 20U);
}

TEST(TokenRelay, SaysWhyThereWasNoAnswer) {
  test::FakeClock clock;
  FakeHttp http;
  http.fail("connection refused");
  TokenRelay relay(&http, clock, 1, 1);
  Answers answers;
  relay.submit(call_to("https://t/"), answers.taker());
  answers.wait_for(1);
  EXPECT_NE(answers.fault().find("connection refused"), std::string::npos);
}

TEST(TokenRelay, FailsWithoutANetwork) {
  test::FakeClock clock;
  TokenRelay relay(nullptr, clock, 1, 1);
  Answers answers;
  relay.submit(call_to("https://t/"), answers.taker());
  answers.wait_for(1);
  EXPECT_EQ(answers.good(), 0);
}

TEST(TokenRelay, CountsTheTimeInTheQueue) {
  test::FakeClock clock;
  HeldEndpoint endpoint;
  TokenRelay relay(&endpoint, clock, 1, 10);
  Answers answers;
  relay.submit(call_to("https://t/first"), answers.taker());
  endpoint.wait_until_asked();
  EXPECT_EQ(endpoint.left(), 30s);
  relay.submit(call_to("https://t/late"), answers.taker());
  clock.advance(29999ms);
  relay.submit(call_to("https://t/in-time"), answers.taker());
  clock.advance(1ms);
  endpoint.open();
  answers.wait_for(3);
  EXPECT_EQ(endpoint.asked(), 2);
  EXPECT_EQ(endpoint.left(), 29999ms);
  EXPECT_EQ(answers.good(), 2);
  EXPECT_NE(answers.fault().find("too slow"), std::string::npos);
}

TEST(TokenRelay, TellsEverybodyOnceThatTheProcessEnds) {
  test::FakeClock clock;
  HeldEndpoint endpoint;
  Answers answers;
  {
    TokenRelay relay(&endpoint, clock, 1, 10);
    for (int i = 0; i < 3; ++i) relay.submit(call_to("https://t/"), answers.taker());
    endpoint.wait_until_asked();
    relay.stop();
    EXPECT_EQ(answers.count(), 3);
    EXPECT_FALSE(relay.admission().enter("late").has_value());
    relay.submit(call_to("https://t/"), answers.taker());
    EXPECT_EQ(answers.count(), 4);
    relay.stop();
  }
  EXPECT_EQ(answers.count(), 4);
  EXPECT_EQ(answers.good(), 0);
  EXPECT_EQ(endpoint.asked(), 1);
}

}  // namespace
}  // namespace portcullis
