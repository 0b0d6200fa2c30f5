#include "keystore/roca.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace portcullis {
namespace {

// All arithmetic is done modulo each prime on its own (Chinese remainder theorem), so no number here is wider than 64 bits.
constexpr std::array<std::uint32_t, 39> kPrimes = {2,   3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,
                                                   43,  47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101,
                                                   103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
constexpr std::uint32_t kGenerator = 65537;

using Residues = std::array<std::uint32_t, kPrimes.size()>;

/// The order of the generator modulo `prime`.
constexpr std::uint32_t order_modulo(std::uint32_t prime) {
  std::uint32_t order = 1;
  for (std::uint32_t power = kGenerator % prime; power != 1; power = power * (kGenerator % prime) % prime) ++order;
  return order;
}

constexpr Residues orders() {
  Residues all{};
  for (std::size_t i = 0; i < kPrimes.size(); ++i) all[i] = order_modulo(kPrimes[i]);
  return all;
}
constexpr Residues kOrders = orders();

constexpr std::uint64_t group_order() {
  std::uint64_t order = 1;
  for (const std::uint32_t one : kOrders) order = std::lcm(order, std::uint64_t{one});
  return order;
}
constexpr std::uint64_t kOrder = group_order();

/// The prime powers of `kOrder`.
constexpr std::array<std::uint32_t, 13> kOrderFactors = {16, 81, 25, 7, 11, 13, 17, 23, 29, 37, 41, 53, 83};

constexpr std::uint64_t product_of_factors() {
  std::uint64_t product = 1;
  for (const std::uint32_t factor : kOrderFactors) product *= factor;
  return product;
}
static_assert(product_of_factors() == kOrder, "the factors are those of the order");

std::uint32_t residue(std::string_view number, std::uint32_t prime) {
  std::uint64_t rest = 0;
  std::size_t i = 0;
  for (; i < number.size() % 4; ++i) rest = (rest << 8U | static_cast<unsigned char>(number[i])) % prime;
  for (; i < number.size(); i += 4) {
    std::uint64_t word = 0;
    for (std::size_t j = 0; j < 4; ++j) word = word << 8U | static_cast<unsigned char>(number[i + j]);
    rest = (rest << 32U | word) % prime;
  }
  return static_cast<std::uint32_t>(rest);
}

std::uint32_t power_modulo(std::uint32_t base, std::uint64_t exponent, std::uint32_t prime) {
  std::uint32_t power = 1 % prime;
  for (; exponent != 0; exponent >>= 1U) {
    if ((exponent & 1U) != 0) power = power * base % prime;
    base = base * base % prime;
  }
  return power;
}

Residues power_of(const Residues& base, std::uint64_t exponent) {
  Residues result{};
  for (std::size_t i = 0; i < kPrimes.size(); ++i) result[i] = power_modulo(base[i], exponent, kPrimes[i]);
  return result;
}

/// Whether `value` is one of the first `count` powers of `base`, from the zeroth.
bool is_power_within(const Residues& value, const Residues& base, std::uint32_t count) {
  Residues power = power_of(base, 0);
  for (std::uint32_t exponent = 0; exponent < count; ++exponent) {
    if (power == value) return true;
    for (std::size_t i = 0; i < kPrimes.size(); ++i) power[i] = power[i] * base[i] % kPrimes[i];
  }
  return false;
}

}  // namespace

bool has_roca_fingerprint(std::string_view modulus) noexcept {
  Residues value{};
  Residues generator{};
  for (std::size_t i = 0; i < kPrimes.size(); ++i) {
    value[i] = residue(modulus, kPrimes[i]);
    generator[i] = kGenerator % kPrimes[i];
    // Modulo one prime the group is cyclic: x is in the subgroup of order d exactly if x^d = 1. Ends here for nearly every other key.
    if (power_modulo(value[i], kOrders[i], kPrimes[i]) != 1 % kPrimes[i]) return false;
  }
  // Modulo all primes at once: a discrete logarithm exists exactly if one exists for each prime power of the order (Pohlig and Hellman).
  for (const std::uint32_t factor : kOrderFactors) {
    if (!is_power_within(power_of(value, kOrder / factor), power_of(generator, kOrder / factor), factor)) return false;
  }
  return true;
}

}  // namespace portcullis
