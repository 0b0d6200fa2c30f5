// Keys and tokens of the benchmarks: what a registry's clients would carry.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "tests/support/tokens.h"

namespace portcullis::bench {

/// An algorithm and the key that the benchmarks use it with. The key's id is the algorithm's name in lower case.
struct Kind {
  std::string_view algorithm;
  std::string_view key_id;
  std::string_view key;  ///< for `test::make_key`
};

inline constexpr std::array<Kind, 11> kKinds{{
    {"RS256", "rs256", "RSA-2048"},
    {"RS384", "rs384", "RSA-2048"},
    {"RS512", "rs512", "RSA-2048"},
    {"PS256", "ps256", "RSA-2048"},
    {"PS384", "ps384", "RSA-2048"},
    {"PS512", "ps512", "RSA-2048"},
    {"ES256", "es256", "P-256"},
    {"ES384", "es384", "P-384"},
    {"ES512", "es512", "P-521"},
    {"EdDSA", "eddsa", "ED25519"},
    {"Ed25519", "ed25519", "ED25519"},
}};

/// The key pair of `kind`, made once a process.
const test::KeyPair& key_of(const Kind& kind);
/// The kind of that key id; ends the process where there is none.
const Kind& kind_of(std::string_view key_id);
/// The claims of a pull token with a month to live, told apart by `number` (`jti`).
std::string payload(TimePoint now, std::uint64_t number);
/// A token of `kind`, told apart by `number`.
std::string token(const Kind& kind, TimePoint now, std::uint64_t number);
/// The same, but signed with a key of the same type that nobody trusts: refusing it costs a whole signature check.
std::string forged_token(const Kind& kind, TimePoint now, std::uint64_t number);
/// The secret's JSON: every kind's key under its id.
std::string secret_of_all_kinds();

}  // namespace portcullis::bench
