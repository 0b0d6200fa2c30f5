#include "keystore/certificate.h"

#include <ctime>
#include <optional>
#include <utility>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/handle.h"
#include "keystore/openssl_errors.h"

namespace portcullis {
namespace {

using Certificate = Handle<X509, X509_free>;
using Memory = Handle<BIO, BIO_free_all>;

constexpr std::size_t kMostAuthorityBytes = 1048576;

Error malformed(const char* what) { return {Reason::key_malformed, what}; }
Error invalid(const char* what) { return {Reason::key_certificate_invalid, what}; }

/// An encrypted block is a fault; nobody is asked for a password.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) noexcept { return -1; }

/// Nothing where it is no time (RFC 5280 section 4.1.2.5).
std::optional<std::chrono::sys_seconds> seconds_of(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(fields.tm_year + 1900),
                                         std::chrono::month(static_cast<unsigned>(fields.tm_mon + 1)),
                                         std::chrono::day(static_cast<unsigned>(fields.tm_mday)));
  return std::chrono::sys_days(date) + std::chrono::hours(fields.tm_hour) + std::chrono::minutes(fields.tm_min) +
         std::chrono::seconds(fields.tm_sec);
}

}  // namespace

Result<CertifiedKeyInfo> certificate_key_info(std::string_view der, TimePoint now) {
  const OpensslErrors cleared;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = at + der.size();
  const Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != end) return malformed("not a DER certificate");

  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto not_before = seconds_of(X509_get0_notBefore(certificate.get()));
  const auto not_after = seconds_of(X509_get0_notAfter(certificate.get()));
  if (!not_before || !not_after) return malformed("certificate whose validity cannot be read");
  if (*not_before > seconds) return invalid("certificate is not yet valid");
  if (*not_after < seconds) return invalid("certificate has expired");

  X509_PUBKEY* const info = X509_get_X509_PUBKEY(certificate.get());
  const int length = i2d_X509_PUBKEY(info, nullptr);
  if (length <= 0) return malformed("certificate whose key cannot be read");
  std::string bytes(static_cast<std::size_t>(length), '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  if (i2d_X509_PUBKEY(info, &out) != length) return malformed("certificate whose key cannot be written");
  return CertifiedKeyInfo{std::move(bytes), *not_after};
}

Result<void> check_authorities(std::string_view pem) {
  const OpensslErrors cleared;
  if (pem.size() > kMostAuthorityBytes) return malformed("more than 1 MiB of certificates");
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::size_t found = 0;
  while (memory != nullptr && found <= kMostAuthorities) {
    const Certificate certificate(PEM_read_bio_X509(memory.get(), nullptr, no_password, nullptr));
    if (!certificate) break;
    ++found;
  }
  if (found > kMostAuthorities) return malformed("more than 1000 certificates");
  const bool at_the_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_the_end) return malformed("a CERTIFICATE block that cannot be read");
  if (found == 0) return malformed("no certificate in PEM form");
  return {};
}

}  // namespace portcullis
