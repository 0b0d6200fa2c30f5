// The pure line: a read request, the state and the time, to a decision. The daemon, `portcullis verify` and the tests run this same line.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/trace.h"
#include "plugin/state.h"
#include "plugin/token_check.h"
#include "policy/policy.h"
#include "policy/request_facts.h"
#include "policy/route.h"
#include "verifier/token_cache.h"
#include "verifier/verify.h"

namespace portcullis {

/// What the token exchange gives to those without credentials, and what is taken for none.
inline constexpr std::string_view kAnonymousToken = "anonymous";

/// What the proxy asks about. Views borrow from the HTTP request.
struct AuthRequest {
  std::string_view method;                ///< of the original request
  std::string_view uri;                   ///< raw, of the original request
  std::optional<std::string_view> token;  ///< absent: no Authorization header arrived
  std::string_view client;                ///< the client's address as the trusted proxy tells it, or empty
  RequestFacts facts{};                   ///< for policies
};

/// What the gate says. `refusal` empty means allow, and only `authorize_access` makes that: a decision that nobody made is a refusal.
struct Decision {
  std::optional<Error> refusal = Error{Reason::internal_error, {}};
  std::optional<Access> access;                ///< absent where the route could not be read
  std::shared_ptr<const VerifiedToken> token;  ///< null where no token was verified
  bool anonymous = false;                      ///< allowed without credentials
  bool drop_mount = false;                     ///< allowed as a plain upload only (`proxy.stripsMount`)
  bool wants_tags = false;                     ///< refused; whether its tags exist (`RequestFacts::tags`) could change that
  RuleRef rule;                                ///< of `State::policy`: what granted or denied; none where no policy did
  std::string policy_message;                  ///< of a condition that did not hold, for the client
  bool from_cache = false;
  std::optional<std::size_t> judge;  ///< of a refused token: the source that judged it (`State::source_at`); none where none did

  [[nodiscard]] bool allowed() const noexcept { return !refusal.has_value(); }
  [[nodiscard]] Reason reason() const noexcept { return refusal ? refusal->reason : Reason::allowed; }
};

/// Decides. Order: the route (403s need no token), the credential, the token's scope, the policies. `cache` and `trace` may be null.
Decision authorize(const AuthRequest& request, const State& state, TokenCache* cache, TimePoint now, Trace* trace,
                   Deferral* deferral = nullptr);

/// The same for a route that is read already, or that could not be: what `/v1/verify` and `portcullis verify` ask with a repository and an
/// action. `facts` outlives the call.
Decision authorize_access(Result<Access> access, std::optional<std::string_view> token, const State& state, TokenCache* cache,
                          TimePoint now, Trace* trace, Deferral* deferral = nullptr, const RequestFacts& facts = {});

/// A decision that was made before there was a request to judge: an untrusted peer, two Authorization headers.
Decision refuse(Error error, std::optional<Access> access);

}  // namespace portcullis
