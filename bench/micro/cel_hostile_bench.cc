// CEL: what hostile expressions cost before the cost limit ends them. The slowest of these is the bound of one evaluation.
#include <benchmark/benchmark.h>

#include <string>

#include "policy/cel/expression.h"
#include "tests/policy_cel/hostile.h"

namespace portcullis::bench {
namespace {

struct HostileWorld {
  cel::Environment environment;
  cel::Bindings bindings;
};

const HostileWorld& hostile_world() {
  static const HostileWorld kWorld = [] {
    HostileWorld made;
    made.environment.variables.push_back({"claims", *cel::type_from_name("map(string, dyn)")});
    made.bindings.set("claims", cel::hostile_claims());
    return made;
  }();
  return kWorld;
}

void run_hostile(benchmark::State& state, const std::string& source) {
  const auto expression = cel::Expression::compile(source, hostile_world().environment);
  if (!expression) return state.SkipWithError(expression.error().detail.c_str());
  bool ended = false;
  for (auto _ : state) {
    auto value = expression->evaluate(hostile_world().bindings);
    ended = !value.ok();
    benchmark::DoNotOptimize(value);
  }
  state.SetLabel(ended ? "ends in an error" : "has a value");
}

void add(const std::string& source) {
  benchmark::RegisterBenchmark(("cel_hostile/" + source).c_str(), [source](benchmark::State& state) { run_hostile(state, source); })
      ->Unit(benchmark::kMillisecond)
      ->Iterations(5);
}

const bool kHostileRegistered = [] {
  for (const std::string_view work : cel::kHostileWork) add(cel::again_and_again(work));
  for (const std::string_view whole : cel::kHostileWholes) add(std::string(whole));
  return true;
}();

}  // namespace
}  // namespace portcullis::bench
