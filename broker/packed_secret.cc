#include "broker/packed_secret.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/codec/base64url.h"

namespace portcullis {
namespace {

bool is_base64_letter(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/// Whole quadruples at the beginning of `text`, none of them padded: each decodes, and to bytes that no other text has.
std::string_view quadruples_of(std::string_view text) noexcept {
  const auto end = std::find_if_not(text.begin(), text.end(), is_base64_letter);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()) / 4 * 4);
}

}  // namespace

PackedSecret::PackedSecret(Secret text) {
  const std::string_view whole = text.reveal();
  const std::string_view front = quadruples_of(whole);
  const bool packs = front.size() >= kShortest;
  std::string bytes = packs ? base64_decode(front).value() : std::string();
  packed_ = bytes.size();
  const std::string_view rest = packs ? whole.substr(front.size()) : whole;
  std::string kept;
  // Reserved at once, and beside the object: a text that grows, or lies in an object that is moved, leaves copies behind.
  kept.reserve(std::max(kShortest / 2, bytes.size() + rest.size()));
  kept.append(bytes).append(rest);
  wipe(bytes);
  kept_ = Secret(std::move(kept));
}

void PackedSecret::append_to(std::string& out) const {
  base64_append(out, kept_.reveal().substr(0, packed_));
  out.append(kept_.reveal().substr(packed_));
}

Secret PackedSecret::text() const {
  std::string text;
  text.reserve(size());
  append_to(text);
  return Secret(std::move(text));
}

}  // namespace portcullis
