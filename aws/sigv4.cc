#include "aws/sigv4.h"

#include <new>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/codec/hex.h"
#include "base/digest.h"

namespace portcullis {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

Secret hmac(std::string_view key, std::string_view message) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()), message.size(),
           digest, &length) == nullptr) {
    throw std::bad_alloc();  // the only way to fail
  }
  return Secret(std::string(reinterpret_cast<const char*>(digest), length));
}

}  // namespace

SignedRequest sign_v4(const UnsignedRequest& request, const AwsCredentials& credentials, const SigningContext& context) {
  const std::string date = amz_date(context.time);
  const std::string scope = date.substr(0, 8) + "/" + context.region + "/" + context.service + "/aws4_request";
  const AlgorithmTerms terms{.name = kAlgorithm, .scope = scope};
  CanonicalRequest canonical = canonical_request(request, credentials, context, terms);

  SignedRequest out;
  out.string_to_sign = string_to_sign(canonical, terms, context.time);
  const Secret first(std::string("AWS4") + std::string(credentials.secret_access_key.reveal()));
  const Secret day = hmac(first.reveal(), date.substr(0, 8));
  const Secret region = hmac(day.reveal(), context.region);
  const Secret service = hmac(region.reveal(), context.service);
  const Secret key = hmac(service.reveal(), "aws4_request");
  out.signature = hex_encode(hmac(key.reveal(), out.string_to_sign).reveal());
  out.request = with_signature(canonical, terms, context, credentials, out.signature);
  out.canonical_request = std::move(canonical.text);
  return out;
}

}  // namespace portcullis
