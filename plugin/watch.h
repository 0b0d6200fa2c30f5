// Sees that files have changed: by inotify on the folders on their way, and by looking at them now and then.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace portcullis {

/// Watches files by name, not by inode: a write, a rename over the file, a swapped symbolic link anywhere on the way (a Kubernetes
/// ConfigMap swaps `..data`) and a file that comes or goes are all seen. One thread only.
class FileWatch {
 public:
  FileWatch();
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  /// Watches exactly these. Call it again after a change, so that new targets of links are followed.
  void watch(const std::vector<std::string>& files);
  /// Readable when there are events; -1 where inotify cannot be had and only `changed_by_look` works.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// Files that events say may have changed. Does not wait.
  std::set<std::string> changed_by_events();
  /// Files whose device, inode, size or times differ from the last look (or from `watch`). For network file systems, whose changes raise no
  /// events.
  std::set<std::string> changed_by_look();

 private:
  /// A name in a folder that stands on the way to a file.
  struct Step {
    std::string folder;
    std::string name;
    bool link;  ///< the name is a symbolic link
  };
  struct Look {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified = 0;  ///< nanoseconds
    std::int64_t changed = 0;   ///< nanoseconds

    friend bool operator==(const Look&, const Look&) = default;
  };

  static std::vector<Step> steps_to(const std::string& file);
  static Look look_at(const std::string& file);
  void watch_step(const std::string& file, const Step& step);

  int descriptor_ = -1;
  std::map<std::string, Look> looks_;
  std::map<int, std::map<std::string, std::set<std::string>>> watches_;  ///< watch, name in that folder, files that it leads to
};

}  // namespace portcullis
