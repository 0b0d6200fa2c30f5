#include "plugin/decisions/decision_log.h"

#include <utility>

namespace portcullis {
namespace {

using namespace std::chrono_literals;

/// The writer lets records gather for this long, so that it makes few calls under load.
constexpr auto kGather = 10ms;
/// What could not be written is tried again this often.
constexpr auto kRetry = 1s;
/// A fault that stays is told this often.
constexpr auto kTellAgain = 60s;
/// Bytes of lines that are made before they are written: few enough to be still in the processor's cache then.
constexpr std::size_t kChunk = 64UL * 1024;

QueueShare share_of(const DecisionRecord& record) noexcept {
  if (record.allowed()) return QueueShare::all;
  return record.proof == Proof::token ? QueueShare::three_quarters : QueueShare::half;
}

/// Behind the last line end before `at`.
std::size_t start_of_line(std::string_view text, std::size_t at) noexcept {
  const std::size_t end = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

}  // namespace

DecisionLog::DecisionLog(Log& log, GateMetrics& metrics, const Clock& clock, unsigned threads, std::size_t queue_bytes)
    : log_(log), metrics_(metrics), clock_(clock), queue_(threads, queue_bytes) {}

DecisionLog::~DecisionLog() {
  enabled_.store(false);
  {
    const MutexLock lock(mutex_);
    orders_.stop = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> DecisionLog::configure(const DecisionLogConfig& config) {
  const bool same = config.output == path_;
  std::optional<DecisionOutput> output;
  if (config.output && !same) {
    Result<DecisionOutput> opened = DecisionOutput::open(*config.output);
    if (!opened.ok()) return opened.error();
    output = std::move(opened).value();
  }
  refuses_.store(config.refuse_when_full);
  if (same) return {};
  std::optional<std::string> path = config.output;
  {
    const MutexLock lock(mutex_);
    orders_.switches.reserve(orders_.switches.size() + 1);
    Switch next{.before = {}, .output = std::move(output)};
    queue_.take(next.before);
    orders_.switches.push_back(std::move(next));
    orders_.reopen = false;
  }
  path_.swap(path);
  enabled_.store(path_.has_value());
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_all();
  return {};
}

void DecisionLog::reopen() {
  {
    const MutexLock lock(mutex_);
    orders_.reopen = true;
  }
  changed_.notify_all();
}

bool DecisionLog::keep(DecisionRecord& record) {
  const bool refuses = record.allowed() && refuses_.load(std::memory_order_relaxed);
  if (refuses && failing_.load(std::memory_order_relaxed)) {
    metrics_.count_unlogged(Unlogged::dropped);
    return false;
  }
  if (!record.allowed() && record.proof != Proof::token) {
    record.weight = sampling_.weigh(record.time);
    if (record.weight == 0) {
      metrics_.count_unlogged(Unlogged::sampled);
      return true;
    }
  }
  if (!queue_.push(record, share_of(record))) {
    metrics_.count_unlogged(Unlogged::dropped);
    return !refuses;
  }
  // The writer falls asleep first and looks at the queue then: either it sees the record, or we see it asleep.
  if (asleep_.load(std::memory_order_relaxed) && asleep_.exchange(false)) wake();
  return true;
}

void DecisionLog::wake() {
  {
    const MutexLock lock(mutex_);
    records_ = true;
  }
  changed_.notify_all();
}

void DecisionLog::flush() {
  const MutexLock lock(mutex_);
  if (!thread_.joinable()) return;
  const std::uint64_t mine = ++orders_.flushes;
  changed_.notify_all();
  while (flushed_ < mine) changed_.wait(mutex_);
}

void DecisionLog::run() {
  for (;;) {
    Orders orders = wait_for_work();
    try {
      for (Switch& next : orders.switches) switch_output(next);
      drain();
      if (orders.reopen && output_) {
        reopen_output();
        drain();
      }
      if (orders.stop) end();
      if (!output_) discard();
    } catch (...) {
      // Out of memory. What was not taken from the queue yet is tried again.
    }
    {
      const MutexLock lock(mutex_);
      flushed_ = orders.flushes;
    }
    changed_.notify_all();
    if (orders.stop) return;
  }
}

/// Sleeps until there is something to do, and gathers for a moment. What is ordered is taken, but for the number of flushes.
DecisionLog::Orders DecisionLog::wait_for_work() {
  asleep_.store(true);
  const bool nothing = waiting() == 0;
  const MutexLock lock(mutex_);
  const auto ordered = [this]() REQUIRES(mutex_) {
    return orders_.stop || orders_.reopen || !orders_.switches.empty() || orders_.flushes != flushed_;
  };
  if (nothing || !pending_.empty()) {
    const auto retry = std::chrono::steady_clock::now() + kRetry;
    while (!ordered() && !(records_ && pending_.empty())) {
      if (pending_.empty()) {
        changed_.wait(mutex_);
      } else if (changed_.wait_until(mutex_, retry) == std::cv_status::timeout) {
        break;
      }
    }
  }
  asleep_.store(false);
  const auto gathered = std::chrono::steady_clock::now() + kGather;
  while (!ordered() && pending_.empty() && changed_.wait_until(mutex_, gathered) != std::cv_status::timeout) {
  }
  records_ = false;
  Orders taken = std::exchange(orders_, Orders());
  orders_.stop = taken.stop;
  orders_.flushes = taken.flushes;
  return taken;
}

/// What was kept before goes to the old file; what that does not take, to the new one.
void DecisionLog::switch_output(Switch& next) {
  for (PackedRecords& records : next.before) add_to_batch(records);
  if (output_ && write_pending()) write_batch();
  if (!next.output) give_up(skip_batch());
  take_output(std::move(next.output));
  log_.write(LogLevel::info, output_ ? "decisions are logged" : "decisions are not logged any more",
             {{"output", output_ ? std::string_view(output_->path()) : std::string_view()}});
}

/// Behind what waits already. Where there is no memory for that they are lost, and counted.
void DecisionLog::add_to_batch(PackedRecords& records) noexcept {
  try {
    batch_.push_back(std::move(records));
  } catch (...) {
    PackedLines lost;
    lost.begin(records);
    metrics_.count_unlogged(Unlogged::dropped, lost.skip_rest());
  }
}

void DecisionLog::reopen_output() {
  Result<DecisionOutput> opened = DecisionOutput::open(output_->path());
  if (opened.ok()) {
    take_output(std::move(opened).value());
    log_.write(LogLevel::info, "decision log opened anew", {{"output", output_->path()}});
  } else {
    log_.write(LogLevel::error, "the decision log stays where it was", {{"fault", opened.error().detail}});
  }
}

void DecisionLog::take_output(std::optional<DecisionOutput> output) {
  // A line that was begun in the old file begins again in the new one.
  written_ = start_of_line(pending_, written_);
  output_ = std::move(output);
}

/// Records that came while the log was being switched off.
void DecisionLog::discard() {
  take_queue();
  (void)skip_batch();
}

/// Writes what waits, as long as that goes. What does not stays in the queue, which is bounded.
void DecisionLog::drain() {
  if (!output_ || !write_pending()) return;
  write_batch();
  if (!pending_.empty()) return;
  take_queue();
  write_batch();
}

/// Nothing is left of the batch before.
void DecisionLog::take_queue() {
  lines_.end();
  for (PackedRecords& records : batch_) records.clear();
  queue_.take(batch_);
  taken_ = 0;
}

/// Makes lines of the batch and writes them, chunk by chunk. Where that fails the rest stays as it is.
void DecisionLog::write_batch() {
  while (next_records()) {
    append_line();
    if (pending_.size() >= kChunk && !write_pending()) return;
  }
  write_pending();
}

/// Whether `lines_` has another line to make.
bool DecisionLog::next_records() noexcept {
  while (lines_.done()) {
    if (taken_ == batch_.size()) return false;
    lines_.begin(batch_[taken_++]);
  }
  return true;
}

/// A line for which there is no memory is lost, whole, and counted.
void DecisionLog::append_line() {
  const std::size_t before = pending_.size();
  try {
    lines_.append_next(pending_);
    ++pending_lines_;
  } catch (...) {
    pending_.resize(before);
    metrics_.count_unlogged(Unlogged::dropped);
  }
}

/// Whether all of it was written.
bool DecisionLog::write_pending() {
  while (written_ < pending_.size()) {
    const Result<std::size_t> took = write_some();
    if (!took.ok()) {
      tell(took.error());
      return false;
    }
    written_ += *took;
    metrics_.count_logged_bytes(*took);
  }
  if (pending_lines_ > 0) tell(std::nullopt);
  metrics_.count_logged(std::exchange(pending_lines_, 0));
  written_ = 0;
  pending_.clear();
  return true;
}

Result<std::size_t> DecisionLog::write_some() noexcept {
  try {
    return output_->write(std::string_view(pending_).substr(written_));
  } catch (...) {
    return Error{Reason::io_failed, "out of memory"};  // the words of a fault take some; these do not
  }
}

/// The log and the metrics hear of a fault once a minute, and of its end.
void DecisionLog::tell(const std::optional<Error>& fault) {
  const bool failed = failing_.exchange(fault.has_value());
  metrics_.set_decision_log_failing(fault.has_value());
  const SteadyPoint now = clock_.steady_now();
  if (!fault) {
    if (failed) log_.write(LogLevel::info, "decisions can be logged again", {{"dropped", metrics_.unlogged(Unlogged::dropped)}});
    return;
  }
  if (failed && now - told_ < kTellAgain) return;
  told_ = now;
  log_.write(LogLevel::error,
             refuses_.load() ? "decisions cannot be logged: nothing is allowed until they can"
                             : "decisions cannot be logged: they wait in memory as long as there is room, and are dropped then",
             {{"fault", fault->detail}, {"waiting", waiting()}, {"dropped", metrics_.unlogged(Unlogged::dropped)}});
}

/// Bytes.
std::size_t DecisionLog::waiting() const {
  std::size_t bytes = queue_.bytes() + pending_.size() + lines_.left();
  for (std::size_t i = taken_; i < batch_.size(); ++i) bytes += batch_[i].bytes();
  return bytes;
}

/// How many records of the batch were left.
std::uint64_t DecisionLog::skip_batch() noexcept {
  std::uint64_t count = 0;
  while (next_records()) count += lines_.skip_rest();
  return count;
}

/// No file any more: lines that could not be written are lost, and so are `records`. They are counted.
void DecisionLog::give_up(std::uint64_t records) {
  const std::uint64_t lost = std::exchange(pending_lines_, 0) + records;
  written_ = 0;
  pending_.clear();
  failing_.store(false);
  metrics_.set_decision_log_failing(false);
  if (lost == 0) return;
  metrics_.count_unlogged(Unlogged::dropped, lost);
  log_.write(LogLevel::error, "decisions were lost: they could not be written before the end", {{"lines", lost}});
}

/// What is in the queue now found no way out either.
void DecisionLog::end() {
  const std::uint64_t lost = skip_batch();
  take_queue();
  give_up(lost + skip_batch());
}

}  // namespace portcullis
