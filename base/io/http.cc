#include "base/io/http.h"

#include <algorithm>

namespace portcullis {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<std::string> IncomingAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (std::equal(key.begin(), key.end(), name.begin(), name.end(), [](char a, char b) { return lower(a) == lower(b); })) return value;
  }
  return std::nullopt;
}

}  // namespace portcullis
