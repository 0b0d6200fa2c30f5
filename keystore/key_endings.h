// Which keys will be set aside because their certificates end: said ahead, while there is time to renew them.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "keystore/key_set.h"

namespace portcullis {

/// The keys of `set` whose certificate has come as near to its end as 30 days, 7 days or 1 day since `seen`, by `now`; where nobody has
/// looked yet, those with 30 days left or less. Their order is that of the set; they are valid as long as it is.
std::vector<const Key*> newly_ending(const KeySet& set, std::optional<TimePoint> seen, TimePoint now);

}  // namespace portcullis
