#include "base/secret.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include <openssl/crypto.h>

namespace portcullis {
namespace {

/// `to` is empty. A short text lies in the object itself and is copied, which leaves it behind to be wiped; a long one changes its owner.
void take(std::string& to, std::string& from) noexcept {
  if (from.size() <= to.capacity())
    to.assign(from);
  else
    to.swap(from);
}

}  // namespace

Secret::Secret(std::string text) : text_(std::move(text)) {}

Secret::Secret(Secret&& other) noexcept {
  take(text_, other.text_);
  other.wipe();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    take(text_, other.text_);
    other.wipe();
  }
  return *this;
}

Secret::~Secret() { wipe(); }

void Secret::wipe() noexcept { portcullis::wipe(text_); }

bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept {
  if (left.size() != right.size()) return false;
  std::uint64_t difference = 0;
  std::size_t at = 0;
  for (; at + sizeof difference <= left.size(); at += sizeof difference) {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::memcpy(&a, left.data() + at, sizeof a);
    std::memcpy(&b, right.data() + at, sizeof b);
    difference |= a ^ b;
    __asm__("" : "+r"(difference));  // what the compiler does not know it cannot leave the loop for
  }
  difference |= static_cast<unsigned>(CRYPTO_memcmp(left.data() + at, right.data() + at, left.size() - at));
  return difference == 0;
}

void wipe(std::string& text) noexcept {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace portcullis
