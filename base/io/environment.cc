#include "base/io/environment.h"

#include <cstdlib>

namespace portcullis {
namespace {

std::optional<std::string> unless_blank(std::string value) {
  if (value.find_first_not_of(" \t\r\n") == std::string::npos) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> SystemEnvironment::get(const std::string& name) const {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : unless_blank(value);
}

std::optional<std::string> FakeEnvironment::get(const std::string& name) const {
  const auto found = variables_.find(name);
  return found == variables_.end() ? std::nullopt : unless_blank(found->second);
}

}  // namespace portcullis
