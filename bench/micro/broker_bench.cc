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

namespace portcullis::bench {
namespace {

/// About as long as a password of ECR.
constexpr std::size_t kPasswordBytes = 2000;

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
    login.password = std::make_shared<const Secret>(std::string(kPasswordBytes, 'p'));
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
    std::string pair = login->user + ":";
    pair.append(login->password.reveal());
    std::string value = "Basic " + base64_encode(pair);
    benchmark::DoNotOptimize(value);
  }
}
BENCHMARK(broker_hit_with_header);

/// Counter `MiB`: what the cache holds when it is full, passwords of `state.range(0)` bytes included.
void broker_ten_thousand_roles(benchmark::State& state) {
  double mebibytes = 0;
  for (auto _ : state) {
    const auto before = mallinfo2().uordblks;
    LoginCache cache;
    const TimePoint now = SystemClock().now();
    for (int i = 0; i < 10'000; ++i) {
      RegistryLogin login{.user = "AWS",
                          .password = Secret(std::string(static_cast<std::size_t>(state.range(0)), 'p')),
                          .expires = now + std::chrono::hours(1)};
      cache.put(sha256(std::to_string(i)), std::make_shared<const RegistryLogin>(std::move(login)), now, 0);
    }
    mebibytes = static_cast<double>(mallinfo2().uordblks - before) / (1024.0 * 1024.0);
    benchmark::DoNotOptimize(cache);
  }
  state.counters["MiB"] = mebibytes;
}
BENCHMARK(broker_ten_thousand_roles)->Arg(300)->Arg(1500)->Arg(2000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace portcullis::bench
