// Policies: what a decision costs for ten patterns and for a hundred thousand, what compiling so many costs, and patterns that were made
// to be slow.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "config/access.h"
#include "policy/compile.h"
#include "policy/decide.h"

namespace portcullis::bench {
namespace {

constexpr TimePoint kNow{Milliseconds(1772366400000)};

/// `count` patterns of a few shapes, each with a policy of one user and one group, and `**` below them all.
AccessControlConfig config_of(std::size_t count) {
  AccessControlConfig config;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    const char* const shapes[] = {"team-#/**", "org/#/app", "org/*/svc-#", "p#-*/**"};
    std::string pattern = shapes[i % 4];
    pattern.replace(pattern.find('#'), 1, number);
    PolicyConfig policy{
        .users = {"user-" + number}, .groups = {"group-" + std::to_string(i % 100)}, .actions = {"read", "create", "update"}};
    config.repositories.push_back(
        {.pattern = std::move(pattern), .policies = {std::move(policy)}, .default_policy = {}, .anonymous_policy = {}});
  }
  config.repositories.push_back({.pattern = "**", .policies = {}, .default_policy = {"read"}, .anonymous_policy = {}});
  return config;
}

std::shared_ptr<const Policy> policy_of(std::size_t count) {
  CompiledPolicy compiled = compile_policy(config_of(count), {});
  if (compiled.policy == nullptr) std::abort();
  return compiled.policy;
}

Access pull(const std::string& repository) { return requested_access("GET", "/v2/" + repository + "/manifests/v1", {}, {4096}).value(); }

void ask(benchmark::State& state, const Policy& policy, const std::vector<Access>& asked, const Caller& caller, const RequestFacts& facts) {
  std::size_t next = 0;
  for (auto _ : state) {
    const PolicyVerdict verdict = decide(policy, caller, asked[next], facts, kNow, nullptr);
    if (!verdict.granted) state.SkipWithError("refused");
    next = next + 1 == asked.size() ? 0 : next + 1;
  }
}

/// One repository again and again, as during a pull.
void policy_decide_hot(benchmark::State& state) {
  const auto policy = policy_of(static_cast<std::size_t>(state.range(0)));
  const std::vector<std::string> groups = {"group-0", "everybody"};
  ask(state, *policy, {pull("team-4/app")}, {.username = "user-4", .groups = groups, .claims = nullptr}, {});
}
BENCHMARK(policy_decide_hot)->Arg(10)->Arg(1000)->Arg(100'000);

/// Another repository and another caller each time: rules and index are far larger than the processor's caches.
void policy_decide_scattered(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto policy = policy_of(count);
  std::mt19937 random(1);
  std::vector<std::pair<Access, std::string>> asked;
  for (std::size_t i = 0; i < 4096; ++i) {
    const std::string number = std::to_string(random() % ((count + 3) / 4) * 4);
    asked.emplace_back(pull("team-" + number + "/app"), "user-" + number);
  }
  std::size_t next = 0;
  for (auto _ : state) {
    const auto& [access, user] = asked[next++ % asked.size()];
    const Caller caller{.username = user, .groups = {}, .claims = nullptr};
    if (!decide(*policy, caller, access, {}, kNow, nullptr).granted) state.SkipWithError("refused");
  }
}
BENCHMARK(policy_decide_scattered)->Arg(10)->Arg(1000)->Arg(100'000);

/// Another repository each time: the index is far larger than the processor's caches.
void policy_find_scattered(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto policy = policy_of(count);
  std::mt19937 random(1);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 4096; ++i) names.push_back("team-" + std::to_string(random() % count / 4 * 4) + "/app");
  std::size_t next = 0;
  for (auto _ : state) {
    PatternMatches matches;
    policy->find(names[next++ % names.size()], "somebody", matches);
    benchmark::DoNotOptimize(policy->ruling(matches));
  }
  state.counters["index_MB"] = static_cast<double>(policy->index_bytes()) / 1e6;
}
BENCHMARK(policy_find_scattered)->Arg(10)->Arg(1000)->Arg(100'000);

void policy_compile(benchmark::State& state) {
  const AccessControlConfig config = config_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(compile_policy(config, {}));
}
BENCHMARK(policy_compile)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void policy_condition(benchmark::State& state) {
  AccessControlConfig config;
  PolicyConfig policy{.users = {"alice"}, .groups = {}, .actions = {"read"}};
  policy.conditions.push_back({"req.client.ip.startsWith('10.') && req.repository != 'secret'", "from inside alone"});
  config.repositories.push_back({.pattern = "**", .policies = {policy}, .default_policy = {}, .anonymous_policy = {}});
  const CompiledPolicy compiled = compile_policy(config, {});
  if (compiled.policy == nullptr) std::abort();
  RequestFacts facts;
  facts.client = "10.1.2.3";
  ask(state, *compiled.policy, {pull("team/app")}, {.username = "alice", .groups = {}, .claims = nullptr}, facts);
}
BENCHMARK(policy_condition);

void match(benchmark::State& state, const std::string& pattern, const std::string& name) {
  const auto parsed = Pattern::parse(pattern);
  if (!parsed) std::abort();
  for (auto _ : state) benchmark::DoNotOptimize(parsed->matches(name));
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

void glob_34_stars(benchmark::State& state) { match(state, repeated("*a", 34) + "[x]*", std::string(200, 'a')); }
BENCHMARK(glob_34_stars);
void glob_double_stars(benchmark::State& state) { match(state, repeated("**/a/", 33) + "b/**", repeated("a/", 199) + "a"); }
BENCHMARK(glob_double_stars);
void glob_groups(benchmark::State& state) { match(state, repeated("{a,b}", 20), repeated("ab", 10)); }
BENCHMARK(glob_groups);
void glob_nested_groups(benchmark::State& state) { match(state, repeated("{a,{b,{c,{d,e}}}}", 12), repeated("abcdea", 2)); }
BENCHMARK(glob_nested_groups);

}  // namespace
}  // namespace portcullis::bench
