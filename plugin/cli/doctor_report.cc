#include "plugin/cli/doctor_report.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/codec/json_writer.h"
#include "plugin/cli/paint.h"

namespace portcullis {
namespace {

using Health = DoctorStep::Health;

std::string_view name_of(Health health) noexcept {
  switch (health) {
    case Health::ok: return "ok";
    case Health::warning: return "warning";
    case Health::failed: return "failed";
    case Health::skipped: return "skipped";
  }
  std::abort();
}

Colour colour_of(Health health) noexcept {
  switch (health) {
    case Health::ok: return Colour::green;
    case Health::warning: return Colour::yellow;
    case Health::failed: return Colour::red;
    case Health::skipped: return Colour::faint;
  }
  std::abort();
}

std::size_t count(const DoctorReport& report, Health health) {
  return static_cast<std::size_t>(
      std::count_if(report.steps().begin(), report.steps().end(), [health](const DoctorStep& step) { return step.health == health; }));
}

bool is_code_letter(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
}

}  // namespace

void DoctorReport::ok(std::string part, std::string step, std::string detail) {
  steps_.push_back({std::move(part), std::move(step), Health::ok, std::move(detail), {}, {}});
}

void DoctorReport::warn(std::string part, std::string step, std::string detail, std::string advice) {
  steps_.push_back({std::move(part), std::move(step), Health::warning, std::move(detail), {}, std::move(advice)});
}

void DoctorReport::fail(std::string part, std::string step, std::string detail, std::string advice) {
  std::string code(aws_code_in(detail));
  steps_.push_back({std::move(part), std::move(step), Health::failed, std::move(detail), std::move(code), std::move(advice)});
}

void DoctorReport::skip(std::string part, std::string step, std::string detail) {
  steps_.push_back({std::move(part), std::move(step), Health::skipped, std::move(detail), {}, {}});
}

bool DoctorReport::good() const noexcept { return count(*this, Health::failed) == 0; }

std::string_view aws_code_in(std::string_view detail) noexcept {
  const std::size_t end = detail.find(" (HTTP ");
  if (end == std::string_view::npos) return {};
  std::size_t begin = end;
  while (begin > 0 && is_code_letter(detail[begin - 1])) --begin;
  return detail.substr(begin, end - begin);
}

std::string doctor_as_text(const CommandContext& context, const DoctorReport& report) {
  std::string out;
  std::string_view part;
  for (const DoctorStep& step : report.steps()) {
    if (step.part != part) out += step.part + "\n";
    part = step.part;
    const std::string name(name_of(step.health));
    out += "  " + paint(context, colour_of(step.health), name) + std::string(9 - name.size(), ' ') + step.step + ": " + step.detail + "\n";
    if (!step.advice.empty()) out += "           -> " + step.advice + "\n";
  }
  const std::size_t failed = count(report, Health::failed);
  const std::string end =
      failed == 0 ? paint(context, Colour::green, "all good") : paint(context, Colour::red, counted(failed, "step") + " failed");
  return out + end + ", " + counted(count(report, Health::warning), "warning") + "\n";
}

std::string doctor_as_json(const DoctorReport& report) {
  JsonWriter json;
  json.begin_object().key("ok").boolean(report.good()).key("steps").begin_array();
  for (const DoctorStep& step : report.steps()) {
    json.begin_object().key("part").string(step.part).key("step").string(step.step).key("result").string(name_of(step.health));
    json.key("code").string(step.code).key("detail").string(step.detail).key("advice").string(step.advice).end_object();
  }
  return std::move(json.end_array().end_object()).text() + "\n";
}

}  // namespace portcullis
