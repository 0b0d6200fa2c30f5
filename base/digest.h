// SHA-256 of bytes: identities of tokens, key sets and files.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace portcullis {

struct Sha256 {
  std::array<std::uint8_t, 32> bytes{};

  friend bool operator==(const Sha256&, const Sha256&) = default;
  friend auto operator<=>(const Sha256&, const Sha256&) = default;
};

/// The SHA-256 digest of `bytes` (FIPS 180-4). `std::bad_alloc` where OpenSSL has no memory. Safe from many threads.
Sha256 sha256(std::string_view bytes);
/// All 64 lower-case hex digits.
std::string to_hex(const Sha256& digest);
/// `sha256:` and the first 8 hex digits: the only form in which a token may appear in a log.
std::string short_form(const Sha256& digest);

/// The SHA-1 digest of `text` as 40 hex digits: names the cache files of AWS IAM Identity Center, and protects nothing.
std::string sha1_hex(std::string_view text);

/// For hash tables: the digest is already uniform, so its first bytes are the hash.
struct Sha256Hash {
  std::size_t operator()(const Sha256& digest) const noexcept;
};

}  // namespace portcullis
