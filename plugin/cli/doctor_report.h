// What `portcullis doctor` found, step by step, and how it is told. Nothing secret goes in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/cli/command.h"

namespace portcullis {

/// One step of one part.
struct DoctorStep {
  enum class Health {
    ok,
    warning,  ///< works, and should be looked at
    failed,
    skipped,  ///< a step before it failed, or it is not asked for
  };

  std::string part;  ///< `configuration`, a registry's host, …
  std::string step;  ///< `credentials`, `assume role`, …
  Health health = Health::ok;
  std::string detail;  ///< what was found; one line
  std::string code;    ///< of AWS, or empty
  std::string advice;  ///< what to do, or empty
};

/// In the order in which the steps were taken.
class DoctorReport {
 public:
  void ok(std::string part, std::string step, std::string detail);
  void warn(std::string part, std::string step, std::string detail, std::string advice);
  /// The code of AWS is taken out of `detail`.
  void fail(std::string part, std::string step, std::string detail, std::string advice = {});
  void skip(std::string part, std::string step, std::string detail);

  [[nodiscard]] const std::vector<DoctorStep>& steps() const noexcept { return steps_; }
  /// Whether no step failed.
  [[nodiscard]] bool good() const noexcept;

 private:
  std::vector<DoctorStep> steps_;
};

/// `AccessDenied` of `… AccessDenied (HTTP 403): …`, as `describe` writes it; empty where there is none.
std::string_view aws_code_in(std::string_view detail) noexcept;

/// One line a step, its advice below it, and a last line that sums up.
std::string doctor_as_text(const CommandContext& context, const DoctorReport& report);
/// `{"ok", "steps": [{"part", "step", "result", "code", "detail", "advice"}]}`.
std::string doctor_as_json(const DoctorReport& report);

}  // namespace portcullis
