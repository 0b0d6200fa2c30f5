#include "keystore/key_info.h"

#include <array>
#include <optional>
#include <utility>

#include "keystore/der.h"
#include "keystore/public_numbers.h"

namespace portcullis {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kRsa = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv;
constexpr std::string_view kEc = "\x2a\x86\x48\xce\x3d\x02\x01"sv;
constexpr std::string_view kEd25519 = "\x2b\x65\x70"sv;

struct NamedCurve {
  std::string_view oid;
  KeyType type;
};
constexpr std::array kCurves = {
    NamedCurve{"\x2a\x86\x48\xce\x3d\x03\x01\x07"sv, KeyType::ec_p256},
    NamedCurve{"\x2b\x81\x04\x00\x22"sv, KeyType::ec_p384},
    NamedCurve{"\x2b\x81\x04\x00\x23"sv, KeyType::ec_p521},
};

struct OtherType {
  std::string_view oid;
  std::string_view name;
};
/// Types that people do try; named, so that the message helps.
constexpr std::array kOtherTypes = {
    // Its parameters can pin hash, mask hash and salt to values that no PS* algorithm has. A key that is bound to one of them is as well
    // given as plain RSA with
    // `alg`; so the type is refused rather than half understood.
    OtherType{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"sv, "RSASSA-PSS (give the key as plain RSA, or as a JWK with `alg`)"},
    OtherType{"\x2b\x65\x71"sv, "Ed448"},
    OtherType{"\x2b\x65\x6e"sv, "X25519"},
    OtherType{"\x2b\x65\x6f"sv, "X448"},
    OtherType{"\x2a\x86\x48\xce\x38\x04\x01"sv, "DSA"},
};

Error malformed(std::string what) { return {Reason::key_malformed, std::move(what)}; }
Error unsupported(std::string what) { return {Reason::key_type_unsupported, std::move(what)}; }

/// A private key in PKCS#1, SEC1 or PKCS#8 begins with a version of 0 or 1; a public key never does.
bool begins_like_private_key(std::string_view der) {
  DerReader outer(der);
  const auto body = outer.take(DerTag::sequence);
  if (!body) return false;
  DerReader reader(*body);
  const auto version = reader.take_unsigned();
  return version && version->size() <= 1 && !reader.at_end() && (version->empty() || version->front() == '\x01');
}

Result<Key> read_ec(std::string id, DerReader parameters, std::string_view point) {
  // Explicit parameters let a key bring a curve of its own (CVE-2020-0601) or an endless square root (CVE-2022-0778).
  if (parameters.next_is(DerTag::sequence)) return unsupported("EC key with explicit curve parameters; only named curves are accepted");
  const auto curve = parameters.take(DerTag::oid);
  if (!curve || !parameters.at_end()) return malformed("EC key does not name its curve");
  for (const NamedCurve& known : kCurves) {
    if (*curve != known.oid) continue;
    const std::size_t width = coordinate_bytes(known.type);
    if (point.size() != 1 + 2 * width || point.front() != '\x04') return malformed("EC point is not in the uncompressed form of its curve");
    return make_ec_key(std::move(id), known.type, point.substr(1, width), point.substr(1 + width), algorithms_for(known.type));
  }
  return unsupported("EC key on a curve other than P-256, P-384 and P-521");
}

Result<Key> read_ed25519(std::string id, const DerReader& parameters, std::string_view point) {
  if (!parameters.at_end()) return malformed("Ed25519 key with parameters (RFC 8410 section 3 allows none)");
  return make_ed25519_key(std::move(id), point, algorithms_for(KeyType::ed25519));
}

Result<Key> read_rsa(std::string id, DerReader parameters, std::string_view numbers) {
  const auto null = parameters.take(DerTag::null);
  if (!null || !null->empty() || !parameters.at_end()) return malformed("RSA key without NULL parameters (RFC 3279 section 2.3.1)");
  return read_rsa_public_key(std::move(id), numbers);
}

Error unknown_type(std::string_view oid) {
  for (const OtherType& known : kOtherTypes) {
    if (oid == known.oid) return unsupported("key of type " + std::string(known.name));
  }
  return unsupported("key of a type other than RSA, EC and Ed25519");
}

}  // namespace

Error private_key_found() {
  return {Reason::key_private, "this is a PRIVATE key: remove it from here, treat it as leaked, and give its public half instead"};
}

Result<Key> read_key_info(std::string id, std::string_view der) {
  if (begins_like_private_key(der)) return private_key_found();
  DerReader outer(der);
  const auto info = outer.take(DerTag::sequence);
  if (!info || !outer.at_end()) return malformed("not a DER SubjectPublicKeyInfo");
  DerReader fields(*info);
  const auto algorithm = fields.take(DerTag::sequence);
  const auto bits = fields.take(DerTag::bit_string);
  const bool whole_bytes = bits && bits->size() > 1 && bits->front() == '\0';
  if (!algorithm || !whole_bytes || !fields.at_end()) return malformed("not a DER SubjectPublicKeyInfo");
  DerReader parameters(*algorithm);
  const auto oid = parameters.take(DerTag::oid);
  if (!oid) return malformed("not a DER SubjectPublicKeyInfo");
  const std::string_view contents = bits->substr(1);
  if (*oid == kRsa) return read_rsa(std::move(id), parameters, contents);
  if (*oid == kEc) return read_ec(std::move(id), parameters, contents);
  if (*oid == kEd25519) return read_ed25519(std::move(id), parameters, contents);
  return unknown_type(*oid);
}

Result<Key> read_rsa_public_key(std::string id, std::string_view der) {
  if (begins_like_private_key(der)) return private_key_found();
  DerReader outer(der);
  const auto body = outer.take(DerTag::sequence);
  if (!body || !outer.at_end()) return malformed("not a DER RSAPublicKey");
  DerReader numbers(*body);
  const auto modulus = numbers.take_unsigned();
  const auto exponent = numbers.take_unsigned();
  if (!modulus || !exponent || !numbers.at_end()) return malformed("not a DER RSAPublicKey");
  return make_rsa_key(std::move(id), *modulus, *exponent, algorithms_for(KeyType::rsa));
}

}  // namespace portcullis
