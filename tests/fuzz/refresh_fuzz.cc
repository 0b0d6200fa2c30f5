// The refresh machine under any history of file contents, rounds and clock steps, beside a model of what it promises: a failed round loses
// no key, the generation moves exactly with the verdicts, and the state of freshness is a function of both.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "keystore/refresh/file_source.h"
#include "keystore/refresh/round.h"

namespace {

using namespace portcullis;
using namespace std::string_view_literals;

constexpr Milliseconds kMaxStale = std::chrono::hours(24);
constexpr std::array kContents = {
    R"({"a":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}})"sv,
    R"({"b":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}})"sv,
    R"({"a":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},"bad":1})"sv,
    R"({"bad":"garbage"})"sv,
    "{}"sv,
};

void require(bool holds) {
  if (!holds) std::abort();
}

/// What the machine has promised so far.
struct Model {
  std::optional<std::string> digest;
  std::uint64_t generation = 0;
  std::optional<TimePoint> last_success;
  std::optional<TimePoint> failing_since;
};

Freshness expected(const Model& model, TimePoint now) {
  if (!model.last_success) return Freshness::empty;
  if (now - *model.last_success > kMaxStale) return Freshness::expired;
  return model.failing_since ? Freshness::stale : Freshness::fresh;
}

void check(const SourceState& state, const Model& model, TimePoint now) {
  require(state.name == "file" && state.max_stale == kMaxStale);
  require((state.keys != nullptr) == model.digest.has_value());
  require(!state.keys || (state.keys->digest() == *model.digest && !state.keys->keys().empty()));
  require(state.generation == model.generation && state.last_success == model.last_success && state.failing_since == model.failing_since);
  require(state.last_error.has_value() == model.failing_since.has_value());
  require(state.freshness(now) == expected(model, now));
}

void play_round(KeySource& source, SourceState& state, Model& model, std::uint64_t new_generation, TimePoint now) {
  Result<ParsedKeys> brought = source.fetch(now);
  const bool good = brought.ok();
  const RoundOutcome outcome = finish_round(state, std::move(brought), new_generation, now);
  if (good) {
    const std::string& digest = outcome.next.keys->digest();
    require(outcome.keys_changed == (model.digest != digest));
    if (outcome.keys_changed) model.generation = new_generation;
    if (!outcome.keys_changed && state.keys->quarantined() == outcome.next.keys->quarantined()) require(state.keys == outcome.next.keys);
    model.digest = digest;
    model.last_success = now;
    model.failing_since.reset();
  } else {
    require(!outcome.keys_changed && outcome.next.keys == state.keys);
    if (!model.failing_since) model.failing_since = now;
  }
  state = outcome.next;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FakeFiles files;
  const std::unique_ptr<KeySource> source = make_keys_file_source(files, "keys");
  SourceState state;
  state.name = source->name();
  state.max_stale = kMaxStale;
  Model model;
  TimePoint now{std::chrono::seconds{1798761600}};
  std::uint64_t generation = 0;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const auto step = static_cast<unsigned char>(rest.front());
    const unsigned amount = step >> 3U;  // 0 to 31
    rest.remove_prefix(1);
    switch (step & 7U) {
      case 0: require(files.write("keys", kContents[amount % kContents.size()], 0600).ok()); break;
      case 1: require(files.write("keys", rest.substr(0, amount), 0600).ok()); break;
      case 2: files.remove("keys"); break;
      case 3: now += std::chrono::hours(amount); break;
      case 4: now -= std::chrono::hours(amount); break;
      case 5: now += Milliseconds(amount); break;
      default: play_round(*source, state, model, ++generation, now); break;
    }
    check(state, model, now);
  }
  return 0;
}
