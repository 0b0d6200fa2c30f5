// The closed list of signature algorithms, and the key each needs (RFC 7518 section 3.1, RFC 8037, RFC 9864). `none` and the HMAC family
// are no members: they cannot be asked for.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace portcullis {

enum class Algorithm : std::uint8_t { rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, eddsa, ed25519 };

/// What kind of key: the curve is part of the type, because an algorithm is tied to it.
enum class KeyType : std::uint8_t { rsa, ec_p256, ec_p384, ec_p521, ed25519 };

/// A set of algorithms.
class AlgorithmSet {
 public:
  constexpr AlgorithmSet() = default;
  constexpr AlgorithmSet(std::initializer_list<Algorithm> all) {
    for (const Algorithm one : all) insert(one);
  }
  constexpr void insert(Algorithm one) { bits_ = static_cast<std::uint16_t>(bits_ | bit(one)); }
  [[nodiscard]] constexpr bool contains(Algorithm one) const { return (bits_ & bit(one)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr AlgorithmSet intersect(AlgorithmSet other) const {
    AlgorithmSet both;
    both.bits_ = static_cast<std::uint16_t>(bits_ & other.bits_);
    return both;
  }
  [[nodiscard]] constexpr AlgorithmSet unite(AlgorithmSet other) const {
    AlgorithmSet either;
    either.bits_ = static_cast<std::uint16_t>(bits_ | other.bits_);
    return either;
  }
  friend constexpr bool operator==(AlgorithmSet, AlgorithmSet) = default;

 private:
  static constexpr std::uint16_t bit(Algorithm one) { return static_cast<std::uint16_t>(1U << static_cast<unsigned>(one)); }
  std::uint16_t bits_ = 0;
};

/// All algorithms, in the order of the enumeration.
std::span<const Algorithm> all_algorithms() noexcept;
/// The name in a token's header: `RS256`, `EdDSA`.
std::string_view algorithm_name(Algorithm algorithm) noexcept;
/// The algorithm called `name`, letter case exact; nothing for any other text.
std::optional<Algorithm> algorithm_from_name(std::string_view name) noexcept;
/// Every algorithm that a key of `type` may serve, if it does not say itself.
AlgorithmSet algorithms_for(KeyType type) noexcept;
/// `RSA`, `EC P-256`, `EC P-384`, `EC P-521`, `Ed25519`: for people.
std::string_view key_type_name(KeyType type) noexcept;

}  // namespace portcullis
