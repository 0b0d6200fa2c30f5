// The canonical form of a request, which SigV4 and SigV4A both sign (AWS General Reference, "Create a signed AWS API request").
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/credentials.h"
#include "base/clock.h"

namespace portcullis {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// A request before it is signed.
struct UnsignedRequest {
  std::string method;
  std::string path;    ///< as it will be sent, without the query
  std::string query;   ///< as it will be sent, without `?`
  HeaderList headers;  ///< `Host` among them
  std::string body;
};

enum class SigningForm { header, query };

struct SigningContext {
  std::string region;  ///< of SigV4A: the region set, `us-east-1,eu-*` or `*`
  std::string service;
  TimePoint time;
  bool normalize_path = true;       ///< dot segments and empty segments go before signing (all services but S3)
  bool sign_body = false;           ///< adds `X-Amz-Content-Sha256`
  bool omit_session_token = false;  ///< the token is sent, and not signed
  SigningForm form = SigningForm::header;
  std::chrono::seconds expires{3600};  ///< of the query form: X-Amz-Expires
};

/// Which algorithm's parameters are added.
struct AlgorithmTerms {
  std::string_view name;    ///< AWS4-HMAC-SHA256 or AWS4-ECDSA-P256-SHA256
  std::string scope;        ///< 20150830/us-east-1/service/aws4_request, without the region for SigV4A
  bool region_set = false;  ///< adds X-Amz-Region-Set
};

/// The request with every signed parameter in its place, and the text to hash.
struct CanonicalRequest {
  std::string text;
  std::string signed_headers;  ///< host;x-amz-date
  UnsignedRequest request;     ///< with X-Amz-Date and its like added as headers or query parameters
};

/// Builds it. Never signs Authorization, User-Agent, X-Amzn-Trace-Id, Expect, Transfer-Encoding and Connection.
CanonicalRequest canonical_request(const UnsignedRequest& request, const AwsCredentials& credentials, const SigningContext& context,
                                   const AlgorithmTerms& terms);
/// What is signed: algorithm, time, scope, and the hash of the canonical request.
std::string string_to_sign(const CanonicalRequest& canonical, const AlgorithmTerms& terms, TimePoint time);
/// The request with its signature (hex) where `context.form` wants it: in `Authorization`, or as `X-Amz-Signature` behind the query.
UnsignedRequest with_signature(const CanonicalRequest& canonical, const AlgorithmTerms& terms, const SigningContext& context,
                               const AwsCredentials& credentials, const std::string& signature);

/// `20150830T123600Z`.
std::string amz_date(TimePoint time);
/// RFC 3986 section 2.3: everything but `A-Za-z0-9-_.~` becomes `%XX`; `/` too where `encode_slash`.
std::string uri_encode(std::string_view text, bool encode_slash);

}  // namespace portcullis
