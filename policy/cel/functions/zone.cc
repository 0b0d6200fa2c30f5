#include "policy/cel/functions/zone.h"

#include <chrono>
#include <exception>
#include <string>

#include <date/tz.h>

namespace portcullis::cel {
namespace {

/// `+02:00`: one or two digits for each.
std::optional<std::int64_t> fixed_offset(std::string_view zone) noexcept {
  const bool west = zone.starts_with('-');
  if (west || zone.starts_with('+')) zone.remove_prefix(1);
  const std::size_t colon = zone.find(':');
  if (colon == 0 || colon > 2 || zone.size() < colon + 2 || zone.size() > colon + 3) return std::nullopt;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  for (std::size_t i = 0; i < zone.size(); ++i) {
    if (i == colon) continue;
    if (zone[i] < '0' || zone[i] > '9') return std::nullopt;
    std::int64_t& field = i < colon ? hours : minutes;
    field = field * 10 + (zone[i] - '0');
  }
  if (hours > 23 || minutes > 59) return std::nullopt;
  const std::int64_t seconds = 3600 * hours + 60 * minutes;
  return west ? -seconds : seconds;
}

/// The library throws for a name that is not in its list, and where there is no database.
const date::time_zone* find_zone(std::string_view name) noexcept {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

std::optional<std::int64_t> zone_offset(std::string_view zone, std::int64_t utc) {
  if (zone == "UTC" || zone.empty()) return 0;
  if (zone.find(':') != std::string_view::npos) return fixed_offset(zone);
  const date::time_zone* found = find_zone(zone);
  if (found == nullptr) return std::nullopt;
  try {
    return found->get_info(date::sys_seconds(std::chrono::seconds(utc))).offset.count();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void load_zones() { (void)find_zone("UTC"); }

}  // namespace portcullis::cel
