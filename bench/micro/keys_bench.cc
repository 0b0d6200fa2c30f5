// Cost against the number of keys: looking one up, and reading a secret of many.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec/json_writer.h"
#include "bench/material.h"
#include "keystore/key_set.h"
#include "keystore/key_text.h"

namespace portcullis::bench {
namespace {

std::string key_id(std::size_t number) { return "key-" + std::to_string(number); }

/// A secret of `count` keys of that kind under names of their own; RSA keys take too long to make, so those share one modulus.
std::string make_secret(std::size_t count, std::string_view kind) {
  JsonWriter json;
  json.begin_object();
  const bool shared = kind.substr(0, 3) == "RSA";
  for (std::size_t i = 0; i < count; ++i) {
    const test::KeyPair key = shared ? test::key_pair(kind, "shared") : test::make_key(kind);
    if (kind == "ED25519") {
      json.key(key_id(i)).raw(key.public_jwk());  // the shortest form: 100,000 of them fit into the 10 MiB that a secret may have
    } else {
      json.key(key_id(i)).string(key.public_pem());
    }
  }
  json.end_object();
  return std::move(json).text();
}

/// The same, made once a process.
const std::string& secret_of(std::size_t count, std::string_view kind) {
  static std::map<std::string, std::string> made;
  std::string& secret = made[std::string(kind) + std::to_string(count)];
  if (secret.empty()) secret = make_secret(count, kind);
  return secret;
}

const KeySet& key_set_of(std::size_t count) {
  static std::map<std::size_t, KeySet> made;
  const auto known = made.find(count);
  if (known != made.end()) return known->second;
  Result<ParsedKeys> parsed = read_secret(secret_of(count, "ED25519"), SystemClock().now());
  if (!parsed) std::abort();
  Result<KeySet> keys = KeySet::make(std::move(parsed).value());
  if (!keys || keys->keys().size() != count) std::abort();
  return made.emplace(count, std::move(keys).value()).first->second;
}

/// Every key in turn, in an order that no cache line foresees.
void find_key(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const KeySet& keys = key_set_of(count);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(key_id(i * 7919 % count));
  std::size_t at = 0;
  for (auto _ : state) {
    const Key* key = keys.find(ids[at]);
    if (key == nullptr) state.SkipWithError("missed");
    benchmark::DoNotOptimize(key);
    at = at + 1 == count ? 0 : at + 1;
  }
}
BENCHMARK(find_key)->RangeMultiplier(10)->Range(10, 100'000);

void load_secret(benchmark::State& state, std::string_view kind) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::string& secret = secret_of(count, kind);
  for (auto _ : state) {
    Result<ParsedKeys> parsed = read_secret(secret, SystemClock().now());
    if (!parsed) return state.SkipWithError("not read");
    Result<KeySet> keys = KeySet::make(std::move(parsed).value());
    if (!keys || keys->keys().size() != count) state.SkipWithError("keys were lost");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}
BENCHMARK_CAPTURE(load_secret, P256, "P-256")->Arg(10'000)->Unit(benchmark::kMillisecond)->MinTime(0.01);
BENCHMARK_CAPTURE(load_secret, RSA2048, "RSA-2048")->Arg(10'000)->Unit(benchmark::kMillisecond)->MinTime(0.01);
BENCHMARK_CAPTURE(load_secret, Ed25519, "ED25519")->Arg(10'000)->Unit(benchmark::kMillisecond)->MinTime(0.01);

}  // namespace
}  // namespace portcullis::bench
