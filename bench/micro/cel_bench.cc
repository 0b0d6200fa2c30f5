// CEL: a condition and claim mappings, compiled once and evaluated again and again; and what compiling costs. bench/peers/cel.mjs measures
// the same expressions on Node.js.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "base/codec/json.h"
#include "bench/micro/cel_expressions.h"
#include "policy/cel/expression.h"

namespace portcullis::bench {
namespace {

struct CelWorld {
  cel::Environment environment;
  cel::Bindings bindings;
};

const CelWorld& cel_world() {
  static const CelWorld kWorld = [] {
    CelWorld made;
    const auto document = parse_json(kCelData, {.bytes = 4096, .depth = 16, .members = 200});
    if (!document) std::abort();
    for (const auto& [name, member] : document->root().members()) {
      made.environment.variables.push_back({std::string(name), *cel::type_from_name("map(string, dyn)")});
      made.bindings.set(std::string(name), cel::value_from_json(member));
    }
    return made;
  }();
  return kWorld;
}

/// As the product evaluates it.
template <class Evaluate>
void run(benchmark::State& state, const Evaluate& evaluate_once) {
  for (auto _ : state) {
    auto value = evaluate_once();
    if (!value) state.SkipWithError("failed");
    benchmark::DoNotOptimize(value);
  }
}

void evaluate(benchmark::State& state, const CelSample& sample) {
  const Result<cel::Expression> expression = cel::Expression::compile(sample.source, cel_world().environment);
  if (!expression) return state.SkipWithError("does not compile");
  const cel::Bindings& bindings = cel_world().bindings;
  switch (sample.answer) {
    case CelAnswer::truth: return run(state, [&] { return expression->evaluate_bool(bindings); });
    case CelAnswer::text: return run(state, [&] { return expression->evaluate_text(bindings); });
    case CelAnswer::texts: return run(state, [&] { return expression->evaluate_texts(bindings); });
  }
}

void compile(benchmark::State& state, const CelSample& sample) {
  for (auto _ : state) {
    Result<cel::Expression> expression = cel::Expression::compile(sample.source, cel_world().environment);
    if (!expression) state.SkipWithError("does not compile");
    benchmark::DoNotOptimize(expression);
  }
}

const bool kRegistered = [] {
  for (const CelSample& sample : kCelSamples) {
    benchmark::RegisterBenchmark(("cel_evaluate/" + std::string(sample.name)).c_str(),
                                 [&sample](benchmark::State& state) { evaluate(state, sample); });
    benchmark::RegisterBenchmark(("cel_compile/" + std::string(sample.name)).c_str(),
                                 [&sample](benchmark::State& state) { compile(state, sample); });
  }
  return true;
}();

}  // namespace
}  // namespace portcullis::bench
