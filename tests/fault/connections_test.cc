// A whole daemon whose socket calls fail, inside libmicrohttpd too: no other allow, no end of the process, and it serves on.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fault/system_calls.h"
#include "tests/support/daemon.h"
#include "tests/support/raw_client.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

/// A client that hears nothing gives up after this: a call that failed for no reason of the kernel's may have no successor.
constexpr std::chrono::milliseconds kPatience(100);

CallPlan failing(Calls calls, int error, Outage outage = Outage::one) {
  return {.calls = calls, .error = error, .outage = outage, .whose = Whose::other_threads};
}

/// How calls of the daemon's threads go wrong that have a connection. `EAGAIN` for no reason may leave a client without an answer.
const std::vector<CallPlan> kSocketFaults{failing(Calls::socket, ECONNRESET), failing(Calls::socket, EPIPE),
                                          failing(Calls::socket, EINTR),      failing(Calls::socket, ENOBUFS),
                                          failing(Calls::socket, EAGAIN),     failing(Calls::socket, ECONNRESET, Outage::from_now)};
/// And how the taking of connections does.
const std::vector<CallPlan> kAcceptFaults{failing(Calls::accept, EMFILE),
                                          failing(Calls::accept, ENFILE),
                                          failing(Calls::accept, ENOBUFS),
                                          failing(Calls::accept, ECONNABORTED),
                                          failing(Calls::accept, EINTR),
                                          failing(Calls::accept, EAGAIN),
                                          failing(Calls::accept, EPERM),
                                          failing(Calls::accept, EMFILE, Outage::from_now),
                                          failing(Calls::accept, ECONNABORTED, Outage::from_now)};

/// One connection, whose requests are sent together. What was answered, in order.
std::vector<RawAnswer> ask_all(const std::string& address, const std::vector<std::string>& requests) {
  std::string bytes;
  for (const std::string& request : requests) bytes += request;
  std::vector<RawAnswer> answers;
  RawClient client(address);
  if (!client.connected() || !client.send(bytes)) return answers;
  while (answers.size() < requests.size()) {
    std::optional<RawAnswer> answer = client.receive(false, kPatience);
    if (!answer) break;
    answers.push_back(std::move(*answer));
  }
  return answers;
}

/// Asks the same again and again, with another call of the daemon failing each time, until none is left. `check` judges what came. How many
/// calls there were.
std::uint64_t fail_each_call_of(const std::vector<CallPlan>& plans, TestDaemon& daemon, const std::string& address,
                                const std::vector<std::string>& requests, const std::function<void(const std::vector<RawAnswer>&)>& check) {
  std::uint64_t calls = 0;
  for (const CallPlan& plan : plans) {
    for (std::uint64_t nth = 1;; ++nth) {
      SCOPED_TRACE("error " + std::to_string(plan.error) + ", call " + std::to_string(nth));
      std::vector<RawAnswer> answers;
      bool happened = false;
      {
        const CallFault fault(nth, plan);
        answers = ask_all(address, requests);
        happened = CallFault::happened();
      }
      check(answers);
      EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 200) << "the daemon does not serve on";
      calls = std::max(calls, nth);
      if (!happened || testing::Test::HasFailure()) break;
    }
  }
  EXPECT_TRUE(eventually([&] { return daemon.app().active() == 0; })) << "a request waits for ever";
  return calls;
}

const std::string kPull = "/v2/team/app/manifests/latest";

std::string forged_request() {
  return nginx_request(kPull, mint(good_payload(SystemClock().now()), key_pair("ED25519", "stranger"), "EdDSA", "k1"));
}

void expect_alice_or_none(const RawAnswer& answer) {
  if (answer.status != 200) return;
  EXPECT_EQ(answer.header("X-Auth-Request-User"), "alice");
  EXPECT_EQ(answer.header("X-Portcullis-Decision"), "allow");
}

TEST(DaemonWithBrokenSockets, LetsAGoodTokenInOrSaysNothing) {
  TestDaemon daemon;
  ASSERT_EQ(daemon.fault(), "");
  const std::uint64_t calls =
      fail_each_call_of(kSocketFaults, daemon, daemon.tcp(), {nginx_request(kPull, TestDaemon::first_token())}, [](const auto& answers) {
        for (const RawAnswer& answer : answers) expect_alice_or_none(answer);
      });
  EXPECT_GE(calls, 3U) << "accept, recv and send";
}

TEST(DaemonWithBrokenSockets, TakesConnectionsAgainWhenItCan) {
  TestDaemon daemon;
  ASSERT_EQ(daemon.fault(), "");
  fail_each_call_of(kAcceptFaults, daemon, daemon.tcp(), {nginx_request(kPull, TestDaemon::first_token())}, [](const auto& answers) {
    for (const RawAnswer& answer : answers) expect_alice_or_none(answer);
  });
}

TEST(DaemonWithBrokenSockets, NeverMixesTheAnswersOfAConnection) {
  TestDaemon daemon;
  ASSERT_EQ(daemon.fault(), "");
  const std::string good = nginx_request(kPull, TestDaemon::first_token());
  fail_each_call_of(kSocketFaults, daemon, daemon.tcp(), {forged_request(), good, forged_request()}, [](const auto& answers) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (i == 1)
        expect_alice_or_none(answers[i]);
      else
        EXPECT_NE(answers[i].status, 200);
    }
  });
}

TEST(DaemonWithBrokenSockets, TrustsNobodyWhoseUserItCannotLearn) {
  // Nobody but the users named is trusted on the unix socket, and this process is none of them: whatever fails, it is told nothing.
  TestDaemon daemon(R"("proxy":{"trusted":["127.0.0.1/32"],"trustedUsers":["nobody"]})");
  ASSERT_EQ(daemon.fault(), "");
  const std::uint64_t calls = fail_each_call_of(kSocketFaults, daemon, daemon.unix_socket(),
                                                {nginx_request(kPull, TestDaemon::first_token())}, [](const auto& answers) {
                                                  for (const RawAnswer& answer : answers) EXPECT_EQ(answer.status, 403);
                                                });
  EXPECT_GE(calls, 4U) << "the peer's user is asked for";
}

}  // namespace
}  // namespace portcullis::test
