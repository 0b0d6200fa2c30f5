// A source that goes away for an hour and for a day, in simulated time: schedule, rounds, states and nudges together, as the keeper runs
// them, against a Secrets Manager that is asked through the whole client with its retries.
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/codec/json_writer.h"
#include "keystore/refresh/nudge.h"
#include "keystore/refresh/round.h"
#include "keystore/refresh/schedule.h"
#include "keystore/refresh/secrets_source.h"
#include "tests/support/aws_host.h"
#include "tests/support/key_sets.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using test::key_pair;

constexpr RefreshRules kRules{.interval = 1min, .max_stale = 24h};
constexpr Milliseconds kCooldown = 10s;

/// AWS that answers, or does not.
class Weather final : public HttpTransport {
 public:
  Result<IncomingAnswer> send(const OutgoingRequest& /*request*/) override {
    ++calls;
    if (away) return Error{Reason::io_failed, "no route to host"};
    JsonWriter json;
    json.begin_object()
        .key("ARN")
        .string("arn:aws:secretsmanager:eu-west-1:123456789012:secret:zot/keys-AbCdEf")
        .key("Name")
        .string("zot/keys");
    json.key("VersionId").string("v1").key("SecretString").string(test::secret_json({{"k1", &key_pair("ED25519")}})).end_object();
    return IncomingAnswer{.status = 200, .headers = {}, .body = std::move(json).text()};
  }

  bool away = false;
  int calls = 0;
};

/// What the keeper does with one remote source, with a clock that a test moves.
class Simulation {
 public:
  Simulation() {
    state.name = source_->name();
    state.max_stale = kRules.max_stale;
    round();
  }

  /// Lets `time` pass; `each_second` is asked once a second, between rounds.
  void pass(
      Milliseconds time, const std::function<void()>& each_second = [] {}) {
    const SteadyPoint end = clock.steady_now() + time;
    while (clock.steady_now() < end) {
      const SteadyPoint next = std::min({next_round_, next_second_, end});
      clock.advance(std::max(std::chrono::ceil<Milliseconds>(next - clock.steady_now()), Milliseconds(0)));
      if (clock.steady_now() >= next_round_) round();
      if (clock.steady_now() < next_second_) continue;
      next_second_ += 1s;
      each_second();
    }
  }

  void round() {
    nudge.begin_round();
    state = finish_round(state, source_->fetch(clock.now()), ++generation_, clock.now()).next;
    nudge.end_round();
    ++rounds;
    failures_ = state.last_error ? failures_ + 1 : 0;
    const double jitter = std::uniform_real_distribution<double>(0, 1)(dice_);
    next_round_ = clock.steady_now() +
                  (failures_ == 0 ? wait_after_success(kRules, std::nullopt, jitter) : wait_after_failure(kRules, failures_, jitter));
  }
  /// A request whose key is not there.
  void unknown_key() {
    if (nudge.ask(clock.steady_now()) == NudgeAnswer::start) round();
  }
  [[nodiscard]] Freshness freshness() const { return state.freshness(clock.now()); }
  [[nodiscard]] bool serves() const { return freshness() == Freshness::fresh || freshness() == Freshness::stale; }

  test::FakeClock clock;
  Weather weather;
  SourceState state;
  Nudge nudge{kCooldown};
  int rounds = 0;

 private:
  test::HalfEntropy entropy_;
  test::FixedCredentials credentials_;
  AwsClient client_{
      {.http = weather, .clock = clock, .entropy = entropy_, .pause = [](std::chrono::milliseconds) { return true; }, .ca_file = {}},
      test::AwsHost::endpoint(AwsService::secrets_manager),
      &credentials_};
  std::unique_ptr<KeySource> source_ =
      make_secrets_source([this]() -> Result<AwsClient*> { return &client_; }, {.secret_id = "zot/keys", .stages = {"AWSCURRENT"}});
  std::mt19937 dice_{42};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same day each time
  std::uint64_t generation_ = 0;
  unsigned failures_ = 0;
  SteadyPoint next_round_{};
  SteadyPoint next_second_ = clock.steady_now() + 1s;
};

TEST(Outage, ADayOfGoodRoundsIsOneCallAMinute) {
  Simulation gate;

  gate.pass(24h, [&] { ASSERT_EQ(gate.freshness(), Freshness::fresh); });

  EXPECT_GE(gate.weather.calls, 24 * 60 * 9 / 10);
  EXPECT_LE(gate.weather.calls, 24 * 60 * 11 / 10 + 1);
}

TEST(Outage, OfAnHourRefusesNobodyAndIsOverWithinAMinute) {
  Simulation gate;
  gate.pass(30s);
  gate.weather.away = true;
  gate.pass(1min + 6s);
  ASSERT_EQ(gate.freshness(), Freshness::stale) << "told within one interval";

  gate.pass(1h, [&] { ASSERT_EQ(gate.freshness(), Freshness::stale); });

  ASSERT_TRUE(gate.state.failing_since);
  EXPECT_GE(gate.clock.now() - *gate.state.failing_since, 1h) << "since when is told";
  gate.weather.away = false;
  gate.pass(1min);
  EXPECT_EQ(gate.freshness(), Freshness::fresh);
  EXPECT_FALSE(gate.state.failing_since);
}

TEST(Outage, OfADayAndMoreServesToTheLastMillisecondOfMaxStaleAndNoLonger) {
  Simulation gate;
  const TimePoint good = *gate.state.last_success;
  const std::uint64_t generation = gate.state.generation;
  gate.weather.away = true;
  gate.weather.calls = gate.rounds = 0;

  gate.pass(24h, [&] { ASSERT_TRUE(gate.serves()); });

  EXPECT_EQ(gate.clock.now(), good + 24h);
  EXPECT_EQ(gate.freshness(), Freshness::stale);
  gate.clock.advance(1ms);
  EXPECT_EQ(gate.freshness(), Freshness::expired);
  EXPECT_GT(gate.rounds, 24 * 60) << "AWS is looked for more often than once a minute";
  EXPECT_LT(gate.rounds, 24 * 60 * 4) << "and no four times a minute, on average";
  EXPECT_LT(gate.weather.calls, gate.rounds + 200) << "the retry quota ends repetition where nothing ever succeeds";

  gate.pass(2h, [&] { ASSERT_EQ(gate.freshness(), Freshness::expired); });
  gate.weather.away = false;
  gate.pass(1min);
  EXPECT_EQ(gate.freshness(), Freshness::fresh) << "nobody has to restart anything";
  EXPECT_EQ(gate.state.generation, generation) << "the same keys: tokens that were verified stay verified";
}

TEST(Outage, ThatFlickersNeverLosesTheKeys) {
  Simulation gate;
  int second = 0;

  gate.pass(6h, [&] {
    gate.weather.away = ++second % 97 < 60;
    ASSERT_TRUE(gate.serves());
  });

  EXPECT_EQ(gate.state.key_count(), 1U);
}

TEST(Outage, WithTenThousandMadeUpKeyIdsASecondCostsOneRoundACooldown) {
  for (const bool away : {false, true}) {
    Simulation gate;
    gate.weather.away = away;
    gate.rounds = 0;

    gate.pass(1h, [&] {
      for (int request = 0; request < 10'000; ++request) gate.unknown_key();
      ASSERT_TRUE(gate.serves());
    });

    // Scheduled rounds come on top: one a minute, or those of the back-off.
    EXPECT_GE(gate.rounds, 3600 / 10);
    EXPECT_LE(gate.rounds, 3600 / 10 + 1 + (away ? 60 * 4 : 67)) << (away ? "away" : "there");
  }
}

}  // namespace
}  // namespace portcullis
