#include "policy/cel/check/declarations.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <utility>

#include "policy/cel/check/library.h"

namespace portcullis::cel {
namespace {

/// The types of `text`, which is `type, type, …`; a comma in brackets belongs to its type.
std::vector<Type> types_of(std::string_view text) {
  std::vector<Type> types;
  std::size_t depth = 0;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= text.size() && !text.empty(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i < text.size() && (text[i] != ',' || depth > 0)) continue;
    auto type = type_from_name(text.substr(from, i - from));
    if (!type) std::abort();  // a row of the table is wrong: a test reads them all
    types.push_back(*std::move(type));
    from = i + 2;
  }
  return types;
}

std::vector<Overload> read_library() {
  std::vector<Overload> all;
  for (const LibraryRow& row : library_rows()) {
    Overload overload{row.function, row.id, row.style == CallStyle::method, types_of(row.parameters), {}};
    overload.result = types_of(row.result).at(0);
    all.push_back(std::move(overload));
  }
  std::stable_sort(all.begin(), all.end(), [](const Overload& a, const Overload& b) { return a.function < b.function; });
  return all;
}

struct Denoted {
  std::string_view name;
  Type type;
};

}  // namespace

std::span<const Overload> all_overloads() {
  static const std::vector<Overload> kAll = read_library();
  return kAll;
}

std::span<const Overload> overloads_of(std::string_view function) {
  const std::span<const Overload> all = all_overloads();
  const auto first = std::partition_point(all.begin(), all.end(), [&](const Overload& overload) { return overload.function < function; });
  const auto last = std::find_if(first, all.end(), [&](const Overload& overload) { return overload.function != function; });
  return {first, last};
}

const Type* denoted_type(std::string_view name) {
  static const std::vector<Denoted> kDenoted = [] {
    std::vector<Denoted> denoted;
    for (const std::string_view plain :
         {"bool", "int", "uint", "double", "string", "bytes", "google.protobuf.Timestamp", "google.protobuf.Duration"}) {
      denoted.push_back({plain, *type_from_name(plain)});
    }
    denoted.push_back({"null_type", *type_from_name("null")});
    denoted.push_back({"type", *type_from_name("type")});
    denoted.push_back({"list", *type_from_name("list(dyn)")});
    denoted.push_back({"map", *type_from_name("map(dyn, dyn)")});
    denoted.push_back({"optional_type", *type_from_name("optional_type(dyn)")});
    return denoted;
  }();
  for (const Denoted& denoted : kDenoted) {
    if (denoted.name == name) return &denoted.type;
  }
  return nullptr;
}

}  // namespace portcullis::cel
