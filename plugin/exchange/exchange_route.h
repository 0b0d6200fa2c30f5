// `GET` and `POST /zot/auth/token`: what `docker login`, containerd and kubelet ask with a platform's token as the password.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "plugin/gate.h"

namespace portcullis {

/// Answers `/zot/auth/token`: 200 and the first credential that verifies, as `token` and `access_token`; 200 and the anonymous token where
/// none was sent and some `anonymousPolicy` exists; 401 with a Basic challenge; 400 for a form or query that cannot be read; 413 for more
/// than 64 KiB; 503 where a token of ours cannot be judged now; 403 for an untrusted peer; 204 for OPTIONS; 404 where nothing is
/// configured that would need the exchange. Where another endpoint is to be asked, `GateAnswer::upstream` is set, and the answer is
/// what the gate itself thinks of the credentials.
GateAnswer answer_exchange(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                           Deferral* deferral = nullptr);

}  // namespace portcullis
