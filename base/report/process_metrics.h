// What the process costs, read from /proc/self, under the names that every Prometheus client uses.
#pragma once

#include <cstdint>
#include <optional>

#include "base/report/metrics.h"

namespace portcullis {

struct ProcessStats {
  double cpu_seconds = 0;         ///< user and system
  double start_time_seconds = 0;  ///< unix time
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t max_descriptors = 0;
};

/// Nothing where /proc cannot be read.
std::optional<ProcessStats> read_process_stats();

/// Appends `process_cpu_seconds_total`, `process_resident_memory_bytes`, `process_virtual_memory_bytes`, `process_open_fds`,
/// `process_max_fds` and `process_start_time_seconds`.
void add_process_metrics(MetricsText& text);

}  // namespace portcullis
