// `POST /v1/verify` and `POST /introspect`: is this token good, and may it do that?
#pragma once

#include <span>
#include <string_view>

#include "base/clock.h"
#include "plugin/gate.h"
#include "policy/request_facts.h"

namespace portcullis {

/// Largest body, in bytes.
inline constexpr std::size_t kVerifyBodyBytes = 64UL * 1024;

/// Answers `/v1/verify`: 200 with the verdict for a well-formed question, 400 with a JSON error for another, 403 for an untrusted peer.
/// Conditions see the client and the scheme that the peer states in the configured headers, as for a proxy's question, and the headers of
/// the question itself; `tags` as in `answer`.
GateAnswer answer_verify(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                         Deferral* deferral = nullptr, std::span<const TagFact> tags = {});
/// Answers `/introspect` (RFC 7662 section 2): form field `token`.
GateAnswer answer_introspect(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                             Deferral* deferral = nullptr);

}  // namespace portcullis
