#include "plugin/cli/paint.h"

#include <cstdlib>

namespace portcullis {
namespace {

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::red: return "31";
    case Colour::green: return "32";
    case Colour::yellow: return "33";
    case Colour::faint: return "2";
  }
  std::abort();
}

}  // namespace

std::string paint(const CommandContext& context, Colour colour, std::string_view text) {
  if (!context.colour) return std::string(text);
  std::string out = "\x1b[";
  out.append(code_of(colour)).append("m").append(text).append("\x1b[0m");
  return out;
}

void complain(CommandContext& context, std::string_view what) {
  context.err("portcullis: " + std::string(what) + "\n");
  context.status = ExitStatus::cannot_judge;
}

void complain(CommandContext& context, const Error& error) {
  complain(context, error.detail.empty() ? std::string(reason_row(error.reason).meaning) : error.detail);
}

std::string counted(std::size_t number, std::string_view noun) {
  std::string text = std::to_string(number);
  text.append(" ").append(noun);
  if (number != 1) text += 's';
  return text;
}

std::string_view severity_name(Severity severity) noexcept {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::notice: return "notice";
  }
  std::abort();
}

void complain_of_findings(CommandContext& context, const std::string& path, const std::vector<Finding>& findings) {
  std::vector<Finding> errors;
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::error) errors.push_back(finding);
  }
  context.err(format_findings(errors));
  complain(context, path + " does not load; `portcullis check " + path + "` lists everything");
}

}  // namespace portcullis
