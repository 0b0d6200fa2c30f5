// What Artifactory is asked for a token, and what it answers: pure, for the login and its tests.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/io/http.h"
#include "base/result.h"
#include "base/secret.h"

namespace portcullis {

/// Where, and what for.
struct ArtifactoryExchange {
  std::string base_url;                ///< `https://company.jfrog.io`; slashes behind it are dropped
  std::optional<std::string> region;   ///< of the STS host that is signed for; absent: the global host and the region set `*`
  std::chrono::seconds life{10'800};   ///< asked for
  std::optional<std::string> scope{};  ///< asked for; absent: what the user has
};

/// Who asks by OIDC.
struct OidcSubject {
  std::string_view token;
  std::string_view provider;  ///< its name in Artifactory
  std::optional<std::string> audience;
};

struct ArtifactoryToken {
  std::string user;
  Secret token;
  std::chrono::seconds life{};  ///< as answered; what was asked for where the answer says nothing
};

/// `POST /access/api/v1/aws/token` with the headers of a GetCallerIdentity that `credentials` signed (SigV4A) for STS of the region. STS's
/// Host header stays behind. `Reason::bad_request` where the region is none, `Reason::internal_error` where signing fails.
Result<OutgoingRequest> aws_exchange_request(const ArtifactoryExchange& exchange, const AwsCredentials& credentials, TimePoint now);
/// `POST /access/api/v1/oidc/token` (RFC 8693 token exchange, as JSON). The body holds the token: wipe it.
OutgoingRequest oidc_exchange_request(const ArtifactoryExchange& exchange, const OidcSubject& subject);

/// Reads `{"access_token", "expires_in", "username"}`; a user name that is not there is taken from the token's own subject
/// (`…/users/<name>`). `asked` is the life for an answer without one. `Reason::io_failed`, naming what is missing, never quoting the token.
Result<ArtifactoryToken> read_exchange_answer(std::string_view body, std::chrono::seconds asked);
/// What an answer of another status than 200 means and what to do, on one line of at most 1 KiB. `who` is the role or provider that
/// asked. What the server says is cut at 256 bytes, and what may be a credential in it is `[REDACTED]`: it may repeat what it was sent.
std::string explain_refusal(const IncomingAnswer& answer, std::string_view who, bool oidc);

/// The name of a role: behind the last slash of `arn:…:role/path/name`, or the middle of `arn:…:assumed-role/name/session`; empty for
/// another ARN.
std::string_view role_name_of(std::string_view arn) noexcept;

}  // namespace portcullis
