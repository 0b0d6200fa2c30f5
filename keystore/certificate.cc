#include "keystore/certificate.h"

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include "base/handle.h"
#include "keystore/openssl_errors.h"

namespace portcullis {
namespace {

using Certificate = Handle<X509, X509_free>;

Error malformed(const char* what) { return {Reason::key_malformed, what}; }
Error invalid(const char* what) { return {Reason::key_certificate_invalid, what}; }

}  // namespace

Result<std::string> certificate_key_info(std::string_view der, TimePoint now) {
  const OpensslErrors cleared;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = at + der.size();
  const Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != end) return malformed("not a DER certificate");

  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const int begin = ASN1_TIME_cmp_time_t(X509_get0_notBefore(certificate.get()), seconds);
  const int finish = ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate.get()), seconds);
  if (begin == -2 || finish == -2) return malformed("certificate whose validity cannot be read");
  if (begin > 0) return invalid("certificate is not yet valid");
  if (finish < 0) return invalid("certificate has expired");

  unsigned char* info = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &info);
  if (length <= 0) return malformed("certificate whose key cannot be read");
  std::string bytes(reinterpret_cast<const char*>(info), static_cast<std::size_t>(length));
  OPENSSL_free(info);
  return bytes;
}

}  // namespace portcullis
