// Key ids: how long they may be, and that one id means one key.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keystore/key.h"

namespace portcullis {

/// As long as the `kid` of a token may be. The empty id is one too, as in zot.
inline constexpr std::size_t kMaxKeyIdBytes = 256;

/// `Reason::key_malformed` for a longer one.
Result<void> check_key_id(std::string_view id);

/// The keys sorted by id, the same key under the same id once. `Reason::key_duplicate` where two keys that differ, in their numbers or in
/// the algorithms that they serve, share an id: which of them was meant cannot be known.
Result<std::vector<Key>> one_key_per_id(std::vector<Key> keys);

}  // namespace portcullis
