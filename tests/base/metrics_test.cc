#include "base/report/metrics.h"

#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/report/process_metrics.h"

namespace portcullis {
namespace {

TEST(CounterTable, SumsTheRowsOfAllThreads) {
  CounterTable table(2);

  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&table] {
      for (int n = 0; n < 1000; ++n) table.mine().add(1);
    });
  threads.clear();

  EXPECT_EQ(table.total(0), 0U);
  EXPECT_EQ(table.total(1), 4000U);
}

TEST(CounterTable, KeepsTwoTablesApartOnOneThread) {
  CounterTable first(1);
  CounterTable second(1);

  first.mine().add(0, 5);
  second.mine().add(0, 7);
  first.mine().add(0, 1);

  EXPECT_EQ(first.total(0), 6U);
  EXPECT_EQ(second.total(0), 7U);
}

TEST(MetricsText, WritesFamiliesWithEscapedLabels) {
  MetricsText text;

  text.family("x_total", "Help.", MetricKind::counter).sample({{"kid", "a\"b\\c\nd"}}, 3);
  text.family("y", "Gauge.", MetricKind::gauge).sample({}, 1.5);

  EXPECT_EQ(text.text(),
            "# HELP x_total Help.\n# TYPE x_total counter\nx_total{kid=\"a\\\"b\\\\c\\nd\"} 3\n"
            "# HELP y Gauge.\n# TYPE y gauge\ny 1.5\n");
}

TEST(MetricsText, WritesHistogramBucketsCumulatively) {
  const std::array<double, 2> bounds{0.5, 1};
  const std::array<std::uint64_t, 3> counts{2, 3, 4};
  MetricsText text;

  text.histogram("h_seconds", "Help.", {bounds, counts, 12.5});

  EXPECT_EQ(text.text(),
            "# HELP h_seconds Help.\n# TYPE h_seconds histogram\nh_seconds_count 9\nh_seconds_sum 12.5\nh_seconds_bucket{le=\"0.5\"} 2\n"
            "h_seconds_bucket{le=\"1\"} 5\nh_seconds_bucket{le=\"+Inf\"} 9\n");
}

TEST(ProcessMetrics, ReadsThisProcess) {
  const std::optional<ProcessStats> stats = read_process_stats();

  ASSERT_TRUE(stats.has_value());
  EXPECT_GT(stats->resident_bytes, 0U);
  EXPECT_GE(stats->virtual_bytes, stats->resident_bytes);
  EXPECT_GE(stats->open_descriptors, 3U);
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LE(stats->start_time_seconds, now + 1);
  EXPECT_GT(stats->start_time_seconds, now - 3600);
}

TEST(ProcessMetrics, UsesTheNamesThatDashboardsKnow) {
  MetricsText text;

  add_process_metrics(text);

  for (const char* name :
       {"process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds ", "process_start_time_seconds "})
    EXPECT_NE(text.text().find(name), std::string::npos) << name;
}

}  // namespace
}  // namespace portcullis
