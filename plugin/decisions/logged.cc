#include "plugin/decisions/logged.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "plugin/decisions/line.h"

namespace portcullis {
namespace {

/// The longest line that the log writes: every text at its bound, every byte escaped.
constexpr JsonLimits kLineLimits{.bytes = 256UL * 1024, .depth = 48, .members = 10'000};

template <class Enum>
bool read_word(JsonView value, std::string_view (*name)(Enum), Enum last, Enum& out) {
  const auto word = value.string();
  if (!word) return false;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
    if (name(static_cast<Enum>(i)) != *word || word->empty()) continue;
    out = static_cast<Enum>(i);
    return true;
  }
  return false;
}

bool read_text(JsonView value, std::string_view& out) {
  const auto text = value.string();
  if (text) out = *text;
  return text.has_value();
}

bool read_list(JsonView value, std::vector<std::string_view>& out) {
  if (!value.is_array()) return false;
  for (const JsonView element : value.elements()) {
    const auto text = element.string();
    if (!text) return false;
    out.push_back(*text);
  }
  return true;
}

bool read_time(JsonView value, LoggedDecision& out) {
  const auto text = value.string();
  const auto time = text ? read_log_time(*text) : std::nullopt;
  if (time) out.time = *time;
  return time.has_value();
}

bool read_reason(JsonView value, LoggedDecision& out) {
  const auto text = value.string();
  const auto reason = text ? reason_from_name(*text) : std::nullopt;
  if (reason) out.reason = *reason;
  return reason.has_value();
}

bool read_source(JsonView value, LoggedDecision& out) {
  out.mount_source = value.string();
  return out.mount_source.has_value();
}

bool read_flag(JsonView value, bool& out) {
  const auto flag = value.boolean();
  if (flag) out = *flag;
  return flag.has_value();
}

bool read_weight(JsonView value, LoggedDecision& out) {
  const auto weight = value.integer();
  if (!weight || *weight < 1) return false;
  out.weight = static_cast<std::uint64_t>(*weight);
  return true;
}

bool read_claims(JsonView value, LoggedDecision& out) {
  out.claims = value;
  return value.is_object();
}

bool read_cut(JsonView value, LoggedDecision& out) {
  out.cut = value.size() > 0;
  return value.is_array();
}

struct FieldReader {
  std::string_view name;
  bool (*read)(JsonView, LoggedDecision&);
};

constexpr std::array kFields{
    FieldReader{"time", read_time},
    FieldReader{"endpoint", [](JsonView value, LoggedDecision& out) { return read_text(value, out.endpoint); }},
    FieldReader{"reason", read_reason},
    FieldReader{"method", [](JsonView value, LoggedDecision& out) { return read_text(value, out.method); }},
    FieldReader{"route", [](JsonView value, LoggedDecision& out) { return read_text(value, out.route); }},
    FieldReader{"path", [](JsonView value, LoggedDecision& out) { return read_text(value, out.path); }},
    FieldReader{"repository", [](JsonView value, LoggedDecision& out) { return read_text(value, out.repository); }},
    FieldReader{"reference", [](JsonView value, LoggedDecision& out) { return read_text(value, out.reference); }},
    FieldReader{"mountSource", read_source},
    FieldReader{"tags", [](JsonView value, LoggedDecision& out) { return read_list(value, out.tags); }},
    FieldReader{"existingTags", [](JsonView value, LoggedDecision& out) { return read_list(value, out.existing_tags); }},
    FieldReader{"missingTags", [](JsonView value, LoggedDecision& out) { return read_list(value, out.missing_tags); }},
    FieldReader{"action", [](JsonView value, LoggedDecision& out) { return read_text(value, out.action); }},
    FieldReader{"proof", [](JsonView value, LoggedDecision& out) { return read_word(value, proof_name, Proof::token, out.proof); }},
    FieldReader{"subject", [](JsonView value, LoggedDecision& out) { return read_text(value, out.subject); }},
    FieldReader{"username", [](JsonView value, LoggedDecision& out) { return read_text(value, out.username); }},
    FieldReader{"groups", [](JsonView value, LoggedDecision& out) { return read_list(value, out.groups); }},
    FieldReader{"issuer", [](JsonView value, LoggedDecision& out) { return read_text(value, out.issuer); }},
    FieldReader{"kid", [](JsonView value, LoggedDecision& out) { return read_text(value, out.kid); }},
    FieldReader{"scope",
                [](JsonView value, LoggedDecision& out) { return read_word(value, scope_fact_name, ScopeFact::source_denied, out.scope); }},
    FieldReader{"claims", read_claims},
    FieldReader{"absentClaims", [](JsonView value, LoggedDecision& out) { return read_list(value, out.absent_claims); }},
    FieldReader{"peer", [](JsonView value, LoggedDecision& out) { return read_text(value, out.peer); }},
    FieldReader{"client", [](JsonView value, LoggedDecision& out) { return read_text(value, out.client); }},
    FieldReader{"userAgent", [](JsonView value, LoggedDecision& out) { return read_text(value, out.user_agent); }},
    FieldReader{"forwardedFor", [](JsonView value, LoggedDecision& out) { return read_text(value, out.forwarded_for); }},
    FieldReader{"tls", [](JsonView value, LoggedDecision& out) { return read_flag(value, out.tls); }},
    FieldReader{"weight", read_weight},
    FieldReader{"cut", read_cut},
};

/// What every line has; `v` apart.
constexpr std::array<std::string_view, 4> kRequired{"time", "endpoint", "reason", "proof"};

bool read_fields(JsonView line, LoggedDecision& out) {
  std::size_t required = 0;
  for (const auto& member : line.members()) {
    const std::string_view name = member.first;
    const auto* const field = std::find_if(kFields.begin(), kFields.end(), [name](const FieldReader& one) { return one.name == name; });
    if (field == kFields.end()) continue;
    if (!field->read(member.second, out)) return false;
    if (std::find(kRequired.begin(), kRequired.end(), name) != kRequired.end()) ++required;
  }
  return required == kRequired.size();
}

bool read_digits(std::string_view text, std::size_t at, std::size_t count, unsigned& out) noexcept {
  const char* const begin = text.data() + at;
  const auto read = std::from_chars(begin, begin + count, out);
  return read.ec == std::errc() && read.ptr == begin + count;
}

}  // namespace

std::optional<TimePoint> read_log_time(std::string_view text) noexcept {
  constexpr std::string_view shape = "0000-00-00T00:00:00.000Z";
  if (text.size() != shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != '0' && text[i] != shape[i]) return std::nullopt;
  }
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millis = 0;
  const bool digits = read_digits(text, 0, 4, year) && read_digits(text, 5, 2, month) && read_digits(text, 8, 2, day) &&
                      read_digits(text, 11, 2, hour) && read_digits(text, 14, 2, minute) && read_digits(text, 17, 2, second) &&
                      read_digits(text, 20, 3, millis);
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(month), std::chrono::day(day));
  if (!digits || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return TimePoint(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
         std::chrono::milliseconds(millis);
}

std::variant<LoggedLine, LineFault> LoggedLine::read(std::string_view line) {
  Result<JsonDocument> document = parse_json(line, kLineLimits);
  if (!document.ok()) return LineFault::damaged;
  const auto version = document->root().get("v").integer();
  if (!version) return LineFault::damaged;
  if (*version != kDecisionLineVersion) return LineFault::other_version;
  LoggedLine logged(std::move(document).value());
  if (!read_fields(logged.document_.root(), logged.decision_)) return LineFault::damaged;
  return logged;
}

}  // namespace portcullis
