// Who may read metrics and status: `accessControl.metrics`, where the admin listener can be reached from other hosts.
#pragma once

#include <optional>

#include "base/clock.h"
#include "plugin/http/message.h"
#include "plugin/state.h"

namespace portcullis {

/// Why `request` may not read them, as an answer; nothing where it may: on loopback, on a unix socket, and where no such policy is
/// configured, everybody; else the users that it lists, by a token that verifies, and everybody where its `anonymousPolicy` has read. 401
/// with a challenge without a good token, 403 for a user that is not listed, 503 where keys are missing. Pure.
std::optional<HttpAnswer> refuse_reader(const HttpRequest& request, const State& state, TimePoint now);

}  // namespace portcullis
