// When running gates last saw each key, as their `/status` tells: what `portcullis keys --status` adds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/io/http.h"
#include "base/result.h"

namespace portcullis {

/// What gates say of one key.
struct KeySighting {
  std::int64_t uses = 0;
  std::optional<TimePoint> last_used;
};

/// By key id.
using KeySightings = std::map<std::string, KeySighting, std::less<>>;
/// By the name of the source.
using SourceSightings = std::map<std::string, KeySightings, std::less<>>;

/// Adds what `status` (the body of `/status`) says of the keys of its sources: uses are summed, the latest time stays.
/// `Reason::json_malformed` where it is no such document.
Result<void> add_sightings(std::string_view status, SourceSightings& seen);

/// Asks one gate's admin listener, `127.0.0.1:9181`, `http://127.0.0.1:9181` or a whole URL; plain http on loopback alone. Errors name the
/// address: `io_failed`, `json_malformed`.
Result<void> ask_sightings(HttpTransport& http, const std::string& address, SourceSightings& seen);

}  // namespace portcullis
