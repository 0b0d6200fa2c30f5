#include "keystore/key_ids.h"

#include <algorithm>
#include <utility>

#include "base/codec/percent.h"

namespace portcullis {

Result<void> check_key_id(std::string_view id) {
  if (id.size() <= kMaxKeyIdBytes) return {};
  return Error{Reason::key_malformed, "key id longer than 256 bytes"};
}

Result<std::vector<Key>> one_key_per_id(std::vector<Key> keys) {
  std::stable_sort(keys.begin(), keys.end(), [](const Key& left, const Key& right) { return left.id() < right.id(); });
  std::vector<Key> unique;
  unique.reserve(keys.size());
  for (Key& key : keys) {
    if (unique.empty() || unique.back().id() != key.id()) {
      unique.push_back(std::move(key));
    } else if (unique.back().thumbprint() != key.thumbprint()) {
      return Error{Reason::key_duplicate, "two different keys under the id \"" + escape_for_log(key.id()) + "\""};
    } else if (unique.back().algorithms() != key.algorithms() || unique.back().not_after() != key.not_after()) {
      unique.back() = unique.back().joined(key);
    }
  }
  return unique;
}

}  // namespace portcullis
