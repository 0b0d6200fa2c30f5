#include "plugin/cli/key_sightings.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/codec/json.h"
#include "plugin/cli/gate_status.h"
#include "verifier/timestamp.h"

namespace portcullis {
namespace {

void add_key(const JsonView& key, KeySightings& seen) {
  const auto id = key.get("kid").string();
  if (!id) return;
  KeySighting& sighting = seen[std::string(*id)];
  const std::int64_t uses = std::max<std::int64_t>(key.get("uses").integer().value_or(0), 0);
  sighting.uses += std::min(uses, std::numeric_limits<std::int64_t>::max() - sighting.uses);
  const auto text = key.get("lastUsed").string();
  const auto time = text ? parse_timestamp(*text) : std::nullopt;
  if (time && (!sighting.last_used || *time > *sighting.last_used)) sighting.last_used = *time;
}

}  // namespace

Result<void> add_sightings(std::string_view status, SourceSightings& seen) {
  const Result<JsonDocument> document = parse_json(status, kStatusLimits);
  if (!document.ok()) return document.error();
  const JsonView sources = document->root().get("sources");
  if (!sources.is_array()) return Error{Reason::json_malformed, "no list of sources: is this the /status of a gate?"};
  for (const JsonView& one : sources.elements()) {
    const auto name = one.get("name").string();
    if (!name) continue;
    KeySightings& of_source = seen[std::string(*name)];
    for (const JsonView& key : one.get("keys").elements()) add_key(key, of_source);
  }
  return {};
}

Result<void> ask_sightings(HttpTransport& http, const std::string& address, SourceSightings& seen) {
  const Result<GateStatus> status = ask_gate_status(http, address);
  if (!status.ok()) return status.error();
  if (Result<void> added = add_sightings(status->text, seen); !added.ok())
    return Error{added.error().reason, status->where + ": " + added.error().detail};
  return {};
}

}  // namespace portcullis
