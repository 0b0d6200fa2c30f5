#include "policy/route.h"

#include <algorithm>
#include <utility>

#include "policy/grammar.h"
#include "policy/query.h"
#include "policy/table.h"

namespace portcullis {
namespace {

constexpr std::string_view kPrefix = "/v2/";
constexpr std::string_view kCatalog = "_catalog";
constexpr std::string_view kRepository = "repository";

/// A path cut from the right: `name` "/" `outer` "/" `inner` "/" `tail`; what is not there is empty.
struct Segments {
  std::string_view tail;
  std::string_view inner;
  std::string_view outer;
  std::string_view before_inner;  ///< the name where the row has no `outer`
  std::string_view before_outer;  ///< the name where it has one
};

/// Cuts off the last segment, and the `/` before it.
std::string_view take_last(std::string_view& text) noexcept {
  const std::size_t slash = text.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? text : text.substr(slash + 1);
  text = slash == std::string_view::npos ? std::string_view() : text.substr(0, slash);
  return last;
}

Segments cut_from_the_right(std::string_view rest) noexcept {
  Segments cut;
  cut.tail = take_last(rest);
  cut.inner = take_last(rest);
  cut.before_inner = rest;
  cut.outer = take_last(rest);
  cut.before_outer = rest;
  return cut;
}

/// A row that fits a path, and the parts of the path that it names; no row where the path is none of the table's.
struct Match {
  const TableRow* row = nullptr;
  bool method_fits = false;
  std::string_view name;
  std::string_view reference;
};

bool shape_fits(const TableRow& row, std::string_view rest, const Segments& cut) noexcept {
  if (row.kind == RouteKind::base) return rest.empty();
  if (row.kind == RouteKind::catalog) return rest == kCatalog;
  if (row.inner != cut.inner || (!row.outer.empty() && row.outer != cut.outer)) return false;
  if (row.tail == Tail::upload_id) return !cut.tail.empty();
  return row.tail != Tail::literal || row.literal == cut.tail;
}

/// The row of `path` and `method`. A mount has the path of an upload's start and is told apart by its query.
Match match_path(std::string_view path, std::optional<Method> method) noexcept {
  Match match;
  if (!path.starts_with(kPrefix)) return match;
  const std::string_view rest = path.substr(kPrefix.size());
  const Segments cut = cut_from_the_right(rest);
  for (const TableRow& row : table_rows()) {
    if (row.kind == RouteKind::upload_mount || !shape_fits(row, rest, cut)) continue;
    match.row = &row;
    if (row.tail != Tail::none) match.name = row.outer.empty() ? cut.before_inner : cut.before_outer;
    if (row.tail == Tail::reference || row.tail == Tail::digest) match.reference = cut.tail;
    if (row.tail == Tail::upload_id) match.reference = cut.tail;
    match.method_fits = method.has_value() && (row.methods & static_cast<MethodSet>(*method)) != 0;
    if (match.method_fits) return match;
  }
  return match;
}

/// Whether there is a row, and the path's parts keep the grammar.
Result<void> check_names(const Match& match) {
  if (match.row == nullptr) return Error{Reason::route_unknown, "no route of the table"};
  if (match.row->tail == Tail::none) return {};
  if (!is_repository_name(match.name)) return Error{Reason::name_invalid, "the repository name breaks the grammar"};
  bool fits = true;
  switch (match.row->tail) {
    case Tail::none:
    case Tail::literal: break;
    case Tail::reference: fits = is_tag(match.reference) || is_digest(match.reference); break;
    case Tail::digest: fits = is_digest(match.reference); break;
    case Tail::upload_id: fits = is_upload_id(match.reference); break;
  }
  if (!fits) return Error{Reason::name_invalid, "the tag, digest or upload id breaks the grammar"};
  return {};
}

std::string scope_text(std::string_view type, std::string_view name, std::string_view actions) {
  std::string text;
  text.reserve(type.size() + name.size() + actions.size() + 2);
  text.append(type).append(1, ':').append(name).append(1, ':').append(actions);
  return text;
}

Access access_of(const TableRow& row, std::string_view name) {
  Access access;
  access.kind = row.kind;
  access.route = row.shown.path;
  access.action = row.action;
  access.repository = name;
  if (row.need_action.empty()) return access;
  const bool catalog = row.kind == RouteKind::catalog;
  const std::string_view type = catalog ? "registry" : kRepository;
  const std::string_view resource = catalog ? "catalog" : name;
  access.needs.push_back({std::string(type), std::string(resource), std::string(row.need_action)});
  access.challenge_scope.push_back(scope_text(type, resource, row.challenge));
  return access;
}

/// Adds the right to read the blob's source. A source that is missing or no repository name is one that may not be read: its name stays
/// empty, and an empty name is never granted.
void add_source(Access& access, const RegistryQuery& query) {
  const bool named = query.from.has_value() && is_repository_name(*query.from);
  access.mount_source = named ? *query.from : std::string();
  access.needs.push_back({std::string(kRepository), *access.mount_source, "pull"});
  if (named && *query.from != access.repository) access.challenge_scope.push_back(scope_text(kRepository, *query.from, "pull"));
}

const TableRow& mount_row() noexcept {
  const auto rows = table_rows();
  return *std::find_if(rows.begin(), rows.end(), [](const TableRow& row) { return row.kind == RouteKind::upload_mount; });
}

/// What the query of an upload adds. `from` without `mount` needs the source as well: registries that look at it are asked to read there.
Result<void> apply_upload_query(Access& access, const RegistryQuery& query) {
  if (query.digest && !is_digest(*query.digest)) return Error{Reason::query_malformed, "the query's digest breaks the grammar"};
  if (query.digest) access.reference = *query.digest;
  if (access.kind != RouteKind::upload_start) return {};
  if (query.mount) {
    if (!is_digest(*query.mount)) return Error{Reason::query_malformed, "the digest to mount breaks the grammar"};
    access.kind = RouteKind::upload_mount;
    access.route = mount_row().shown.path;
    access.reference = *query.mount;
  }
  if (query.mount || query.from) add_source(access, query);
  return {};
}

/// What some server takes for a blank, and cuts off: `%09latest` would be `latest` there, and no tag here.
bool may_be_trimmed(std::string_view tag) noexcept {
  return std::any_of(tag.begin(), tag.end(), [](char c) { return c < ' ' || c > '~'; });
}

/// A push by tag writes that; a push by digest the tags of its query: blanks around them do not count, and what is no tag is left to the
/// registry, which refuses it. `Reason::query_malformed` for one that another server could read as a tag.
Result<void> add_tags(Access& access, const RegistryQuery& query) {
  if (is_tag(access.reference)) {
    access.tags.push_back(access.reference);
    return {};
  }
  for (std::string_view tag : query.tags) {
    if (may_be_trimmed(tag)) return Error{Reason::query_malformed, "a tag of the query holds a control or a byte that is not ASCII"};
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    while (tag.ends_with(' ')) tag.remove_suffix(1);
    if (is_tag(tag) && std::find(access.tags.begin(), access.tags.end(), tag) == access.tags.end()) access.tags.emplace_back(tag);
  }
  return {};
}

bool is_prefix(const ExtraRouteRule& rule) noexcept { return rule.path.ends_with('/'); }

bool lists_method(const ExtraRouteRule& rule, std::string_view method) {
  return std::find(rule.methods.begin(), rule.methods.end(), method) != rule.methods.end();
}

/// The operator's route for `path`: an exact one before a prefix, a longer prefix before a shorter one; of several for one path, the one
/// that lists the method.
const ExtraRouteRule* find_extra(std::string_view method, std::string_view path, std::span<const ExtraRouteRule> extra) {
  const ExtraRouteRule* best = nullptr;
  for (const ExtraRouteRule& rule : extra) {
    if (rule.path != path && !(is_prefix(rule) && path.starts_with(rule.path))) continue;
    const bool longer = best == nullptr || rule.path.size() > best->path.size();
    if (longer || (rule.path == best->path && !lists_method(*best, method))) best = &rule;
  }
  return best;
}

Result<Access> extra_access(std::string_view method, const ExtraRouteRule& rule) {
  if (!method_from_name(method) || !lists_method(rule, method)) {
    return Error{Reason::method_not_allowed, "the extra route does not list the method"};
  }
  Access access;
  access.kind = RouteKind::extra;
  access.route = "extra";
  access.action = rule.action;
  access.needs.push_back(rule.need);
  access.challenge_scope.push_back(scope_text(rule.need.type, rule.need.name, rule.need.action));
  return access;
}

Result<Access> table_access(const Match& match, std::string_view query_text) {
  const auto query = read_query(query_text);
  if (!query) return query.error();
  Access access = access_of(*match.row, match.name);
  access.reference = match.row->tail == Tail::upload_id ? std::string_view() : match.reference;
  if (access.kind == RouteKind::upload_start || access.kind == RouteKind::upload_session) {
    const auto upload = apply_upload_query(access, *query);
    if (!upload) return upload.error();
  }
  if (access.action == Action::create_or_update) {
    if (const auto added = add_tags(access, *query); !added) return added.error();
  }
  return access;
}

/// The words of `/v1/verify` for an access without a URI.
struct Asked {
  std::string_view word;
  std::string_view need;
  std::string_view challenge;
  Action action;
};
constexpr Asked kAsked[] = {
    {"pull", "pull", "pull", Action::read},          {"push", "push", "pull,push", Action::create_or_update},
    {"delete", "delete", "delete", Action::delete_}, {"read", "pull", "pull", Action::read},
    {"create", "push", "pull,push", Action::create}, {"update", "push", "pull,push", Action::update},
};

}  // namespace

Result<Access> requested_access(std::string_view method, std::string_view raw_uri, std::span<const ExtraRouteRule> extra,
                                const RouteLimits& limits) {
  if (raw_uri.size() > limits.uri_bytes) return Error{Reason::uri_too_long, "the URI has " + std::to_string(raw_uri.size()) + " bytes"};
  const std::size_t mark = raw_uri.find('?');
  const std::string_view path = raw_uri.substr(0, mark);
  const std::string_view query = mark == std::string_view::npos ? std::string_view() : raw_uri.substr(mark + 1);
  if (!is_canonical_path(path)) return Error{Reason::path_not_canonical, "the path can be read in more than one way"};
  const Match match = match_path(path, method_from_name(method));
  const auto names = check_names(match);
  if (!names) {
    const ExtraRouteRule* rule = find_extra(method, path, extra);
    if (rule != nullptr) return extra_access(method, *rule);
    if (match.row == nullptr || match.method_fits) return names.error();
  }
  if (!match.method_fits) return Error{Reason::method_not_allowed, "the route does not know the method"};
  return table_access(match, query);
}

Result<Access> asked_access(std::string_view repository, std::string_view action) {
  const auto* const asked = std::find_if(std::begin(kAsked), std::end(kAsked), [&](const Asked& one) { return one.word == action; });
  if (asked == std::end(kAsked)) return Error{Reason::bad_request, "action is not pull, push, delete, read, create or update"};
  if (!is_repository_name(repository)) return Error{Reason::name_invalid, "the repository name breaks the grammar"};
  Access access;
  access.kind = RouteKind::manifest;
  access.route = "the question";
  access.action = asked->action;
  access.repository = repository;
  access.needs.push_back({std::string(kRepository), std::string(repository), std::string(asked->need)});
  access.challenge_scope.push_back(scope_text(kRepository, repository, asked->challenge));
  return access;
}

bool overlaps_table(std::string_view extra_path) noexcept {
  const Match match = match_path(extra_path, std::nullopt);
  if (check_names(match).ok()) return true;
  if (!extra_path.ends_with('/')) return false;
  if (kPrefix.starts_with(extra_path)) return true;
  if (!extra_path.starts_with(kPrefix)) return false;
  // Any path of good name components can be continued to a route of the table: `/v2/a/b/` to `/v2/a/b/tags/list`.
  std::string_view rest = extra_path.substr(kPrefix.size(), extra_path.size() - kPrefix.size() - 1);
  while (!rest.empty()) {
    if (!is_name_component(take_last(rest))) return false;
  }
  return true;
}

}  // namespace portcullis
