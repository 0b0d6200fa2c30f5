// The file of last known good keys: any text is refused or gives a good set, any set is read back as it was written, and a good file that
// lost or changed a byte is refused, or still says what it said.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/err.h>

#include "keystore/key_text.h"
#include "keystore/refresh/last_known_good.h"

namespace {

using namespace portcullis;

constexpr TimePoint kNow{std::chrono::seconds{1798761600}};  // 2027-01-01
constexpr std::string_view kKeys =
    R"({"keys":[{"crv":"Ed25519","kid":"a","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

void require(bool holds) {
  if (!holds) std::abort();
}

SourceIdentity source() { return identity_of_jwks("https://keys.example/jwks.json"); }

Result<RememberedKeys> read(std::string_view text) {
  Result<RememberedKeys> found = read_remembered(text, source(), kNow);
  require(ERR_peek_error() == 0);
  if (!found) require(found.error().detail.size() < 8192);
  if (found) require(!found->keys.keys().empty() && found->last_success <= kNow);
  return found;
}

/// A set that somebody else made.
void check_round_trip(std::string_view jwks) {
  Result<ParsedKeys> parsed = read_jwks(jwks, "");
  if (!parsed) return;
  const Result<KeySet> set = KeySet::make(std::move(parsed).value());
  if (!set) return;
  const Result<RememberedKeys> found = read(write_remembered(source(), *set, kNow));
  require(found.ok() && found->keys.digest() == set->digest() && found->last_success == kNow);
}

/// `place` and `change` damage a good file.
void check_damage(std::size_t place, std::uint8_t change, bool cut) {
  const Result<KeySet> set = KeySet::make(read_jwks(kKeys, "").value());
  std::string text = write_remembered(source(), *set, kNow);
  place %= text.size();
  if (cut) {
    text.resize(place);
  } else {
    text[place] = static_cast<char>(static_cast<std::uint8_t>(text[place]) ^ change);
  }
  const Result<RememberedKeys> found = read(text);
  if (found) require(found->keys.digest() == set->digest() && found->last_success == kNow);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'd':
    case 'c':
      if (size >= 4) check_damage(std::size_t{data[1]} | std::size_t{data[2]} << 8U, data[3], data[0] == 'c');
      break;
    case 'k': check_round_trip(rest); break;
    default: (void)read({reinterpret_cast<const char*>(data), size}); break;
  }
  return 0;
}
