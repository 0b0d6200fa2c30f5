// A line of the decision log, read again: what `replay` asks a policy anew.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/codec/json.h"
#include "base/reason.h"
#include "plugin/decisions/record.h"

namespace portcullis {

/// One decision as it was logged. Texts are the line's own, unescaped.
struct LoggedDecision {
  TimePoint time;
  Reason reason = Reason::internal_error;
  Proof proof = Proof::none;
  ScopeFact scope = ScopeFact::not_asked;
  bool tls = false;
  bool cut = false;  ///< some text is not whole
  std::uint64_t weight = 1;
  std::string_view endpoint;
  std::string_view method;
  std::string_view route;  ///< empty where the route could not be read
  std::string_view path;
  std::string_view repository;
  std::string_view reference;
  std::optional<std::string_view> mount_source;
  std::vector<std::string_view> tags;
  std::vector<std::string_view> existing_tags;
  std::vector<std::string_view> missing_tags;
  std::string_view action;
  std::string_view subject;
  std::string_view username;
  std::vector<std::string_view> groups;
  std::string_view issuer;
  std::string_view kid;
  std::string_view peer;
  std::string_view client;
  std::string_view user_agent;
  std::string_view forwarded_for;
  JsonView claims;  ///< an object, or not there
  std::vector<std::string_view> absent_claims;

  [[nodiscard]] bool allowed() const noexcept { return reason == Reason::allowed; }
};

/// Why a line is none that can be read.
enum class LineFault {
  damaged,        ///< no JSON object with the fields that every line has: half a line, or another file
  other_version,  ///< written by another version of the schema
};

/// A line, and the text that it borrows from.
class LoggedLine {
 public:
  /// Reads one line without its end, of at most 256 KiB. Fields that are not known are passed over; one that is known and has another type
  /// makes the line `damaged`.
  static std::variant<LoggedLine, LineFault> read(std::string_view line);
  [[nodiscard]] const LoggedDecision& decision() const noexcept { return decision_; }

 private:
  explicit LoggedLine(JsonDocument document) : document_(std::move(document)) {}

  JsonDocument document_;
  LoggedDecision decision_;
};

/// `2026-11-22T06:41:23.512Z`, as the log writes it, and nothing else.
std::optional<TimePoint> read_log_time(std::string_view text) noexcept;

}  // namespace portcullis
