// Fuzzes method and URI: whatever is accepted needs rights on names that passed the grammar, and a path that can be read in one way only.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/grammar.h"
#include "policy/query.h"
#include "policy/route.h"

namespace {

using namespace portcullis;

constexpr RouteLimits kLimits{4096};

void require(bool holds) {
  if (!holds) std::abort();
}

std::span<const ExtraRouteRule> extra_routes() {
  static const std::vector<ExtraRouteRule> kExtra = {{"/v2/_zot/ext/search", {"GET"}, {"registry", "catalog", "*"}, Action::read},
                                                     {"/ui/", {"GET", "HEAD"}, {"registry", "ui", "use"}, Action::read}};
  return kExtra;
}

bool stands_in_a_challenge(std::string_view scope) {
  for (const char c : scope) {
    if (c <= ' ' || c > '~' || c == '"' || c == '\\') return false;
  }
  return true;
}

void check(const Access& access, std::string_view uri) {
  const std::string_view path = uri.substr(0, uri.find('?'));
  require(uri.size() <= kLimits.uri_bytes && is_canonical_path(path));
  require(path.find_first_of("%;\\#") == std::string_view::npos && path.find("//") == std::string_view::npos);
  require(access.needs.empty() == (access.kind == RouteKind::base));
  for (const std::string& scope : access.challenge_scope) require(stands_in_a_challenge(scope));
  if (access.kind == RouteKind::extra || access.kind == RouteKind::base || access.kind == RouteKind::catalog) {
    require(access.repository.empty());
    return;
  }
  require(is_repository_name(access.repository));
  require(path.starts_with("/v2/" + access.repository + "/"));
  require(access.needs.front().name == access.repository);
  require(access.needs.size() == (access.mount_source ? 2U : 1U));
  if (access.mount_source) require(access.mount_source->empty() || is_repository_name(*access.mount_source));
  require(overlaps_table(path));
}

/// A path that a query does not change, and names that a query does not change either.
void check_independence(std::string_view method, std::string_view uri, const Access& access) {
  const auto bare = requested_access(method, uri.substr(0, uri.find('?')), extra_routes(), kLimits);
  require(bare.ok() && bare->repository == access.repository);
  require(bare->needs.size() <= access.needs.size());
  if (!bare->needs.empty()) require(bare->needs.front() == access.needs.front());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view method = text.substr(0, line);
  const std::string_view uri = text.substr(line + 1);
  const auto access = requested_access(method, uri, extra_routes(), kLimits);
  if (access) {
    check(*access, uri);
    check_independence(method, uri, *access);
  }
  (void)overlaps_table(uri);
  (void)asked_access(uri, method);
  const auto query = read_query(uri);
  if (query && query->from && uri.find("from") == std::string_view::npos) std::abort();
  return 0;
}
