// The one table of routes: matching, `portcullis routes`, the documentation and the tests read it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "policy/route.h"

namespace portcullis {

/// Methods that a registry knows; no other is ever allowed.
// NOLINTNEXTLINE(readability-identifier-naming): `delete` is a keyword
enum class Method : std::uint8_t { get = 1, head = 2, post = 4, put = 8, patch = 16, delete_ = 32 };
using MethodSet = std::uint8_t;

/// The method called `text`, letter case exact, or nothing.
std::optional<Method> method_from_name(std::string_view text) noexcept;

/// What the last segment of a route is.
enum class Tail : std::uint8_t { none, literal, reference, digest, upload_id };

/// One row: a path, the methods that it takes there, and what they need.
struct TableRow {
  RouteKind kind;
  MethodSet methods;
  std::string_view outer;  ///< segment before `inner`, empty where there is none: `blobs` of `blobs/uploads/<id>`
  std::string_view inner;  ///< segment before the tail: `manifests`
  Tail tail;
  std::string_view literal;      ///< of `Tail::literal`
  std::string_view need_action;  ///< `pull`, `push`, `delete`; empty: nothing
  std::string_view challenge;    ///< actions that a challenge asks for: `pull,push`
  Action action;
  RouteRow shown;
};

/// All rows. Rows of one path stand together.
std::span<const TableRow> table_rows() noexcept;

}  // namespace portcullis
