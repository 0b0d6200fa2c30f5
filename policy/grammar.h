// The characters that names in a registry's paths may hold (OCI distribution specification, "Pulling manifests"; image specification,
// "Digests").
#pragma once

#include <cstddef>
#include <string_view>

namespace portcullis {

/// Longest repository name, in bytes: what registries and clients agree on.
inline constexpr std::size_t kRepositoryNameBytes = 255;
/// Longest upload id, in bytes. Registries choose ids themselves; the longest known ones have about 200.
inline constexpr std::size_t kUploadIdBytes = 512;

/// One segment of a repository name: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
bool is_name_component(std::string_view text) noexcept;
/// An upload id: 1 to `kUploadIdBytes` unreserved characters of RFC 3986 section 2.3, or `=` (docker-registry's own pattern has it). Opaque
/// else.
bool is_upload_id(std::string_view text) noexcept;
/// Whether `path` can be read in one way only: it begins with `/` and holds no `%`, no `//`, no `.` or `..` segment, no `;`, `\`, `#`,
/// blank, control or non-ASCII byte. Attack: nginx shows us the raw path and may send the registry the decoded and resolved one.
bool is_canonical_path(std::string_view path) noexcept;

}  // namespace portcullis
