// The query of a registry request, read as the registry reads it: only the keys that change what a request may do.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portcullis {

/// The values of known keys, decoded once. Other keys pass unread: registries put `_state` there, mirrors `ns`.
struct RegistryQuery {
  std::optional<std::string> mount;   ///< digest of the blob to mount
  std::optional<std::string> from;    ///< repository to mount it from
  std::optional<std::string> digest;  ///< of the blob that is uploaded
  std::vector<std::string> tags;
};

/// Reads what stands behind the first `?`, or an empty text. `query_malformed` for a key with `%`, `+` or `;` in it (`%66rom` mounts
/// unseen), for a known key in other letters or as a list (`From`, `from[]`), for `mount`, `from` or `digest` twice, for a broken escape in
/// a known value, for a known key behind a `;` (old parsers split there), and for `#` or a control byte.
Result<RegistryQuery> read_query(std::string_view query);

}  // namespace portcullis
