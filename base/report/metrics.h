// Metrics: counters that each thread keeps in cells of its own, and the Prometheus text that their sums end up in.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace prometheus {
struct MetricFamily;
}

namespace portcullis {

/// A fixed number of counters. Each thread adds to a row of its own without a locked instruction, so that request threads never meet;
/// reading sums the rows. Safe from many threads.
class CounterTable {
 public:
  /// One thread's counters. Only that thread may call `add`.
  class Row {
   public:
    explicit Row(std::size_t size) : cells_(std::make_unique<std::atomic<std::uint64_t>[]>(size)) {}
    void add(std::size_t index, std::uint64_t amount = 1) noexcept {
      std::atomic<std::uint64_t>& cell = cells_[index];
      cell.store(cell.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t value(std::size_t index) const noexcept { return cells_[index].load(std::memory_order_relaxed); }

   private:
    std::unique_ptr<std::atomic<std::uint64_t>[]> cells_;
  };

  explicit CounterTable(std::size_t size);
  CounterTable(const CounterTable&) = delete;
  CounterTable& operator=(const CounterTable&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// The calling thread's row; it lives as long as the table.
  Row& mine() EXCLUDES(mutex_);
  /// The sum over all threads. An addition that runs at the same time may be missed; none is missed for good.
  [[nodiscard]] std::uint64_t total(std::size_t index) const EXCLUDES(mutex_);

 private:
  struct Owned {
    std::thread::id thread;
    std::unique_ptr<Row> row;
  };

  Row& find_or_add() EXCLUDES(mutex_);

  // set once
  const std::size_t size_;
  const std::uint64_t identity_;
  // locks itself
  mutable Mutex mutex_;
  // guarded by mutex_
  std::vector<Owned> rows_ GUARDED_BY(mutex_);
};

enum class MetricKind { counter, gauge };

/// One label: a fixed name, and a value from a closed list.
using MetricLabel = std::pair<std::string_view, std::string_view>;

/// A histogram as it is exported: counts are per bucket here, and cumulative in the text.
struct HistogramValue {
  std::span<const double> bounds;         ///< upper bounds in seconds, ascending
  std::span<const std::uint64_t> counts;  ///< one more than `bounds`: the last is above all of them
  double sum = 0;
};

/// Builds the Prometheus text format 0.0.4 (prometheus-cpp writes it).
class MetricsText {
 public:
  MetricsText();
  ~MetricsText();
  MetricsText(const MetricsText&) = delete;
  MetricsText& operator=(const MetricsText&) = delete;

  /// Begins a family; later samples belong to it.
  MetricsText& family(std::string_view name, std::string_view help, MetricKind kind);
  MetricsText& sample(std::initializer_list<MetricLabel> labels, double value);
  /// A family that is one histogram without labels.
  MetricsText& histogram(std::string_view name, std::string_view help, const HistogramValue& value);
  [[nodiscard]] std::string text() const;

 private:
  std::unique_ptr<std::vector<prometheus::MetricFamily>> families_;
};

}  // namespace portcullis
