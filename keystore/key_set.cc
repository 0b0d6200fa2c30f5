#include "keystore/key_set.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "keystore/key_ids.h"

namespace portcullis {
namespace {

/// Each field with its length before it, so that no two sets give the same bytes.
void append_field(std::string& out, std::string_view field) {
  out += std::to_string(field.size());
  out += ':';
  out += field;
}

std::string digest_of(const std::vector<Key>& keys) {
  std::string bytes;
  for (const Key& key : keys) {
    append_field(bytes, key.id());
    append_field(bytes, key.thumbprint());
    std::string names;
    for (const Algorithm one : all_algorithms()) {
      if (key.algorithms().contains(one)) append_field(names, algorithm_name(one));
    }
    append_field(bytes, names);
  }
  return to_hex(sha256(bytes));
}

}  // namespace

Result<KeySet> KeySet::make(ParsedKeys parsed) {
  if (parsed.keys.empty())
    return Error{Reason::keys_empty, "no usable key, and " + std::to_string(parsed.quarantined.size()) + " quarantined"};
  Result<std::vector<Key>> unique = one_key_per_id(std::move(parsed.keys));
  if (!unique) return std::move(unique).error();
  KeySet set;
  set.keys_ = std::move(unique).value();
  set.quarantined_ = std::move(parsed.quarantined);
  set.by_id_.reserve(set.keys_.size());
  for (std::size_t i = 0; i < set.keys_.size(); ++i) set.by_id_.emplace(set.keys_[i].id(), i);
  set.digest_ = digest_of(set.keys_);
  set.has_costly_key_ = std::any_of(set.keys_.begin(), set.keys_.end(), is_costly);
  return set;
}

const Key* KeySet::find(std::string_view id) const noexcept {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &keys_[found->second];
}

const Key* KeySet::only() const noexcept { return keys_.size() == 1 ? &keys_.front() : nullptr; }

}  // namespace portcullis
