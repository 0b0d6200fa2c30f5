#include "tests/support/temp_folder.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace portcullis::test {

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "portcullis-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempFolder::path(std::string_view name) const { return (path_ / name).string(); }

std::string TempFolder::write(std::string_view name, std::string_view text) const {
  std::ofstream(path(name), std::ios::binary | std::ios::trunc) << text;
  return path(name);
}

void TempFolder::replace(std::string_view name, std::string_view text) const {
  const std::string next = std::string(name) + ".next";
  write(next, text);
  std::filesystem::rename(path(next), path(name));
}

std::string TempFolder::read(std::string_view name) const {
  std::ostringstream text;
  text << std::ifstream(path(name), std::ios::binary).rdbuf();
  return std::move(text).str();
}

}  // namespace portcullis::test
