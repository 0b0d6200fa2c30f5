// Signs requests to AWS: SigV4 (HMAC-SHA256) and SigV4A (ECDSA P-256 over a set of regions).
#pragma once

#include <string>

#include "aws/canonical_request.h"
#include "aws/credentials.h"
#include "base/result.h"

namespace portcullis {

/// Every stage of one signature, so that each can be compared with published samples.
struct SignedRequest {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;    ///< hex
  UnsignedRequest request;  ///< ready to send: with `Authorization`, or with `X-Amz-Signature` in its query
};

/// AWS4-HMAC-SHA256. Derived keys are wiped. Pure.
SignedRequest sign_v4(const UnsignedRequest& request, const AwsCredentials& credentials, const SigningContext& context);

/// AWS4-ECDSA-P256-SHA256: the key is derived from the secret by a counter KDF (NIST SP 800-108), the scope has no region, and
/// `X-Amz-Region-Set` is signed. Two signatures of one text differ. `Reason::internal_error` where OpenSSL fails.
Result<SignedRequest> sign_v4a(const UnsignedRequest& request, const AwsCredentials& credentials, const SigningContext& context);

/// The public point of the key that `sign_v4a` derives, as x and y in hex: for a verifier in tests.
struct PublicPoint {
  std::string x;
  std::string y;
};
Result<PublicPoint> sigv4a_public_point(const AwsCredentials& credentials);

}  // namespace portcullis
