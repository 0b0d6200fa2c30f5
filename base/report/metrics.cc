#include "base/report/metrics.h"

#include <limits>
#include <sstream>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace portcullis {
namespace {

std::uint64_t next_identity() {
  static std::atomic<std::uint64_t> counter{0};
  return counter.fetch_add(1, std::memory_order_relaxed) + 1;
}

prometheus::MetricType type_of(MetricKind kind) {
  return kind == MetricKind::counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
}

prometheus::MetricFamily new_family(std::string_view name, std::string_view help, prometheus::MetricType type) {
  prometheus::MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  return family;
}

}  // namespace

CounterTable::CounterTable(std::size_t size) : size_(size), identity_(next_identity()) {}

CounterTable::Row& CounterTable::mine() {
  struct Last {
    std::uint64_t owner = 0;
    Row* row = nullptr;
  };
  thread_local Last last;
  if (last.owner != identity_) last = {identity_, &find_or_add()};
  return *last.row;
}

CounterTable::Row& CounterTable::find_or_add() {
  const std::thread::id self = std::this_thread::get_id();
  const MutexLock lock(mutex_);
  for (const Owned& owned : rows_)
    if (owned.thread == self) return *owned.row;
  rows_.push_back({self, std::make_unique<Row>(size_)});
  return *rows_.back().row;
}

std::uint64_t CounterTable::total(std::size_t index) const {
  const MutexLock lock(mutex_);
  std::uint64_t sum = 0;
  for (const Owned& owned : rows_) sum += owned.row->value(index);
  return sum;
}

MetricsText::MetricsText() : families_(std::make_unique<std::vector<prometheus::MetricFamily>>()) {}
MetricsText::~MetricsText() = default;

MetricsText& MetricsText::family(std::string_view name, std::string_view help, MetricKind kind) {
  families_->push_back(new_family(name, help, type_of(kind)));
  return *this;
}

MetricsText& MetricsText::sample(std::initializer_list<MetricLabel> labels, double value) {
  prometheus::MetricFamily& family = families_->back();
  prometheus::ClientMetric metric;
  for (const MetricLabel& label : labels) metric.label.push_back({std::string(label.first), std::string(label.second)});
  if (family.type == prometheus::MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
  return *this;
}

MetricsText& MetricsText::histogram(std::string_view name, std::string_view help, const HistogramValue& value) {
  prometheus::ClientMetric metric;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < value.counts.size(); ++i) {
    below += value.counts[i];
    metric.histogram.bucket.push_back({below, i < value.bounds.size() ? value.bounds[i] : std::numeric_limits<double>::infinity()});
  }
  metric.histogram.sample_count = below;
  metric.histogram.sample_sum = value.sum;
  families_->push_back(new_family(name, help, prometheus::MetricType::Histogram));
  families_->back().metric.push_back(std::move(metric));
  return *this;
}

std::string MetricsText::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, *families_);
  return std::move(out).str();
}

}  // namespace portcullis
