// The table itself: what it shows is what it does.
#include "policy/table.h"

#include <gtest/gtest.h>

#include <string>

namespace portcullis {
namespace {

/// A path of the row, with good names in its places.
std::string example_of(std::string_view path) {
  std::string text(path);
  const std::string digest = "sha256:" + std::string(64, '0');
  for (const auto& [place, value] : {std::pair<std::string, std::string>{"<name>", "team/app"},
                                     {"<reference>", "v1"},
                                     {"<digest>", digest},
                                     {"<id>", "u1"},
                                     {"<source>", "team/src"}}) {
    for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place)) text.replace(at, place.size(), value);
  }
  return text;
}

TEST(Table, ShowsWhatItDoes) {
  for (const TableRow& row : table_rows()) {
    for (const std::string method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}) {
      const bool shown = (", " + std::string(row.shown.methods) + ",").find(", " + method + ",") != std::string::npos;
      EXPECT_EQ((row.methods & static_cast<MethodSet>(*method_from_name(method))) != 0, shown) << row.shown.path << " " << method;
      if (!shown) continue;
      const auto access = requested_access(method, example_of(row.shown.path), {}, {4096});
      ASSERT_TRUE(access.ok()) << method << " " << row.shown.path << ": " << access.error().detail;
      EXPECT_EQ(access->route, row.shown.path);
      EXPECT_EQ(access->kind, row.kind);
    }
  }
}

TEST(Table, HasOneShownRowForEachRow) {
  ASSERT_EQ(route_table().size(), table_rows().size());
  for (std::size_t i = 0; i < table_rows().size(); ++i) EXPECT_EQ(route_table()[i].path, table_rows()[i].shown.path);
}

TEST(Table, NeedsSomethingOfEveryRouteButTheBase) {
  for (const TableRow& row : table_rows()) EXPECT_EQ(row.need_action.empty(), row.kind == RouteKind::base) << row.shown.path;
}

TEST(Method, IsExactInLetterCase) {
  EXPECT_EQ(method_from_name("GET"), Method::get);
  EXPECT_EQ(method_from_name("DELETE"), Method::delete_);
  for (const std::string_view text : {"", "get", "GET ", "OPTIONS", "TRACE", "CONNECT", "FOO"})
    EXPECT_EQ(method_from_name(text), std::nullopt) << text;
}

}  // namespace
}  // namespace portcullis
