// Logins that callers of /v1/credentials ask for: bounded for each of them, and in nobody's way.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/broker/service_world.h"
#include "tests/support/held_http.h"

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSts = "https://sts.eu-west-1.amazonaws.com/";

using Future = std::future<Result<SharedLogin>>;

/// Callers who ask for identities that AWS holds back.
struct Callers {
  Callers() : world(http) {}
  ~Callers() { http.open(); }

  LoginTarget identity(std::size_t number) { return world.target(role_login("id-" + std::to_string(number))); }
  Future ask(const std::string& caller, std::size_t number) { return world.ask(identity(number), false, caller); }
  std::vector<Future> use_up(const std::string& caller) {
    std::vector<Future> asked;
    for (std::size_t i = 0; i < CallerLines::kBurst; ++i) asked.push_back(ask(caller, i));
    return asked;
  }
  /// A login that needs no network.
  LoginTarget plain() {
    StaticLoginConfig login;
    login.username = "ada";
    login.password = std::make_shared<const Secret>("canary");
    return world.target({.host = "registry.example", .login = login});
  }
  static bool is_answered(Future& future) { return future.wait_for(0s) == std::future_status::ready; }
  static Result<SharedLogin> answer_of(Future& future) {
    if (future.wait_for(30s) != std::future_status::ready) return Error{Reason::internal_error, "no answer"};
    return future.get();
  }

  HeldHttp http;
  ServiceWorld world;
};

TEST(BrokerServiceCallers, AreRefusedBeyondTheirBudgetAndNobodyElseIs) {
  Callers one;
  std::vector<Future> asked = one.use_up("ada");
  for (Future& future : asked) EXPECT_FALSE(Callers::is_answered(future));

  Future beyond = one.ask("ada", CallerLines::kBurst);
  Future shared = one.ask("ada", 0);
  Future other = one.ask("bob", CallerLines::kBurst);

  ASSERT_TRUE(Callers::is_answered(beyond));
  EXPECT_EQ(beyond.get().error().reason, Reason::overloaded);
  EXPECT_FALSE(Callers::is_answered(shared)) << "what is under way already costs nothing";
  EXPECT_FALSE(Callers::is_answered(other));
  one.http.open();
  asked.push_back(std::move(shared));
  asked.push_back(std::move(other));
  for (Future& future : asked) EXPECT_EQ(Callers::answer_of(future).error().reason, Reason::credentials_unavailable);
}

TEST(BrokerServiceCallers, NeverKeepARequestOfTheGateWaiting) {
  Callers one;
  std::vector<Future> asked = one.use_up("ada");

  one.world.settle();  // a login of the gate's, while the callers' thread is held up

  EXPECT_FALSE(Callers::is_answered(asked.front()));
}

TEST(BrokerServiceCallers, NeverKeepARequestWaitingThatWantsTheSameLogin) {
  for (const std::string caller : {"ada", "bob"}) {  // in ada's own line; and behind her on the callers' one thread
    Callers one;
    Future held_up = one.ask("ada", 0);
    Future theirs = one.world.ask(one.plain(), false, caller);

    Future request = one.world.ask(one.plain());

    EXPECT_TRUE(Callers::answer_of(request).ok()) << caller;
    EXPECT_TRUE(Callers::answer_of(theirs).ok()) << caller;
    EXPECT_FALSE(Callers::is_answered(held_up));
    one.http.open();
    EXPECT_FALSE(Callers::answer_of(held_up).ok());
    Future next = one.ask("ada", 1);
    EXPECT_FALSE(Callers::answer_of(next).ok()) << "her line goes on";
  }
}

TEST(BrokerServiceCallers, PayNothingForWhatIsAtHand) {
  Callers one;
  const LoginTarget target = one.plain();
  for (std::size_t i = 0; i < 2 * CallerLines::kBurst; ++i) {
    Future asked = one.world.ask(target, false, "ada");
    EXPECT_TRUE(Callers::answer_of(asked).ok()) << i;
  }
}

TEST(BrokerServiceCallers, WhoGaveUpInALineIsNotLoggedInFor) {
  Callers one;
  std::vector<Future> asked = one.use_up("ada");
  one.world.clock.advance(BrokerService::kLongestWait);
  one.world.service.tick();
  for (Future& future : asked) EXPECT_FALSE(Callers::answer_of(future).ok());

  one.http.open();
  Future later = one.ask("bob", 1);  // behind ada's on the callers' one thread

  EXPECT_FALSE(Callers::answer_of(later).ok());
  // The one that was under way, and bob's.
  EXPECT_EQ(one.http.asked(kSts), 2);
}

TEST(BrokerServiceCallers, AreToldWhenTheProcessEnds) {
  Callers one;
  std::vector<Future> asked = one.use_up("ada");
  one.world.service.stop();
  for (Future& future : asked) EXPECT_EQ(Callers::answer_of(future).error().reason, Reason::credentials_unavailable);
}

}  // namespace
}  // namespace portcullis::test
