// The log: JSON lines, or text on a terminal. One line for one event; nothing secret in any field.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"

namespace portcullis {

enum class LogLevel { debug, info, warn, error };
enum class LogForm { json, text };

/// One named fact. Untrusted text goes through `escape_for_log` first.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  LogField(std::string_view n, std::string_view text) : name(n), value(text) {}
  LogField(std::string_view n, const char* text) : name(n), value(std::string_view(text)) {}
  LogField(std::string_view n, const std::string& text) : name(n), value(std::string_view(text)) {}
  LogField(std::string_view n, std::int64_t number) : name(n), value(number) {}
  LogField(std::string_view n, int number) : name(n), value(std::int64_t{number}) {}
  LogField(std::string_view n, std::size_t number) : name(n), value(static_cast<std::int64_t>(number)) {}
  LogField(std::string_view n, double number) : name(n), value(number) {}
  LogField(std::string_view n, bool flag) : name(n), value(flag) {}
};

/// Writes each event with one `write(2)`, so that lines of several threads never mix. Safe from many threads.
class Log {
 public:
  /// Writes to `descriptor`, which stays the caller's and must outlive the log.
  Log(const Clock& clock, int descriptor, LogForm form, LogLevel level);

  [[nodiscard]] bool wants(LogLevel level) const noexcept { return level >= level_.load(std::memory_order_relaxed); }
  void set_level(LogLevel level) noexcept { level_.store(level, std::memory_order_relaxed); }
  /// Where there is no memory for the line, a fixed one says that it is lost.
  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {}) noexcept;

 private:
  const Clock& clock_;
  const int descriptor_;
  const LogForm form_;
  std::atomic<LogLevel> level_;
};

/// `2026-11-22T06:41:23.512Z` (RFC 3339).
std::string to_rfc3339(TimePoint time);
/// "debug", "info", "warn", "error".
std::string_view log_level_name(LogLevel level) noexcept;

}  // namespace portcullis
