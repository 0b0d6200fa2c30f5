// The shared cache: one fetch for all, renewed ahead of time, kept to the real end, and never a storm of failures.
#include <atomic>
#include <condition_variable>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "aws/credential_cache.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::kNow;

/// Gives numbered credentials that live `life`, or an error.
class Counting final : public CredentialSource {
 public:
  Counting(const Clock& clock, std::optional<Milliseconds> life) : clock_(clock), life_(life) {}
  Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override {
    ++calls;
    forced += refresh ? 1 : 0;
    if (hold) {
      std::unique_lock lock(gate_mutex);
      inside = true;
      gate.notify_all();
      gate.wait(lock, [this] { return open; });
    }
    if (failing) return Error{Reason::io_failed, "down"};
    auto made = std::make_shared<AwsCredentials>();
    made->access_key_id = "AKID" + std::to_string(calls.load());
    if (life_) made->expires = clock_.now() + *life_;
    return std::shared_ptr<const AwsCredentials>(made);
  }

  std::atomic<int> calls = 0;
  std::atomic<int> forced = 0;
  std::atomic<bool> failing = false;
  std::atomic<bool> hold = false;
  std::mutex gate_mutex;
  std::condition_variable gate;
  bool open = false;
  bool inside = false;

 private:
  const Clock& clock_;
  const std::optional<Milliseconds> life_;
};

struct Cached {
  explicit Cached(std::optional<Milliseconds> life, CredentialCache::Background background = {}) {
    auto made = std::make_unique<Counting>(clock, life);
    source = made.get();
    cache = std::make_unique<CredentialCache>(std::move(made), clock, entropy, std::move(background));
  }
  std::string id(bool refresh = false) {
    const auto answer = cache->credentials(refresh);
    return answer ? (*answer)->access_key_id : answer.error().detail;
  }

  test::FakeClock clock;
  test::HalfEntropy entropy;
  Counting* source = nullptr;
  std::unique_ptr<CredentialCache> cache;
};

TEST(CredentialCache, FetchesOnceWhatNeverExpires) {
  Cached world(std::nullopt);
  EXPECT_EQ(world.id(), "AKID1");
  world.clock.advance(24h * 365);
  EXPECT_EQ(world.id(), "AKID1");
}

TEST(CredentialCache, RenewsFiveMinutesAndALittleBeforeTheEnd) {
  Cached world(1h);
  EXPECT_EQ(world.id(), "AKID1");
  world.clock.advance(1h - 5min - 30s);  // the jitter is at most a tenth of five minutes
  EXPECT_EQ(world.id(), "AKID1");
  world.clock.advance(30s);
  EXPECT_EQ(world.id(), "AKID2");
}

TEST(CredentialCache, RenewsShortLivedOnesInTheirSecondHalf) {
  Cached world(6min);
  EXPECT_EQ(world.id(), "AKID1");
  world.clock.advance(2min);
  EXPECT_EQ(world.id(), "AKID1");
  world.clock.advance(1min);
  EXPECT_EQ(world.id(), "AKID2");
}

TEST(CredentialCache, HandsTheRenewalToTheBackgroundAndGoesOnWithTheOldOnes) {
  std::vector<std::function<void()>> tasks;
  Cached world(1h, [&tasks](std::function<void()> task) {
    tasks.push_back(std::move(task));
    return true;
  });
  EXPECT_EQ(world.id(), "AKID1");
  world.clock.advance(56min);
  EXPECT_EQ(world.id(), "AKID1");
  EXPECT_EQ(world.id(), "AKID1");
  ASSERT_EQ(tasks.size(), 1U);  // one task, however many ask
  EXPECT_EQ(world.source->calls, 1);
  tasks[0]();
  EXPECT_EQ(world.id(), "AKID2");
}

TEST(CredentialCache, RenewsOnTheCallersThreadWhereTheBackgroundIsFull) {
  Cached world(1h, [](const std::function<void()>&) { return false; });
  EXPECT_EQ(world.id(), "AKID1");
  world.clock.advance(56min);
  EXPECT_EQ(world.id(), "AKID2");
}

TEST(CredentialCache, FetchesAtTheEndWhereTheBackgroundLostItsTask) {
  Cached world(1h, [](const std::function<void()>&) { return true; });
  EXPECT_EQ(world.id(), "AKID1");
  world.clock.advance(56min);
  EXPECT_EQ(world.id(), "AKID1");
  world.clock.advance(4min);
  EXPECT_EQ(world.id(), "AKID2");
}

TEST(CredentialCache, KeepsThemToTheirRealEndWhereRenewalFailsAndNoLonger) {
  Cached world(1h);
  EXPECT_EQ(world.id(), "AKID1");
  world.source->failing = true;
  world.clock.advance(56min);
  EXPECT_EQ(world.id(), "AKID1");
  EXPECT_EQ(world.source->calls, 2);
  world.clock.advance(29s);
  EXPECT_EQ(world.id(), "AKID1");
  EXPECT_EQ(world.source->calls, 2);  // not tried again for 30 s
  world.clock.advance(1s);
  EXPECT_EQ(world.id(), "AKID1");
  EXPECT_EQ(world.source->calls, 3);
  world.clock.advance(4min - 30s - 1ms);
  EXPECT_EQ(world.id(), "AKID1");
  world.clock.advance(1ms + 2s);
  EXPECT_EQ(world.id(), "down");
}

TEST(CredentialCache, RepeatsAnErrorForTwoSecondsWithoutAsking) {
  Cached world(1h);
  world.source->failing = true;
  EXPECT_EQ(world.id(), "down");
  world.clock.advance(1999ms);
  EXPECT_EQ(world.id(), "down");
  EXPECT_EQ(world.source->calls, 1);
  world.source->failing = false;
  world.clock.advance(1ms);
  EXPECT_EQ(world.id(), "AKID2");
}

TEST(CredentialCache, FetchesAnewForThoseWhoWereRefusedOnceForAll) {
  Cached world(1h);
  EXPECT_EQ(world.id(), "AKID1");
  EXPECT_EQ(world.id(true), "AKID2");
  EXPECT_EQ(world.id(true), "AKID2");
  world.clock.advance(2s);
  EXPECT_EQ(world.id(true), "AKID3");
  EXPECT_EQ(world.source->forced, 2);
}

TEST(CredentialCache, TellsTheErrorToThoseWhoWereRefused) {
  Cached world(1h);
  EXPECT_EQ(world.id(), "AKID1");
  world.source->failing = true;
  EXPECT_EQ(world.id(true), "down");
  EXPECT_EQ(world.id(true), "down");
  EXPECT_EQ(world.id(), "AKID1");
  EXPECT_EQ(world.source->calls, 2);
}

TEST(CredentialCache, FetchesOnceForAllWhoWait) {
  Cached world(1h);
  world.source->hold = true;
  std::atomic<int> good = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] { good += world.id() == "AKID1" ? 1 : 0; });
  }
  {
    std::unique_lock lock(world.source->gate_mutex);
    world.source->gate.wait(lock, [&] { return world.source->inside; });
    world.source->open = true;
    world.source->gate.notify_all();
  }
  threads.clear();
  EXPECT_EQ(good, 16);
  EXPECT_EQ(world.source->calls, 1);
}

TEST(CredentialCache, SharesOneFailureAmongAllWhoWait) {
  Cached world(1h);
  world.source->hold = true;
  world.source->failing = true;
  std::atomic<int> down = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] { down += world.id() == "down" ? 1 : 0; });
  }
  {
    std::unique_lock lock(world.source->gate_mutex);
    world.source->gate.wait(lock, [&] { return world.source->inside; });
    world.source->open = true;
    world.source->gate.notify_all();
  }
  threads.clear();
  EXPECT_EQ(down, 16);
  EXPECT_EQ(world.source->calls, 1);
}

}  // namespace
}  // namespace portcullis
