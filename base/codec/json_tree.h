// How a parsed JSON text is kept: one copy of the text, strings unescaped in place, and one list of nodes. For json.cc and json_reader.cc
// alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace portcullis {

enum class JsonType : std::uint8_t { object, array, string, integer, real, boolean, null };

inline constexpr std::uint32_t kNoNode = 0xffffffffU;

struct JsonNode {
  JsonType type = JsonType::null;
  bool flag = false;           ///< of a boolean
  std::uint32_t children = 0;  ///< of an object or array: how many
  std::uint32_t first_child = kNoNode;
  std::uint32_t next_sibling = kNoNode;
  std::string_view name;  ///< of a member
  std::string_view text;  ///< of a string
  union {
    std::int64_t integer = 0;
    double real;
  };
};

/// Whether two names of members are the same. Registered claims are three letters long, so their first and last say most of it.
inline bool same_name(std::string_view left, std::string_view right) noexcept {
  if (left.size() != right.size()) return false;
  return left.empty() || (left.front() == right.front() && left.back() == right.back() && left == right);
}

/// Never moved once its views point into `text`.
struct JsonTree {
  std::string text;
  std::vector<JsonNode> nodes;  ///< the root first
};

}  // namespace portcullis
