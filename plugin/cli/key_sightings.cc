#include "plugin/cli/key_sightings.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/codec/json.h"
#include "base/codec/percent.h"
#include "verifier/timestamp.h"

namespace portcullis {
namespace {

/// A hundred thousand keys and what is said of each.
constexpr JsonLimits kStatusLimits{.bytes = 64UL * 1024 * 1024, .depth = 16, .members = 2'000'000};

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

Result<void> ask_sightings(HttpTransport& http, std::string address, SourceSightings& seen) {
  if (address.find("://") == std::string::npos) address.insert(0, "http://");
  const std::size_t path = address.find('/', address.find("://") + 3);
  if (path == std::string::npos) {
    address += "/status";
  } else if (path + 1 == address.size()) {
    address += "status";
  }
  OutgoingRequest request;
  request.method = "GET";
  request.url = address;
  request.headers = {{"Accept", "application/json"}};
  request.body_limit = kStatusLimits.bytes;
  request.reachable = ReachableHosts::with_loopback;
  const Result<IncomingAnswer> answer = http.send(request);
  const std::string shown = escape_for_log(std::string_view(address).substr(0, address.find_first_of("?#")));
  if (!answer.ok()) return Error{answer.error().reason, shown + ": " + answer.error().detail};
  if (answer->status != 200) return Error{Reason::io_failed, shown + ": HTTP " + std::to_string(answer->status)};
  if (Result<void> added = add_sightings(answer->body, seen); !added.ok())
    return Error{added.error().reason, shown + ": " + added.error().detail};
  return {};
}

}  // namespace portcullis
