#include "tests/fake_aws/message.h"

#include <algorithm>

namespace portcullis::fake_aws {

std::string lower_case(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::vector<std::string> Request::all(std::string_view name) const {
  std::vector<std::string> found;
  for (const auto& [key, value] : headers) {
    if (lower_case(key) == name) found.push_back(value);
  }
  return found;
}

std::optional<std::string> Request::one(std::string_view name) const {
  auto found = all(name);
  if (found.size() != 1) return std::nullopt;
  return std::move(found.front());
}

}  // namespace portcullis::fake_aws
