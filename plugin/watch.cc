#include "plugin/watch.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <deque>
#include <filesystem>
#include <string_view>

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace portcullis {
namespace {

/// As many links as the kernel follows (path_resolution(7)).
constexpr int kMaxLinks = 40;
/// Not IN_MODIFY: half of a write is not worth reading.
constexpr std::uint32_t kEvents =
    IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t kFolderEvents = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT;

std::deque<std::string> components(std::string_view path) {
  std::deque<std::string> found;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) found.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return found;
}

std::string parent_of(const std::string& folder) {
  const std::size_t slash = folder.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : folder.substr(0, slash);
}

std::int64_t nanoseconds(const timespec& time) { return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec; }

}  // namespace

FileWatch::FileWatch() : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

FileWatch::~FileWatch() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void FileWatch::watch(const std::vector<std::string>& files) {
  std::map<int, std::map<std::string, std::set<std::string>>> old;
  old.swap(watches_);
  for (const std::string& file : files) {
    const std::vector<Step> steps = steps_to(file);
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (steps[i].link || i + 1 == steps.size()) watch_step(file, steps[i]);
  }
  for (const auto& [watch, names] : old)
    if (!watches_.contains(watch)) ::inotify_rm_watch(descriptor_, watch);
  std::map<std::string, Look> looks;
  for (const std::string& file : files) {
    const auto known = looks_.find(file);
    looks.emplace(file, known != looks_.end() ? known->second : look_at(file));
  }
  looks_.swap(looks);
}

void FileWatch::watch_step(const std::string& file, const Step& step) {
  if (descriptor_ < 0) return;
  // A folder that does not exist is noticed by looking. The same folder gives the same watch.
  const int watch = ::inotify_add_watch(descriptor_, step.folder.c_str(), kEvents);
  if (watch < 0) return;
  watches_[watch][step.name].insert(file);
}

/// Every (folder, name) that the kernel would pass on its way to `file`, links followed.
std::vector<FileWatch::Step> FileWatch::steps_to(const std::string& file) {
  std::vector<Step> steps;
  std::deque<std::string> ahead = components(std::filesystem::absolute(file).string());
  std::string folder = "/";
  int links = 0;
  while (!ahead.empty()) {
    const std::string name = ahead.front();
    ahead.pop_front();
    if (name == ".") continue;
    if (name == "..") {
      folder = parent_of(folder);
      continue;
    }
    std::string path = folder == "/" ? folder : folder + "/";
    path += name;
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
    steps.push_back({folder, name, length > 0});
    if (length <= 0) {
      folder = path;
      continue;
    }
    if (++links > kMaxLinks) break;
    const std::string_view text(target.data(), static_cast<std::size_t>(length));
    if (text.starts_with('/')) folder = "/";
    const std::deque<std::string> more = components(text);
    ahead.insert(ahead.begin(), more.begin(), more.end());
  }
  return steps;
}

FileWatch::Look FileWatch::look_at(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

std::set<std::string> FileWatch::changed_by_events() {
  std::set<std::string> changed;
  alignas(inotify_event) std::array<char, 16384> buffer{};
  for (;;) {
    const ssize_t got = descriptor_ < 0 ? -1 : ::read(descriptor_, buffer.data(), buffer.size());
    if (got <= 0) return changed;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* name = buffer.data() + at + sizeof event;
      at += sizeof event + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0) {
        for (const auto& [file, look] : looks_) changed.insert(file);
        continue;
      }
      const auto watch = watches_.find(event.wd);
      if (watch == watches_.end()) continue;
      for (const auto& [step, files] : watch->second)
        if ((event.mask & kFolderEvents) != 0 || (event.len > 0 && step == name)) changed.insert(files.begin(), files.end());
    }
  }
}

std::set<std::string> FileWatch::changed_by_look() {
  std::set<std::string> changed;
  for (auto& [file, before] : looks_) {
    const Look now = look_at(file);
    if (now == before) continue;
    before = now;
    changed.insert(file);
  }
  return changed;
}

}  // namespace portcullis
