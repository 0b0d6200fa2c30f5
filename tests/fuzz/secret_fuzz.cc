// Any text as the secret: an error with a bounded detail, or at least one usable key, each under an id of its own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <openssl/err.h>

#include "keystore/key_set.h"
#include "keystore/key_text.h"

namespace {

constexpr portcullis::TimePoint kNow{std::chrono::seconds{1798761600}};  // 2027-01-01

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  portcullis::Result<portcullis::ParsedKeys> parsed = portcullis::read_secret(text, kNow);
  require(ERR_peek_error() == 0);
  if (!parsed) {
    require(parsed.error().detail.size() < 8192);
    return 0;
  }
  require(!parsed->keys.empty());
  const std::size_t count = parsed->keys.size();
  const portcullis::Result<portcullis::KeySet> set = portcullis::KeySet::make(std::move(parsed).value());
  require(set.ok() && set->keys().size() == count);
  for (const portcullis::Key& key : set->keys()) require(set->find(key.id()) == &key && key.id().size() <= 256);
  return 0;
}
