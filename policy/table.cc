#include "policy/table.h"

#include <array>

namespace portcullis {
namespace {

constexpr MethodSet set_of(Method one) noexcept { return static_cast<MethodSet>(one); }
constexpr MethodSet set_of(Method one, Method other) noexcept { return static_cast<MethodSet>(set_of(one) | set_of(other)); }

constexpr MethodSet kRead = set_of(Method::get, Method::head);
constexpr std::string_view kPull = "pull";
constexpr std::string_view kPush = "push";
constexpr std::string_view kPullPush = "pull,push";
constexpr std::string_view kDelete = "delete";
constexpr std::string_view kNeedsPull = "repository:<name>:pull";
constexpr std::string_view kNeedsPush = "repository:<name>:push";
constexpr std::string_view kNeedsDelete = "repository:<name>:delete";
constexpr std::string_view kManifestPath = "/v2/<name>/manifests/<reference>";
constexpr std::string_view kBlobPath = "/v2/<name>/blobs/<digest>";
constexpr std::string_view kSessionPath = "/v2/<name>/blobs/uploads/<id>";

constexpr TableRow session(MethodSet methods, std::string_view shown) {
  return {RouteKind::upload_session,
          methods,
          "blobs",
          "uploads",
          Tail::upload_id,
          {},
          kPush,
          kPullPush,
          Action::create,
          {shown, kSessionPath, kNeedsPush, "create"}};
}

constexpr std::array kTable = {
    TableRow{
        RouteKind::base, kRead, {}, {}, Tail::none, {}, {}, {}, Action::none, {"GET, HEAD", "/v2/", "nothing but a valid token", "none"}},
    TableRow{RouteKind::manifest,
             kRead,
             {},
             "manifests",
             Tail::reference,
             {},
             kPull,
             kPull,
             Action::read,
             {"GET, HEAD", kManifestPath, kNeedsPull, "read"}},
    TableRow{RouteKind::manifest,
             set_of(Method::put),
             {},
             "manifests",
             Tail::reference,
             {},
             kPush,
             kPullPush,
             Action::create_or_update,
             {"PUT", kManifestPath, kNeedsPush, "create or update"}},
    TableRow{RouteKind::manifest,
             set_of(Method::delete_),
             {},
             "manifests",
             Tail::reference,
             {},
             kDelete,
             kDelete,
             Action::delete_,
             {"DELETE", kManifestPath, kNeedsDelete, "delete"}},
    TableRow{
        RouteKind::blob, kRead, {}, "blobs", Tail::digest, {}, kPull, kPull, Action::read, {"GET, HEAD", kBlobPath, kNeedsPull, "read"}},
    TableRow{RouteKind::blob,
             set_of(Method::delete_),
             {},
             "blobs",
             Tail::digest,
             {},
             kDelete,
             kDelete,
             Action::delete_,
             {"DELETE", kBlobPath, kNeedsDelete, "delete"}},
    TableRow{RouteKind::tags,
             kRead,
             {},
             "tags",
             Tail::literal,
             "list",
             kPull,
             kPull,
             Action::read,
             {"GET, HEAD", "/v2/<name>/tags/list", kNeedsPull, "read"}},
    TableRow{RouteKind::referrers,
             kRead,
             {},
             "referrers",
             Tail::digest,
             {},
             kPull,
             kPull,
             Action::read,
             {"GET, HEAD", "/v2/<name>/referrers/<digest>", kNeedsPull, "read"}},
    TableRow{RouteKind::upload_start,
             set_of(Method::post),
             "blobs",
             "uploads",
             Tail::literal,
             "",
             kPush,
             kPullPush,
             Action::create,
             {"POST", "/v2/<name>/blobs/uploads/", kNeedsPush, "create"}},
    TableRow{RouteKind::upload_mount,
             set_of(Method::post),
             "blobs",
             "uploads",
             Tail::literal,
             "",
             kPush,
             kPullPush,
             Action::create,
             {"POST", "/v2/<name>/blobs/uploads/?mount=<digest>&from=<source>", "repository:<name>:push and repository:<source>:pull",
              "create, and read on the source"}},
    session(kRead, "GET, HEAD"),
    session(set_of(Method::patch, Method::put), "PATCH, PUT"),
    session(set_of(Method::delete_), "DELETE"),
    TableRow{RouteKind::catalog,
             set_of(Method::get),
             {},
             {},
             Tail::none,
             {},
             "*",
             "*",
             Action::read,
             {"GET", "/v2/_catalog", "registry:catalog:*", "read on everything"}},
};

constexpr auto kShown = [] {
  std::array<RouteRow, kTable.size()> rows{};
  for (std::size_t i = 0; i < kTable.size(); ++i) rows[i] = kTable[i].shown;
  return rows;
}();

}  // namespace

std::optional<Method> method_from_name(std::string_view text) noexcept {
  if (text == "GET") return Method::get;
  if (text == "HEAD") return Method::head;
  if (text == "POST") return Method::post;
  if (text == "PUT") return Method::put;
  if (text == "PATCH") return Method::patch;
  if (text == "DELETE") return Method::delete_;
  return std::nullopt;
}

std::span<const TableRow> table_rows() noexcept { return kTable; }

std::span<const RouteRow> route_table() noexcept { return kShown; }

}  // namespace portcullis
