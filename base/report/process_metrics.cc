#include "base/report/process_metrics.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/handle.h"
#include "base/io/files.h"

namespace portcullis {
namespace {

using FolderHandle = Handle<DIR, ::closedir>;

constexpr std::size_t kProcFileBytes = 64UL * 1024;

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    if (end > 0) found.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

double seconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// Seconds since the epoch at which the machine started. Not `btime` of /proc/stat, which a sandbox may hide (ProcSubset=pid).
double boot_time() { return seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME); }

std::uint64_t count_descriptors() {
  const FolderHandle folder(::opendir("/proc/self/fd"));
  if (folder == nullptr) return 0;
  std::uint64_t count = 0;
  while (const dirent* entry = ::readdir(folder.get())) count += entry->d_name[0] != '.' ? 1 : 0;
  return count > 0 ? count - 1 : 0;  // one was the folder itself
}

}  // namespace

std::optional<ProcessStats> read_process_stats() {
  const SystemFiles files;
  const Result<std::string> stat = files.read("/proc/self/stat", kProcFileBytes);
  if (!stat.ok()) return std::nullopt;
  // The program's name stands in parentheses and may hold anything; fields are counted behind the last one (proc(5)).
  const std::size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  const std::vector<std::string_view> fields = words(std::string_view(*stat).substr(name_end + 1));
  constexpr std::size_t user_time = 11;  // field 14, and field 3 is the first here
  constexpr std::size_t system_time = 12;
  constexpr std::size_t start_time = 19;
  constexpr std::size_t virtual_bytes = 20;
  constexpr std::size_t resident_pages = 21;
  if (fields.size() <= resident_pages) return std::nullopt;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return ProcessStats{.cpu_seconds = static_cast<double>(number(fields[user_time]) + number(fields[system_time])) / ticks,
                      .start_time_seconds = boot_time() + static_cast<double>(number(fields[start_time])) / ticks,
                      .resident_bytes = number(fields[resident_pages]) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)),
                      .virtual_bytes = number(fields[virtual_bytes]),
                      .open_descriptors = count_descriptors(),
                      .max_descriptors = limit.rlim_cur};
}

void add_process_metrics(MetricsText& text) {
  const std::optional<ProcessStats> stats = read_process_stats();
  if (!stats) return;
  text.family("process_cpu_seconds_total", "User and system CPU time spent, in seconds.", MetricKind::counter)
      .sample({}, stats->cpu_seconds);
  text.family("process_start_time_seconds", "Start of the process, in unix seconds.", MetricKind::gauge)
      .sample({}, stats->start_time_seconds);
  text.family("process_resident_memory_bytes", "Resident memory.", MetricKind::gauge)
      .sample({}, static_cast<double>(stats->resident_bytes));
  text.family("process_virtual_memory_bytes", "Virtual memory.", MetricKind::gauge).sample({}, static_cast<double>(stats->virtual_bytes));
  text.family("process_open_fds", "Open file descriptors.", MetricKind::gauge).sample({}, static_cast<double>(stats->open_descriptors));
  text.family("process_max_fds", "Largest number of open file descriptors.", MetricKind::gauge)
      .sample({}, static_cast<double>(stats->max_descriptors));
}

}  // namespace portcullis
