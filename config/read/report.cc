#include "config/read/report.h"

#include <algorithm>
#include <utility>

#include "base/codec/json_writer.h"
#include "base/codec/utf8.h"

namespace portcullis {
namespace {

constexpr std::size_t kQuotedBytes = 64;
constexpr std::size_t kFindingBytes = 1024;
constexpr std::string_view kBelow = "\n    ";
constexpr std::string_view kDigits = "0123456789abcdef";

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// Escapes controls, whatever the file holds: names of keys come from the file. What stands for a line feed begins a line that can be told
/// from the next finding.
std::string printable(std::string_view text, std::string_view line_break) {
  std::string line;
  for (const char c : text.substr(0, kFindingBytes)) {
    if (c == '\n' && !line_break.empty()) {
      line += line_break;
    } else if (is_control(c)) {
      const auto byte = static_cast<unsigned char>(c);
      line += "\\x";
      line += kDigits[byte >> 4U];
      line += kDigits[byte & 0xfU];
    } else {
      line += c;
    }
  }
  return line;
}

std::string_view severity_name(Severity severity) noexcept {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::notice: return "notice";
  }
  return "error";
}

bool any_error(const std::vector<Finding>& findings) noexcept {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.severity == Severity::error; });
}

}  // namespace

void Report::add(Severity severity, std::string path, std::string message) {
  findings_.push_back({severity, std::move(path), std::move(message)});
}

bool Report::has_errors() const noexcept { return any_error(findings_); }

bool LoadedConfig::has_errors() const noexcept { return any_error(findings); }

std::string in_quotes(std::string_view text) {
  const std::string_view shown = utf8_prefix(text, kQuotedBytes);
  std::string out;
  append_json_string(out, shown);
  if (shown.size() < text.size()) out += "…";
  return out;
}

std::string format_findings(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += severity_name(finding.severity);
    text += ": ";
    if (!finding.path.empty()) text += printable(finding.path, {}) + ": ";
    text += printable(finding.message, kBelow);
    text += '\n';
  }
  return text;
}

}  // namespace portcullis
