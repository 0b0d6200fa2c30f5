// The decision log: what a request thread pays for a record, and what the record costs in all, its line written.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "base/report/log.h"
#include "bench/material.h"
#include "bench/micro/world.h"
#include "plugin/decisions/decision_log.h"
#include "plugin/decisions/recorder.h"
#include "plugin/gate.h"
#include "plugin/gate_metrics.h"
#include "verifier/token_cache.h"

namespace portcullis::bench {
namespace {

constexpr std::string_view kManifest = "/v2/team/app/manifests/latest";

/// Records that wait for the writer at full load.
constexpr int kBatch = 1000;

/// A decision log in a file that is gone as soon as it is open, and the answers to `tokens` different tokens.
struct Logged {
  explicit Logged(unsigned tokens) : peer{.kind = Peer::Kind::tcp, .address = {}, .user_trusted = false, .text = "127.0.0.1"} {
    const World& world = standing_world();
    peer.address[10] = peer.address[11] = 0xff;
    peer.address[12] = 127;
    peer.address[15] = 1;
    std::string path = "/tmp/portcullis-log-bench-XXXXXX";
    const int file = ::mkstemp(path.data());
    if (file < 0 || !decisions.configure({.output = path, .refuse_when_full = false}).ok()) std::abort();
    ::close(file);
    decisions.flush();
    ::unlink(path.c_str());
    TokenCache cache(1000);
    for (unsigned i = 0; i < tokens; ++i) {
      authorizations.push_back("Bearer " + token(kind_of("eddsa"), world.now, i + 1));
      given.push_back(answer(request(i), world.state, &cache, "0123456789abcdef", world.now));
      if (given.back().http.status != 200) std::abort();
    }
  }

  [[nodiscard]] HttpRequest request(unsigned which) const {
    HttpRequest made;
    made.method = "GET";
    made.raw_uri = "/auth";
    made.headers = {{"Host", "127.0.0.1"},
                    {"X-Original-URI", kManifest},
                    {"X-Original-Method", "GET"},
                    {"Authorization", authorizations[which]},
                    {"User-Agent", "containerd/1.7.2"}};
    made.peer = &peer;
    return made;
  }

  Peer peer;
  SystemClock clock;
  Log log{clock, STDERR_FILENO, LogForm::json, LogLevel::error};
  GateMetrics metrics;
  DecisionLog decisions{log, metrics, clock, 1};
  std::vector<std::string> authorizations;
  std::vector<GateAnswer> given;
};

/// `state.range(0)` different tokens, one after the other. The processor time is that of both threads.
void decision_logged(benchmark::State& state) {
  const World& world = standing_world();
  const auto tokens = static_cast<unsigned>(state.range(0));
  Logged logged(tokens);
  std::vector<HttpRequest> requests;
  for (unsigned i = 0; i < tokens; ++i) requests.push_back(logged.request(i));
  RecordScratch scratch;
  std::string id = "0123456789abcdef-00000000";
  std::uint64_t number = 0;
  for (auto _ : state) {
    const std::size_t which = number++ % tokens;
    for (std::size_t digit = id.size(), rest = number; digit-- > 17; rest >>= 4U) id[digit] = "0123456789abcdef"[rest & 15U];
    DecisionRecord record = record_decision(requests[which], logged.given[which], world.state, {}, world.now, scratch);
    record.took = std::chrono::microseconds(5);
    record.set(RecordText::id, id);
    if (!logged.decisions.keep(record)) state.SkipWithError("not kept");
    if (number % kBatch == 0) logged.decisions.flush();
  }
  logged.decisions.flush();
  if (logged.metrics.logged() != number) state.SkipWithError("lines are missing");
}
BENCHMARK(decision_logged)->Arg(1)->Arg(50)->Arg(1000)->MeasureProcessCPUTime();

/// The request thread's part alone: the record of a decision.
void decision_recorded(benchmark::State& state) {
  const World& world = standing_world();
  const Logged logged(1);
  const HttpRequest request = logged.request(0);
  RecordScratch scratch;
  for (auto _ : state) {
    DecisionRecord record = record_decision(request, logged.given[0], world.state, {}, world.now, scratch);
    benchmark::DoNotOptimize(record);
  }
}
BENCHMARK(decision_recorded);

}  // namespace
}  // namespace portcullis::bench
