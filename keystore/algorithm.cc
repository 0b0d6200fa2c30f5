#include "keystore/algorithm.h"

#include <array>
#include <cstdlib>

namespace portcullis {
namespace {

using enum Algorithm;

struct AlgorithmRow {
  Algorithm algorithm;
  std::string_view name;
};

constexpr std::array kRows = {
    AlgorithmRow{rs256, "RS256"}, AlgorithmRow{rs384, "RS384"}, AlgorithmRow{rs512, "RS512"},     AlgorithmRow{ps256, "PS256"},
    AlgorithmRow{ps384, "PS384"}, AlgorithmRow{ps512, "PS512"}, AlgorithmRow{es256, "ES256"},     AlgorithmRow{es384, "ES384"},
    AlgorithmRow{es512, "ES512"}, AlgorithmRow{eddsa, "EdDSA"}, AlgorithmRow{ed25519, "Ed25519"},
};
constexpr std::array kAll = {rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, eddsa, ed25519};

constexpr bool rows_follow_the_enumeration() {
  if (kRows.size() != static_cast<std::size_t>(ed25519) + 1 || kAll.size() != kRows.size()) return false;
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].algorithm) != i || kAll[i] != kRows[i].algorithm) return false;
  }
  return true;
}
static_assert(rows_follow_the_enumeration(), "one row for each algorithm, in order");

}  // namespace

std::span<const Algorithm> all_algorithms() noexcept { return kAll; }

std::string_view algorithm_name(Algorithm algorithm) noexcept {
  const auto index = static_cast<std::size_t>(algorithm);
  if (index >= kRows.size()) std::abort();
  return kRows[index].name;
}

std::optional<Algorithm> algorithm_from_name(std::string_view name) noexcept {
  for (const AlgorithmRow& row : kRows) {
    if (row.name == name) return row.algorithm;
  }
  return std::nullopt;
}

AlgorithmSet algorithms_for(KeyType type) noexcept {
  switch (type) {
    case KeyType::rsa: return {rs256, rs384, rs512, ps256, ps384, ps512};
    case KeyType::ec_p256: return {es256};
    case KeyType::ec_p384: return {es384};
    case KeyType::ec_p521: return {es512};
    // RFC 9864: `Ed25519` is the new name of what `EdDSA` means with a key of this curve, so such a key serves both spellings.
    case KeyType::ed25519: return {eddsa, ed25519};
  }
  std::abort();
}

std::string_view key_type_name(KeyType type) noexcept {
  switch (type) {
    case KeyType::rsa: return "RSA";
    case KeyType::ec_p256: return "EC P-256";
    case KeyType::ec_p384: return "EC P-384";
    case KeyType::ec_p521: return "EC P-521";
    case KeyType::ed25519: return "Ed25519";
  }
  std::abort();
}

}  // namespace portcullis
