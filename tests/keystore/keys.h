// Key texts that no key generator would make: numbers out of bounds, DER by hand, PEM of any bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include "base/codec/base64url.h"
#include "keystore/key_text.h"
#include "tests/support/fake_clock.h"
#include "tests/support/tokens.h"

namespace portcullis::test {

inline const std::string kExponent65537{"\x01\x00\x01", 3};

/// A random odd number of exactly `bits` bits, big-endian. It is no product of two primes, which nobody can see.
inline std::string big_number(std::size_t bits, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string bytes((bits + 7) / 8, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random() & 0xffU);
  const unsigned top_bits = static_cast<unsigned>((bits - 1) % 8);
  const unsigned top = (static_cast<unsigned char>(bytes.front()) & ((1U << top_bits) - 1U)) | 1U << top_bits;
  bytes.front() = static_cast<char>(top);
  bytes.back() = static_cast<char>(static_cast<unsigned char>(bytes.back()) | 1U);
  return bytes;
}

inline std::string rsa_jwk(std::string_view modulus, std::string_view exponent, const std::string& more = {}) {
  return R"({"kty":"RSA","n":")" + base64url_encode(modulus) + R"(","e":")" + base64url_encode(exponent) + "\"" +
         (more.empty() ? "" : "," + more) + "}";
}

/// One DER element.
inline std::string der(unsigned char tag, const std::string& contents) {
  std::string length;
  if (contents.size() < 0x80) {
    length = std::string(1, static_cast<char>(contents.size()));
  } else {
    for (std::size_t rest = contents.size(); rest != 0; rest >>= 8U) length.insert(length.begin(), static_cast<char>(rest & 0xffU));
    length.insert(length.begin(), static_cast<char>(0x80U | length.size()));
  }
  return std::string(1, static_cast<char>(tag)) + length + contents;
}

/// A non-negative INTEGER of a big-endian number.
inline std::string der_integer(const std::string& number) {
  const bool high = !number.empty() && (static_cast<unsigned char>(number.front()) & 0x80U) != 0;
  return der(0x02, number.empty() || high ? std::string(1, '\0') + number : number);
}

inline std::string der_rsa_public_key(const std::string& modulus, const std::string& exponent) {
  return der(0x30, der_integer(modulus) + der_integer(exponent));
}

/// A SubjectPublicKeyInfo of an algorithm's OID contents, its parameters and the bytes of the key.
inline std::string der_key_info(const std::string& oid, const std::string& parameters, const std::string& key) {
  return der(0x30, der(0x30, der(0x06, oid) + parameters) + der(0x03, std::string(1, '\0') + key));
}

inline const std::string kDerNull{"\x05\x00", 2};
inline const std::string kRsaOid{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"};
inline const std::string kEcOid{"\x2a\x86\x48\xce\x3d\x02\x01"};
inline const std::string kEd25519Oid{"\x2b\x65\x70"};
inline const std::string kP256Oid{"\x2a\x86\x48\xce\x3d\x03\x01\x07"};

/// A PEM block of any bytes.
inline std::string pem(const std::string& label, const std::string& bytes) {
  std::string text = base64url_encode(bytes);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  std::string block = "-----BEGIN " + label + "-----\n";
  for (std::size_t at = 0; at < text.size(); at += 64) block += text.substr(at, 64) + "\n";
  return block + "-----END " + label + "-----\n";
}

/// The reason why a text that must hold one good JWK, or PEM block, was refused; `Reason::allowed` where it was not.
inline Reason refusal(std::string_view text) {
  const Result<Key> key = read_single_key(text, kNow);
  return key ? Reason::allowed : key.error().reason;
}

}  // namespace portcullis::test
