// The rest of a request: the route, the decision, and the whole answer of a warm gate as a request thread computes it.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "bench/material.h"
#include "bench/micro/world.h"
#include "plugin/gate.h"
#include "policy/access_claim.h"
#include "policy/route.h"
#include "verifier/token_cache.h"

namespace portcullis::bench {
namespace {

constexpr std::string_view kManifest = "/v2/team/app/manifests/latest";
constexpr std::string_view kBlob = "/v2/team/app/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kMount =
    "/v2/team/app/blobs/uploads/?mount=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855&from=team/base";

void route(benchmark::State& state, std::string_view method, std::string_view uri) {
  const World& world = standing_world();
  for (auto _ : state) {
    Result<Access> access = requested_access(method, uri, {}, world.state.rules.route_limits);
    if (!access) state.SkipWithError("refused");
    benchmark::DoNotOptimize(access);
  }
}
BENCHMARK_CAPTURE(route, manifest, "GET", kManifest);
BENCHMARK_CAPTURE(route, blob, "GET", kBlob);
BENCHMARK_CAPTURE(route, mount, "POST", kMount);

void access_claim_pull(benchmark::State& state) {
  const World& world = standing_world();
  const KeyView keys{world.state.source.keys.get(), true, world.state.source.generation};
  const Result<VerifiedToken> verified =
      verify_token(token(kind_of("eddsa"), world.now, 1), keys, world.state.rules.tokens, *world.state.revocations, world.now, nullptr);
  const Result<Access> access = requested_access("GET", kManifest, {}, world.state.rules.route_limits);
  if (!verified || !access) std::abort();
  for (auto _ : state) {
    if (!check_access_claim(*verified, *access, world.now, nullptr)) state.SkipWithError("refused");
  }
}
BENCHMARK(access_claim_pull);

/// One `/auth` request from HTTP values to HTTP values. `cache` null: every request is the first of its token.
void whole_answer(benchmark::State& state, const Kind& kind, TokenCache* cache) {
  const World& world = standing_world();
  const std::string authorization = "Bearer " + token(kind, world.now, 1);
  Peer peer{.kind = Peer::Kind::tcp,
            .address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1},
            .user_trusted = false,
            .text = "127.0.0.1"};
  HttpRequest request;
  request.method = "GET";
  request.raw_uri = "/auth";
  request.headers = {{"Host", "127.0.0.1"}, {"X-Original-URI", kManifest}, {"X-Original-Method", "GET"}, {"Authorization", authorization}};
  request.peer = &peer;
  for (auto _ : state) {
    GateAnswer given = answer(request, world.state, cache, "0123456789abcdef", world.now);
    if (given.http.status != 200) state.SkipWithError("refused");
    benchmark::DoNotOptimize(given);
  }
}

void answer_warm(benchmark::State& state) {
  TokenCache cache(1000);
  whole_answer(state, kind_of("rs256"), &cache);
}
BENCHMARK(answer_warm);

void answer_cold(benchmark::State& state) { whole_answer(state, kind_of("rs256"), nullptr); }
BENCHMARK(answer_cold);

}  // namespace
}  // namespace portcullis::bench
