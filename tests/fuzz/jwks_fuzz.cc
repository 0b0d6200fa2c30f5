// Any text as a JWKS: an error, or keys with one id each that can be written as a JWKS and read again with the same verdicts.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <openssl/err.h>

#include "keystore/key_set.h"
#include "keystore/key_text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  portcullis::Result<portcullis::ParsedKeys> parsed = portcullis::read_jwks(text, "fallback");
  require(ERR_peek_error() == 0);
  if (!parsed) return 0;
  for (const portcullis::QuarantinedKey& one : parsed->quarantined) require(one.id.size() <= 256 && one.error.detail.size() < 1024);
  if (parsed->keys.empty()) return 0;
  const portcullis::Result<portcullis::KeySet> set = portcullis::KeySet::make(std::move(parsed).value());
  require(set.ok());
  for (const portcullis::Key& key : set->keys()) require(set->find(key.id()) == &key);
  portcullis::Result<portcullis::ParsedKeys> again = portcullis::read_jwks(portcullis::to_jwks(set->keys()), "");
  require(again.ok() && again->quarantined.empty());
  require(portcullis::KeySet::make(std::move(again).value())->digest() == set->digest());
  return 0;
}
