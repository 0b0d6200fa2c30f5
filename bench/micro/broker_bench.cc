// The broker: a login that is at hand, with and without the header that carries it, and what ten thousand of them cost in memory.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/codec/base64url.h"
#include "broker/login_cache.h"
#include "plugin/broker/broker_service.h"
#include "plugin/broker/login_answer.h"

namespace portcullis::bench {
namespace {

/// About as long as a password of ECR, which is base64 text.
constexpr std::size_t kPasswordBytes = 2000;

/// Such a password; with `packs` false one as long that is no base64, as a service that is no AWS may give.
std::string password_of(std::size_t bytes, bool packs = true) {
  std::string plain(bytes / 4 * 3, '\0');
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<char>(i * 151 + i / 256);
  return packs ? base64_encode(plain) : std::string(bytes, '-');
}

class NoEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = 0;
  }
};

struct BrokerWorld {
  BrokerWorld()
      : log(clock, -1, LogForm::json, LogLevel::error),
        service({.files = files, .clock = clock, .entropy = entropy, .log = log, .threads = 1}) {
    auto config = std::make_shared<BrokerConfig>();
    config->cache_maximum = std::chrono::hours(3);
    StaticLoginConfig login;
    login.username = "AWS";
    login.password = std::make_shared<const Secret>(password_of(kPasswordBytes));
    target =
        login_target(config, std::make_shared<const RegistryLoginConfig>(RegistryLoginConfig{.host = "registry.example", .login = login}));
  }
  /// The login is asked for where it is not at hand, and the loop goes on when it is.
  SharedLogin find() {
    for (;;) {
      if (SharedLogin login = service.find(target)) return login;
      service.login(target, false, [](const Result<SharedLogin>&) {});
    }
  }

  SystemClock clock;
  FakeFiles files;
  NoEntropy entropy;
  Log log;
  BrokerService service;
  LoginTarget target;
};

void broker_hit(benchmark::State& state) {
  BrokerWorld world;
  for (auto _ : state) benchmark::DoNotOptimize(world.find());
}
BENCHMARK(broker_hit);

void broker_hit_with_header(benchmark::State& state) {
  BrokerWorld world;
  for (auto _ : state) {
    const SharedLogin login = world.find();
    GateAnswer answer;
    if (!add_login(answer, *login)) return state.SkipWithError("the login does not fit");
    benchmark::DoNotOptimize(answer.http.headers);
  }
}
BENCHMARK(broker_hit_with_header);

/// Counter `MiB`: what the cache holds when it is full, passwords of `state.range(0)` bytes included; `state.range(1)`: they are base64.
void broker_ten_thousand_roles(benchmark::State& state) {
  double mebibytes = 0;
  for (auto _ : state) {
    const auto before = mallinfo2().uordblks;
    LoginCache cache;
    const TimePoint now = SystemClock().now();
    for (int i = 0; i < 10'000; ++i) {
      RegistryLogin login{.user = "AWS",
                          .password = Secret(password_of(static_cast<std::size_t>(state.range(0)), state.range(1) != 0)),
                          .expires = now + std::chrono::hours(1)};
      cache.put(sha256(std::to_string(i)), std::make_shared<const RegistryLogin>(std::move(login)), now, 0);
    }
    mebibytes = static_cast<double>(mallinfo2().uordblks - before) / (1024.0 * 1024.0);
    benchmark::DoNotOptimize(cache);
  }
  state.counters["MiB"] = mebibytes;
}
BENCHMARK(broker_ten_thousand_roles)
    ->ArgNames({"bytes", "base64"})
    ->ArgsProduct({{300, 1500, 2000}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace portcullis::bench
