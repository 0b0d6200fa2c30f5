// Writes JSON text: members in the order of the calls, every string escaped. Nobody glues JSON by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace portcullis {

/// Builds one value. The caller keeps objects and arrays balanced. Text that is not UTF-8 is escaped byte by byte as \u00XX, so the
/// output is always ASCII-safe JSON.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  /// The name of the next member.
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view text);
  JsonWriter& integer(std::int64_t number);
  /// Shortest text that reads back as `number`; null if it is not finite.
  JsonWriter& number(double number);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  /// Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  [[nodiscard]] const std::string& text() const& noexcept { return text_; }
  [[nodiscard]] std::string text() && noexcept { return std::move(text_); }

 private:
  void separate();

  std::string text_;
  bool needs_comma_ = false;
};

/// Appends `text` as a JSON string with its quotes: controls, `"`, `\`, DEL, and every byte of invalid UTF-8 escaped.
void append_json_string(std::string& out, std::string_view text);

}  // namespace portcullis
