// Fuzzes the reader of nginx files and what is said of them: bounded, and every directive has a name and a line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/cli/nginx_file.h"
#include "plugin/cli/nginx_lint.h"

namespace {

void check(const std::vector<portcullis::NginxDirective>& directives, std::size_t depth) {
  if (depth > portcullis::kNginxDepth && !directives.empty()) std::abort();  // a directive of the deepest block has no children
  for (const portcullis::NginxDirective& one : directives) {
    if (one.words.empty() || one.line == 0) std::abort();
    check(one.children, depth + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto directives = portcullis::read_nginx(text)) check(*directives, 0);
  portcullis::DoctorReport report;
  portcullis::lint_nginx(text, "nginx.conf", report);
  if (report.steps().empty()) std::abort();
  return 0;
}
