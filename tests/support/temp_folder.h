// A folder that goes with the test, for those that need real files, links and sockets.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace portcullis::test {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  /// The absolute path of `name` in the folder.
  [[nodiscard]] std::string path(std::string_view name) const;
  /// Writes a file in place.
  std::string write(std::string_view name, std::string_view text) const;
  /// Writes beside the file and renames over it, as careful writers do.
  void replace(std::string_view name, std::string_view text) const;
  /// All of a file; empty where there is none.
  [[nodiscard]] std::string read(std::string_view name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace portcullis::test
