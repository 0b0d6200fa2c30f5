// One whole question to the gate, pure: HTTP request in, HTTP answer and decision out. What the daemon runs for each request, and what the
// probe's `decide` and the attack tests run without a socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/io/http.h"
#include "broker/login_target.h"
#include "plugin/authorize.h"
#include "plugin/http/message.h"
#include "plugin/http/request.h"
#include "plugin/state.h"
#include "policy/request_facts.h"
#include "verifier/token_cache.h"

namespace portcullis {

struct CredentialsWish;

struct GateAnswer {
  HttpAnswer http;
  Endpoint endpoint;
  std::optional<Decision> decision;  ///< absent where the question itself was malformed (404, 405, 400 of `/v1/verify`)
  /// Of `/zot/auth/token`: another token endpoint is to be asked, off the request threads.
  std::shared_ptr<const OutgoingRequest> upstream = nullptr;
  /// Of an allow: the answer must carry this login before it is sent (`add_login`). Lives as long as the state's rules.
  const LoginTarget* login = nullptr;
  /// Of `/v1/credentials`: a login is to be made for the answer (`credentials_answer`).
  std::shared_ptr<const CredentialsWish> credentials = nullptr;
  /// Of `/zot/auth/token`, where no decision was made: the anonymous token, another endpoint's answer, the answer to OPTIONS.
  enum class Exchange : std::uint8_t { none, anonymous, relayed, preflight } exchange = Exchange::none;
};

/// A refusal that takes no memory: 503 `internal_error`, no headers, no body.
GateAnswer bare_refusal() noexcept;

/// Answers any request of the gate's listener. Never throws, never waits. `cache` may be null; `id` is the decision id. Where `deferral`
/// asks to be called again, the answer says 503 `overloaded` and can be sent as it is if there is no room for more. `tags`: what the
/// registry said of tags, where the decision wanted that.
GateAnswer answer(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                  Deferral* deferral = nullptr, std::span<const TagFact> tags = {}) noexcept;

/// The same for a request that has waited for its turn on a thread that may take its time: without a deferral, and 503 `overloaded` before
/// any work where it has `waited` longer than `limits.decision`.
GateAnswer answer_in_turn(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                          std::chrono::nanoseconds waited, std::span<const TagFact> tags) noexcept;

}  // namespace portcullis
