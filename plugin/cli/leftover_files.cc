#include "plugin/cli/leftover_files.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

namespace portcullis {
namespace {

constexpr std::size_t kRandomLetters = 6;  // mkostemp(3)

bool is_letter_or_digit(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_temporary(std::string_view file, const std::vector<std::string>& names) {
  if (file.size() <= kRandomLetters + 1 || file[file.size() - kRandomLetters - 1] != '.') return false;
  const std::string_view letters = file.substr(file.size() - kRandomLetters);
  const std::string_view name = file.substr(0, file.size() - kRandomLetters - 1);
  return std::all_of(letters.begin(), letters.end(), is_letter_or_digit) && std::find(names.begin(), names.end(), name) != names.end();
}

bool is_old(const std::string& path, TimePoint now) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  return TimePoint(std::chrono::seconds(status.st_mtim.tv_sec)) + kLeftoverAge <= now;
}

}  // namespace

std::size_t remove_leftovers(const std::string& folder, const std::vector<std::string>& names, TimePoint now) {
  std::error_code fault;
  std::size_t removed = 0;
  std::filesystem::directory_iterator entry(folder, fault);
  for (; !fault && entry != std::filesystem::directory_iterator(); entry.increment(fault)) {
    const std::string path = entry->path().string();
    if (is_temporary(entry->path().filename().string(), names) && is_old(path, now) && ::unlink(path.c_str()) == 0) ++removed;
  }
  return removed;
}

}  // namespace portcullis
