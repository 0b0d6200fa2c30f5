#include "base/report/log.h"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "base/codec/json_writer.h"

namespace portcullis {
namespace {

void append_value(JsonWriter& line, const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) line.string(*text);
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) line.integer(*number);
  if (const auto* real = std::get_if<double>(&field.value)) line.number(*real);
  if (const auto* flag = std::get_if<bool>(&field.value)) line.boolean(*flag);
}

std::string json_line(TimePoint now, LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  JsonWriter line;
  line.begin_object();
  line.key("time").string(to_rfc3339(now)).key("level").string(log_level_name(level)).key("message").string(message);
  for (const LogField& field : fields) append_value(line.key(field.name), field);
  line.end_object();
  return std::move(line).text() + "\n";
}

std::string text_line(TimePoint now, LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  std::string line = to_rfc3339(now).substr(11, 12) + " " + std::string(log_level_name(level));
  line.resize(19, ' ');
  line += message;
  for (const LogField& field : fields) {
    JsonWriter value;
    append_value(value, field);
    line += "  ";
    line += field.name;
    line += '=';
    line += value.text();
  }
  return line + "\n";
}

}  // namespace

Log::Log(const Clock& clock, int descriptor, LogForm form, LogLevel level)
    : clock_(clock), descriptor_(descriptor), form_(form), level_(level) {}

void Log::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) noexcept {
  if (!wants(level)) return;
  // A log that cannot be written must not stop the gate; there is nowhere left to say so.
  try {
    const TimePoint now = clock_.now();
    const std::string line = form_ == LogForm::json ? json_line(now, level, message, fields) : text_line(now, level, message, fields);
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, line.data(), line.size());
  } catch (...) {
    constexpr std::string_view lost = "{\"level\":\"error\",\"message\":\"a line of the log is lost: out of memory\"}\n";
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, lost.data(), lost.size());
  }
}

std::string to_rfc3339(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return buffer;
}

std::string_view log_level_name(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
  }
  std::abort();
}

}  // namespace portcullis
