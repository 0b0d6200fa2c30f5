// What a request to the registry needs: one table for code, documentation and tests. Parsed from the right, to the grammar of the OCI
// distribution specification; what is not in the table is refused.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portcullis {

/// What a policy grants.
// NOLINTNEXTLINE(readability-identifier-naming): `delete` is a keyword
enum class Action { none, read, create, update, create_or_update, delete_ };

/// One right that a token's `access` claim must give: `repository:team/app:push`.
struct Need {
  std::string type;    ///< "repository" or "registry"
  std::string name;    ///< passed the grammar: safe in a challenge
  std::string action;  ///< "pull", "push", "delete", "*"

  friend bool operator==(const Need&, const Need&) = default;
};

/// Which row of the table.
enum class RouteKind { base, manifest, blob, tags, referrers, upload_start, upload_mount, upload_session, catalog, extra };

/// What one request asks for.
struct Access {
  RouteKind kind = RouteKind::base;
  std::string_view route;                    ///< the row's pattern: `/v2/<name>/manifests/<reference>`; a fixed text
  std::vector<Need> needs;                   ///< empty for `/v2/`; a mount has two, destination first
  Action action = Action::none;              ///< on the repository
  std::string repository;                    ///< empty where the route has none
  std::string reference;                     ///< tag or digest, or empty; of an upload the digest, where the query names it
  std::vector<std::string> tags;             ///< of a push: the tags that it writes, each once
  std::optional<std::string> mount_source;   ///< of a mount; an empty text where `from` is missing: a source that may not be read
  std::vector<std::string> challenge_scope;  ///< `repository:a/b:pull,push`, ready for the challenge; destination first
};

/// An operator's own route (`portcullis.extraRoutes`).
struct ExtraRouteRule {
  std::string path;  ///< exact, or a prefix that ends in `/`
  std::vector<std::string> methods;
  Need need;
  Action action = Action::read;
};

struct RouteLimits {
  std::size_t uri_bytes;
};

/// Judges a request line as it stands; never normalises. `method` and `raw_uri` (path and query, undecoded) are the original request's.
/// Reasons: uri_too_long, path_not_canonical, query_malformed, route_unknown, method_not_allowed, name_invalid.
Result<Access> requested_access(std::string_view method, std::string_view raw_uri, std::span<const ExtraRouteRule> extra,
                                const RouteLimits& limits);

/// What `/v1/verify` asks with `repository` and `action` instead of a URI: pull, push, delete, read, create or update.
/// `Reason::bad_request` for another action, `Reason::name_invalid` for a bad repository.
Result<Access> asked_access(std::string_view repository, std::string_view action);

/// A row of the table, for `portcullis routes` and the documentation.
struct RouteRow {
  std::string_view methods;  ///< "GET, HEAD"
  std::string_view path;     ///< "/v2/<name>/manifests/<reference>"
  std::string_view needs;    ///< what the `access` claim must hold
  std::string_view action;   ///< the policy action
};
std::span<const RouteRow> route_table() noexcept;

/// Whether an extra route's path overlaps a row of the table, and so cannot be configured.
bool overlaps_table(std::string_view extra_path) noexcept;

/// Repository name grammar: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*`, at most 255 bytes.
bool is_repository_name(std::string_view text) noexcept;
/// Tag grammar: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
bool is_tag(std::string_view text) noexcept;
/// Digest grammar: `algorithm ":" encoded`; sha256 and sha512 with their exact number of lower-case hex digits.
bool is_digest(std::string_view text) noexcept;

}  // namespace portcullis
