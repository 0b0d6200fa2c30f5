// Logins to registries where memory runs out: whoever waits is answered, once, and the next one has a login.
#include <atomic>
#include <future>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/broker/login_answer.h"
#include "tests/broker/service_world.h"
#include "tests/broker/simulated_aws.h"
#include "tests/fault/allocations.h"
#include "tests/fault/each_allocation.h"

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

/// One who waits, and what came of it.
struct Caller {
  std::promise<bool> told;
  std::atomic<int> times{0};
  bool refused_to_wait = false;  ///< `login` threw
};

/// `name`: of a caller of /v1/credentials; empty: a request of the gate.
void ask(BrokerService& service, const LoginTarget& target, const std::string& name, Caller& caller) {
  try {
    const auto done = [&caller](const Result<SharedLogin>& brought) {
      if (++caller.times == 1) caller.told.set_value(brought.ok());
    };
    service.login(target, false, done, name);
  } catch (const std::bad_alloc&) {
    caller.refused_to_wait = true;
  }
}

/// Three ask for a login while the `nth` allocation of `whose` threads fails. Whether that was reached.
bool ask_without_memory(std::uint64_t nth, Outage outage, Whose whose, const std::string& name) {
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
      ask(world.service, target, name, callers[i]);
      if (callers[i].refused_to_wait) continue;
      EXPECT_EQ(answers[i].wait_for(30s), std::future_status::ready) << "a caller waits for ever";
    }
    happened = AllocationOutage::happened();
  }
  for (const Caller& caller : callers) EXPECT_EQ(caller.times, caller.refused_to_wait ? 0 : 1);
  for (FakeClock* one : {&clock, &world.clock}) one->advance(1min);  // errors are repeated for seconds
  EXPECT_TRUE(world.log_in(target).ok()) << "nobody logs in any more";
  // Nor has the caller lost his place in line: there is one.
  std::future<Result<SharedLogin>> another = world.ask(world.target(role_login("another")), false, name);
  EXPECT_TRUE(another.wait_for(30s) == std::future_status::ready && another.get().ok()) << "the line does not move any more";
  return happened;
}

void fail_each(Whose whose, const std::string& name = {}) {
  for (const Outage outage : {Outage::one, Outage::from_now}) {
    for (std::uint64_t nth = 1; ask_without_memory(nth, outage, whose, name); ++nth) {
      ASSERT_FALSE(testing::Test::HasFailure()) << "allocation " << nth;
    }
  }
}

TEST(LoginsWithoutMemory, AnswerWhoWaitsWhereTheirThreadHasNone) { fail_each(Whose::other_threads); }
TEST(LoginsWithoutMemory, AnswerWhoWaitsWhereTheCallerHasNone) { fail_each(Whose::this_thread); }
TEST(LoginsWithoutMemory, AnswerACallerWhereHisThreadHasNone) { fail_each(Whose::other_threads, "ada"); }
TEST(LoginsWithoutMemory, AnswerACallerWhereHeHasNone) { fail_each(Whose::this_thread, "ada"); }

TEST(LoginsWithoutMemory, AreInAnAllowAsAWholeOrItIsNone) {
  const RegistryLogin login{.user = "AWS", .password = Secret(std::string(2000, 'p')), .expires = {}};
  const std::string whole = "Basic " + base64_encode("AWS:" + std::string(2000, 'p'));
  fail_all_allocations(
      [&login] {
        GateAnswer given;
        const bool added = add_login(given, login).ok();
        return std::pair(added, given.http.headers);
      },
      [&whole](const auto& outcome) {
        if (!outcome || !outcome->first) return;  // nothing was given: the gate refuses
        ASSERT_EQ(outcome->second.size(), 1U);
        EXPECT_EQ(outcome->second.front().second, whole);
      });
}

}  // namespace
}  // namespace portcullis::test
