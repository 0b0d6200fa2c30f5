#include "base/codec/percent.h"

#include <algorithm>

#include "base/codec/hex.h"
#include "base/codec/utf8.h"

namespace portcullis {
namespace {

constexpr std::size_t kLogBytes = 256;
constexpr std::string_view kDigits = "0123456789ABCDEF";

void append_percent(std::string& out, unsigned char byte) {
  out += '%';
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 15U];
}

std::string escape(std::string_view text, bool with_quotes) {
  std::string out;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t length = utf8_sequence_length(text.substr(i));
    const auto byte = static_cast<unsigned char>(text[i]);
    std::string piece;
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      piece = "\\x" + hex_encode(text.substr(i, 1));
    } else if (with_quotes && (byte == '\\' || byte == '"')) {
      piece = {'\\', text[i]};
    } else {
      piece = text.substr(i, length);
    }
    if (out.size() + piece.size() > kLogBytes - 3) return out + "…";
    out += piece;
    i += length == 0 ? 1 : length;
  }
  return out;
}

}  // namespace

Result<std::string> query_decode(std::string_view text) {
  std::string value;
  value.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      value += ' ';
    } else if (text[i] == '%') {
      const auto byte = hex_decode(text.substr(i + 1, 2));
      if (!byte || byte->size() != 1) return Error{Reason::bad_request, "a % is not followed by two hex digits"};
      value += *byte;
      i += 2;
    } else {
      value += text[i];
    }
  }
  return value;
}

std::string header_encode(std::string_view text, bool in_list) {
  if (text == "-") return "%2D";
  const auto needs_escape = [in_list](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte >= 0x7f || c == '%' || (in_list && c == ',');
  };
  // Most names travel as they are.
  if (std::none_of(text.begin(), text.end(), needs_escape)) return std::string(text);
  std::string value;
  value.reserve(text.size());
  for (const char c : text) {
    if (needs_escape(c)) {
      append_percent(value, static_cast<unsigned char>(c));
    } else {
      value += c;
    }
  }
  return value;
}

std::string escape_for_log(std::string_view text) { return escape(text, true); }

std::string detail_for_log(std::string_view detail) { return escape(detail, false); }

}  // namespace portcullis
