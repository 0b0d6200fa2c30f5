// Logins to registries where memory runs out: whoever waits is answered, once, and the next one has a login.
#include <atomic>
#include <future>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "tests/broker/service_world.h"
#include "tests/broker/simulated_aws.h"
#include "tests/fault/allocations.h"

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

/// One who waits, and what came of it.
struct Caller {
  std::promise<bool> told;
  std::atomic<int> times{0};
  bool refused_to_wait = false;  ///< `login` threw
};

void ask(BrokerService& service, const LoginTarget& target, Caller& caller) {
  try {
    service.login(target, false, [&caller](const Result<SharedLogin>& brought) {
      if (++caller.times == 1) caller.told.set_value(brought.ok());
    });
  } catch (const std::bad_alloc&) {
    caller.refused_to_wait = true;
  }
}

/// Three ask for a login while the `nth` allocation of `whose` threads fails. Whether that was reached.
bool ask_without_memory(std::uint64_t nth, Outage outage, Whose whose) {
  FakeClock clock;
  SimulatedAws aws(clock);
  ServiceWorld world(aws);
  world.config->jump_role = kJumpRole;  // whose session is kept, and waited for
  const LoginTarget target = world.target();
  std::vector<Caller> callers(3);
  std::vector<std::future<bool>> answers;
  for (Caller& caller : callers) answers.push_back(caller.told.get_future());
  bool happened = false;
  {
    const AllocationOutage failing(nth, outage, whose);
    for (std::size_t i = 0; i < callers.size(); ++i) {
      ask(world.service, target, callers[i]);
      if (callers[i].refused_to_wait) continue;
      EXPECT_EQ(answers[i].wait_for(30s), std::future_status::ready) << "a caller waits for ever";
    }
    happened = AllocationOutage::happened();
  }
  for (const Caller& caller : callers) EXPECT_EQ(caller.times, caller.refused_to_wait ? 0 : 1);
  for (FakeClock* one : {&clock, &world.clock}) one->advance(1min);  // errors are repeated for seconds
  EXPECT_TRUE(world.log_in(target).ok()) << "nobody logs in any more";
  return happened;
}

void fail_each(Whose whose) {
  for (const Outage outage : {Outage::one, Outage::from_now}) {
    for (std::uint64_t nth = 1; ask_without_memory(nth, outage, whose); ++nth) {
      ASSERT_FALSE(testing::Test::HasFailure()) << "allocation " << nth;
    }
  }
}

TEST(LoginsWithoutMemory, AnswerWhoWaitsWhereTheirThreadHasNone) { fail_each(Whose::other_threads); }
TEST(LoginsWithoutMemory, AnswerWhoWaitsWhereTheCallerHasNone) { fail_each(Whose::this_thread); }

}  // namespace
}  // namespace portcullis::test
