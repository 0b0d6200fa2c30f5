// Reads JSON text into a `JsonTree`. For json.cc alone: everybody else calls `parse_json`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/codec/json.h"
#include "base/codec/json_tree.h"

namespace portcullis {

/// One use: make it around a tree that holds the text, and `read`.
class JsonReader {
 public:
  /// `tree` outlives the reader.
  JsonReader(JsonTree& tree, const JsonLimits& limits);
  /// Whether the whole text is one JSON value within the limits.
  bool read();
  /// After a `read` that failed: what is wrong. A fixed text.
  [[nodiscard]] std::string_view fault() const noexcept { return fault_; }
  /// After a `read` that failed: how many bytes were read.
  [[nodiscard]] std::size_t offset() const noexcept { return static_cast<std::size_t>(at_ - tree_.text.data()); }

 private:
  bool fail(const char* why);
  void skip_blanks();
  bool read_word(std::string_view word);
  bool read_value(std::uint32_t node, std::size_t depth);
  bool read_array(std::uint32_t node, std::size_t depth);
  bool read_object(std::uint32_t node, std::size_t depth);
  bool read_string(std::string_view& text);
  bool read_escape(char*& out);
  bool read_hex4(std::uint32_t& code);
  bool read_number(JsonNode& node);
  bool read_digits(std::ptrdiff_t skip);
  std::uint32_t add_child(std::uint32_t parent, std::uint32_t previous);
  [[nodiscard]] bool names_differ(std::uint32_t object) const;

  JsonTree& tree_;
  const JsonLimits limits_;
  char* at_;
  char* const end_;
  std::size_t members_ = 0;
  const char* fault_ = "not JSON";
};

}  // namespace portcullis
