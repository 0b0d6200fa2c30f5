// A standing gate without a socket: rules compiled from a minimal configuration, keys of every kind, the time of the start.
#pragma once

#include "base/clock.h"
#include "plugin/state.h"

namespace portcullis::bench {

struct World {
  State state;
  TimePoint now;
};

/// Made once a process; ends the process if the configuration or the keys are refused.
const World& standing_world();

}  // namespace portcullis::bench
