// `POST /v1/credentials`: a login of a registry for a caller whose token and `portcullis.broker.policy` allow it.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "broker/login.h"
#include "broker/login_target.h"
#include "plugin/gate.h"

namespace portcullis {

/// A login that is to be made, or found, for an answer.
struct CredentialsWish {
  LoginTarget target;
  bool fresh = false;  ///< not the one at hand: the registry refused it
  std::string caller;  ///< who asks, for his budget of new logins; never empty
};

/// Answers what needs no login: 400 for a question that is malformed, 413 for more than 64 KiB, 401 for a token that does not verify, 403
/// for an untrusted peer and for whoever may not have the login, whether or not there is such a registry, or such a role. Else
/// `GateAnswer::credentials` is set, and the answer is to be made by `credentials_answer`.
///
/// A login of a role at ECR is limited to the repositories that the caller may use (`reach_of`); one that cannot be limited needs a rule
/// with `wide`. A role of the caller's own must be listed in `callerRoles`, and the registry configured.
GateAnswer answer_credentials(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                              Deferral* deferral = nullptr);

/// The answer to `given`, whose wish was fulfilled or not: 200 with `{"username", "password", "expiresAt"}`, or 503. What AWS said is in
/// the decision's detail, for the log, and not in the answer.
GateAnswer credentials_answer(const GateAnswer& given, const Result<SharedLogin>& brought, const GateRules& rules, std::string_view id);

}  // namespace portcullis
