// Time zones: names of the system's database (IANA), and fixed offsets.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace portcullis::cel {

/// Seconds east of UTC in `zone` at `utc` (seconds since 1970). `zone` is a name of the database ("Europe/Berlin"), or hours and minutes
/// ("+02:00", "-09:30", "02:00"). Nothing for any other text: a name is looked for among those of the database, and never opened as a path.
///
/// The database is read from the system when it is first needed, once a process; it is the one file that this module reads, and it never
/// changes what an expression means, only what a zone's clocks show.
std::optional<std::int64_t> zone_offset(std::string_view zone, std::int64_t utc);

/// Reads the database now, so that no request waits for it.
void load_zones();

}  // namespace portcullis::cel
