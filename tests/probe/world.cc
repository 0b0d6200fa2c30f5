#include "tests/probe/world.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/io/files.h"
#include "config/load.h"
#include "keystore/key_text.h"
#include "keystore/refresh/oidc_source.h"
#include "keystore/refresh/round.h"
#include "plugin/inputs.h"
#include "plugin/policies.h"

namespace portcullis::probe {
namespace {

/// A member that is JSON itself, written as such or as text.
std::string text_of(JsonView member) {
  const auto text = member.string();
  return text ? std::string(*text) : member.dump();
}

Result<std::shared_ptr<const Revocations>> read_revocations(JsonView line) {
  if (!line.get("revocations").exists()) return std::make_shared<const Revocations>();
  Result<Revocations> parsed = Revocations::parse(text_of(line.get("revocations")));
  if (!parsed.ok()) return parsed.error();
  return std::make_shared<const Revocations>(std::move(parsed).value());
}

SourceState read_source(const Config& config, const std::string& keys, TimePoint now) {
  SourceState empty;
  empty.name = config.bearer.cert ? "cert" : "file";
  empty.kid_required = !config.bearer.cert;
  empty.max_stale = config.keys.max_stale;
  return finish_round(empty, config.bearer.cert ? read_key_text(keys, now) : read_secret(keys, now), 1, now).next;
}

/// One round of each issuer that `oidc_keys` names, as of a JWKS in a file; the others have had none.
Result<IssuerKeys> read_issuers(const Config& config, JsonView oidc_keys, TimePoint now) {
  if (oidc_keys.exists() && !oidc_keys.is_object()) return Error{Reason::bad_request, "oidc_keys is no object of issuer to JWKS"};
  constexpr const char* kFile = "/oidc_keys";
  std::vector<SourceState> states;
  for (OidcIssuerConfig issuer : config.bearer.oidc) {
    SourceState& state = states.emplace_back();
    state.name = issuer_source_name(issuer);
    state.max_stale = config.keys.max_stale;
    const JsonView jwks = oidc_keys.get(issuer.issuer);
    if (!jwks.exists()) continue;
    FakeFiles files;
    if (Result<void> written = files.write(kFile, text_of(jwks), 0600); !written.ok()) return written.error();
    issuer.jwks_file = kFile;
    state = finish_round(state, make_oidc_source(nullptr, files, std::move(issuer))->fetch(now), 1, now).next;
  }
  return IssuerKeys(std::move(states));
}

}  // namespace

Result<TimePoint> read_now(JsonView line) {
  const auto seconds = line.get("now").number();
  // Between the years 0 and 9999, as every time here.
  if (!seconds || *seconds < -62167219200.0 || *seconds > 253402300799.0) return Error{Reason::bad_request, "now is no Unix time"};
  return TimePoint(Milliseconds(static_cast<std::int64_t>(std::floor(*seconds * 1000.0))));
}

Result<State> read_state(JsonView line, TimePoint now) {
  if (!line.get("config").is_object()) return Error{Reason::bad_request, "config is no object"};
  const JsonView keys = line.get("keys");
  LoadedConfig loaded = load_config_text(line.get("config").dump(), "/nonexistent", {});
  if (!loaded.config) return Error{Reason::config_invalid, format_findings(loaded.findings)};
  const bool traditional = has_traditional_source(*loaded.config);
  if (traditional && !keys.is_object() && !keys.string()) return Error{Reason::bad_request, "keys is neither an object nor a text"};
  Result<GateRules> rules =
      compile_rules(*loaded.config, loaded.config->proxy.marker_file ? std::string(kMarker) + "\n" : std::string(), 1);
  if (!rules.ok()) return rules.error();
  auto revocations = read_revocations(line);
  if (!revocations.ok()) return revocations.error();
  CompiledPolicy policy = compile_access_control(*loaded.config);
  if (loaded.config->access_control && policy.policy == nullptr) return as_error(policy.findings);
  SourceState source = traditional ? read_source(*loaded.config, text_of(keys), now) : SourceState();
  auto issuers = read_issuers(*loaded.config, line.get("oidc_keys"), now);
  if (!issuers.ok()) return issuers.error();
  State state{.config = std::move(*loaded.config),
              .rules = std::move(rules).value(),
              .source = std::move(source),
              .traditional = traditional,
              .issuers = std::move(issuers).value(),
              .revocations = std::move(revocations).value(),
              .config_generation = 1};
  set_policy(state, std::move(policy.policy));
  return state;
}

}  // namespace portcullis::probe
