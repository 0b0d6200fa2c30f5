#include "base/codec/form.h"

#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

void append_encoded(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c)) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
}

}  // namespace

Result<FormFields> form_decode(std::string_view text, std::size_t most) {
  FormFields fields;
  if (text.find(';') != std::string_view::npos) return Error{Reason::bad_request, "a ; stands between fields or in them"};
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (piece.empty()) continue;
    if (fields.size() == most) return Error{Reason::bad_request, "there are too many fields"};
    const std::size_t equals = piece.find('=');
    auto name = query_decode(piece.substr(0, equals));
    if (!name) return std::move(name).error();
    auto value = query_decode(equals == std::string_view::npos ? std::string_view() : piece.substr(equals + 1));
    if (!value) return std::move(value).error();
    fields.emplace_back(std::move(name).value(), std::move(value).value());
  }
  return fields;
}

std::string form_encode(const FormFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    append_encoded(text, name);
    text += '=';
    append_encoded(text, value);
  }
  return text;
}

}  // namespace portcullis
