// The verifier as a whole: a good token by algorithm, forged ones, and a hit in the cache of verified tokens.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "bench/material.h"
#include "bench/micro/world.h"
#include "verifier/token_cache.h"
#include "verifier/verify.h"

namespace portcullis::bench {
namespace {

void verify_good(benchmark::State& state, const Kind& kind) {
  const World& world = standing_world();
  const std::string text = token(kind, world.now, 1);
  const KeyView keys{world.state.source.keys.get(), true, world.state.source.generation};
  for (auto _ : state) {
    Result<VerifiedToken> verified = verify_token(text, keys, world.state.rules.tokens, *world.state.revocations, world.now, nullptr);
    if (!verified) state.SkipWithError("refused");
    benchmark::DoNotOptimize(verified);
  }
}

void refuse_forged(benchmark::State& state, const Kind& kind) {
  const World& world = standing_world();
  const std::string text = forged_token(kind, world.now, 1);
  const KeyView keys{world.state.source.keys.get(), true, world.state.source.generation};
  for (auto _ : state) {
    Result<VerifiedToken> verified = verify_token(text, keys, world.state.rules.tokens, *world.state.revocations, world.now, nullptr);
    if (verified || verified.error().reason != Reason::bad_signature) state.SkipWithError("not refused for its signature");
  }
}

/// What a verification costs beside the signature: the text into its parts, and the payload into claims.
void parse_text(benchmark::State& state) {
  const World& world = standing_world();
  const std::string text = token(kind_of("rs256"), world.now, 1);
  for (auto _ : state) {
    Result<UnverifiedToken> parsed = parse_token(text, world.state.rules.tokens.limits);
    if (!parsed) state.SkipWithError("refused");
    benchmark::DoNotOptimize(parsed);
  }
}
BENCHMARK(parse_text);

void read_payload(benchmark::State& state) {
  const std::string text = payload(standing_world().now, 1);
  for (auto _ : state) {
    Result<JsonDocument> document = parse_payload(text);
    if (!document) return state.SkipWithError("not JSON");
    Result<Claims> claims = read_claims(document->root());
    if (!claims) state.SkipWithError("refused");
    benchmark::DoNotOptimize(claims);
  }
}
BENCHMARK(read_payload);

std::shared_ptr<const VerifiedToken> verified_token(const World& world, const std::string& text) {
  const KeyView keys{world.state.source.keys.get(), true, world.state.source.generation};
  Result<VerifiedToken> verified = verify_token(text, keys, world.state.rules.tokens, *world.state.revocations, world.now, nullptr);
  if (!verified) std::abort();
  return std::make_shared<const VerifiedToken>(std::move(verified).value());
}

/// A hit as a request pays for it: the digest of the text, the look-up among `range(0)` cached tokens, times and revocations.
void cache_hit(benchmark::State& state) {
  const World& world = standing_world();
  const auto count = static_cast<std::size_t>(state.range(0));
  TokenCache cache(2 * count + 64);
  std::vector<std::string> texts;
  const std::shared_ptr<const VerifiedToken> vouched = verified_token(world, token(kind_of("eddsa"), world.now, 1));
  const std::string text = token(kind_of("rs256"), world.now, 1);
  for (std::size_t i = 0; i < count; ++i) {
    texts.push_back(text + std::to_string(i));  // of real size, and different: the cache knows digests alone
    cache.insert(sha256(texts.back()), vouched);
  }
  std::size_t at = 0;
  for (auto _ : state) {
    const std::shared_ptr<const VerifiedToken> found =
        cache.find(sha256(texts[at]), {.traditional = vouched->key_generation, .issuers = {}, .rules = vouched->rules_generation});
    if (!found || !recheck_token(*found, world.state.rules.tokens, *world.state.revocations, world.now)) state.SkipWithError("missed");
    at = at + 1 == count ? 0 : at + 1;
  }
}
BENCHMARK(cache_hit)->Arg(1)->Arg(1000)->Arg(50'000);

const bool kRegistered = [] {
  for (const Kind& kind : kKinds) {
    if (kind.algorithm == "Ed25519") continue;
    benchmark::RegisterBenchmark(("verify_token/" + std::string(kind.algorithm)).c_str(),
                                 [&kind](benchmark::State& state) { verify_good(state, kind); });
  }
  for (const std::string_view id : {"rs256", "es256", "es384", "eddsa"}) {
    const Kind& kind = kind_of(id);
    benchmark::RegisterBenchmark(("refuse_forged/" + std::string(kind.algorithm)).c_str(),
                                 [&kind](benchmark::State& state) { refuse_forged(state, kind); });
  }
  return true;
}();

}  // namespace
}  // namespace portcullis::bench
