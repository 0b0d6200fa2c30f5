#include "keystore/key_policy.h"

#include <algorithm>
#include <array>
#include <string>

#include <openssl/bn.h>

#include "base/codec/hex.h"
#include "base/handle.h"
#include "keystore/openssl_errors.h"
#include "keystore/roca.h"

namespace portcullis {
namespace {

using Number = Handle<BIGNUM, BN_free>;
using NumberContext = Handle<BN_CTX, BN_CTX_free>;

constexpr std::size_t kMinExponentBits = 17;  // the least odd number of 17 bits is 65537
constexpr std::size_t kMaxExponentBits = 32;

// Big-endian. p = 2^255 - 19, and d of the curve -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032 section 5.1).
constexpr std::string_view kFieldPrime = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed";
constexpr std::string_view kCurveD = "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3";
// The y of the points of order 1, 2, 4 and 8; two or one x belong to each, so they are all eight.
constexpr std::array<std::string_view, 5> kSmallOrder = {
    "0000000000000000000000000000000000000000000000000000000000000001", "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
    "0000000000000000000000000000000000000000000000000000000000000000", "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
    "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7"};

Error weak(std::string what) { return {Reason::key_weak, std::move(what)}; }
bool is_odd(std::string_view number) { return !number.empty() && (static_cast<unsigned char>(number.back()) & 1U) != 0; }

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
Number number_of(std::string_view big_endian) {
  return Number(BN_bin2bn(bytes_of(big_endian), static_cast<int>(big_endian.size()), nullptr));
}
Number number_from_hex(std::string_view hex) {
  BIGNUM* raw = nullptr;
  BN_hex2bn(&raw, std::string(hex).c_str());
  return Number(raw);
}

/// Whether x^2 = (y^2 - 1) / (d y^2 + 1) has a solution: the quotient is a square exactly if the product is. False too where memory ends.
bool is_on_curve(std::string_view y_big_endian) {
  const NumberContext context(BN_CTX_new());
  const Number p = number_from_hex(kFieldPrime);
  const Number d = number_from_hex(kCurveD);
  const Number y = number_of(y_big_endian);
  const Number square(BN_new());
  const Number denominator(BN_new());
  if (!context || !p || !d || !y || !square || !denominator) return false;
  if (BN_mod_sqr(square.get(), y.get(), p.get(), context.get()) != 1) return false;
  if (BN_mod_mul(denominator.get(), square.get(), d.get(), p.get(), context.get()) != 1) return false;
  if (BN_add_word(denominator.get(), 1) != 1 || BN_sub_word(square.get(), 1) != 1) return false;
  if (BN_mod_mul(square.get(), square.get(), denominator.get(), p.get(), context.get()) != 1) return false;
  const int symbol = BN_kronecker(square.get(), p.get(), context.get());
  return symbol == 0 || symbol == 1;
}

}  // namespace

std::size_t bit_length(std::string_view number) noexcept {
  if (number.empty()) return 0;
  std::size_t bits = (number.size() - 1) * 8;
  for (auto top = static_cast<unsigned char>(number.front()); top != 0; top = static_cast<unsigned char>(top >> 1U)) ++bits;
  return bits;
}

Result<void> check_rsa_numbers(std::string_view modulus, std::string_view exponent) {
  const std::size_t bits = bit_length(modulus);
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return weak("RSA modulus of " + std::to_string(bits) + " bits; 2048 to 8192 are accepted");
  }
  if (!is_odd(modulus)) return weak("RSA modulus is even");
  const std::size_t exponent_bits = bit_length(exponent);
  if (exponent_bits < kMinExponentBits || exponent_bits > kMaxExponentBits || !is_odd(exponent)) {
    return weak("RSA public exponent is not an odd number with 65537 <= e < 2^32");
  }
  if (has_roca_fingerprint(modulus)) return weak("RSA modulus has the ROCA fingerprint (CVE-2017-15361): its private key can be computed");
  return {};
}

Result<void> check_modulus_is_composite(std::string_view modulus) {
  const OpensslErrors cleared;
  const Number n = number_of(modulus);
  const Number less_one(BN_new());
  const Number power(BN_new());
  const NumberContext context(BN_CTX_new());
  if (!n || !less_one || !power || !context || BN_sub(less_one.get(), n.get(), BN_value_one()) != 1) {
    return weak("RSA modulus could not be tested");
  }
  // Fermat: 2^(n-1) = 1 for every prime. One exponentiation whatever n is, where a proof of primality would take seconds (CVE-2023-6237).
  if (BN_mod_exp_mont_word(power.get(), 2, less_one.get(), n.get(), context.get(), nullptr) != 1)
    return weak("RSA modulus could not be tested");
  if (BN_is_one(power.get()) == 1) return weak("RSA modulus is prime");
  return {};
}

Result<void> check_ed25519_point(std::string_view bytes) {
  const OpensslErrors cleared;
  if (bytes.size() != kEd25519Bytes)
    return Error{Reason::key_malformed, "Ed25519 key of " + std::to_string(bytes.size()) + " bytes, not 32"};
  std::string y(bytes.rbegin(), bytes.rend());
  y[0] = static_cast<char>(static_cast<unsigned char>(y[0]) & 0x7fU);  // the top bit is the sign of x
  const std::string hex = hex_encode(y);
  if (std::find(kSmallOrder.begin(), kSmallOrder.end(), hex) != kSmallOrder.end()) return weak("Ed25519 point of small order");
  if (hex >= kFieldPrime) return Error{Reason::key_malformed, "Ed25519 point is not encoded canonically"};
  if (!is_on_curve(y)) return Error{Reason::key_malformed, "Ed25519 point is not on the curve"};
  return {};
}

}  // namespace portcullis
