#include "bench/micro/world.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "bench/material.h"
#include "config/load.h"
#include "keystore/key_text.h"
#include "keystore/refresh/round.h"

namespace portcullis::bench {
namespace {

constexpr std::string_view kConfig = R"({
  "http": {"auth": {"bearer": {"realm": "https://auth.example.org/token", "service": "registry.example.org"}}},
  "portcullis": {"listen": ["127.0.0.1:0"], "keys": {"file": "keys.json"}, "proxy": {"trusted": ["127.0.0.1/32"]}}
})";

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "benchmark world: %s\n", why.c_str());
  std::abort();
}

World build() {
  const TimePoint now = SystemClock().now();
  LoadedConfig loaded = load_config_text(kConfig, "/", {});
  if (!loaded.config) give_up(format_findings(loaded.findings));
  Result<GateRules> rules = compile_rules(*loaded.config, {}, 1);
  if (!rules) give_up(rules.error().detail);
  SourceState before;
  before.name = "file";
  before.max_stale = loaded.config->keys.max_stale;
  RoundOutcome round = finish_round(before, read_secret(secret_of_all_kinds(), now), 1, now);
  if (!round.next.keys) give_up("no keys");
  World world{.state = {}, .now = now};
  world.state.config = *std::move(loaded.config);
  world.state.rules = std::move(rules).value();
  world.state.source = std::move(round.next);
  world.state.revocations = std::make_shared<const Revocations>();
  world.state.config_generation = 1;
  return world;
}

}  // namespace

const World& standing_world() {
  static const World kWorld = build();
  return kWorld;
}

}  // namespace portcullis::bench
