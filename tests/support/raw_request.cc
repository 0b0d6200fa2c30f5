#include "tests/support/raw_request.h"

namespace portcullis {
namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

Result<UnsignedRequest> read_raw_request(std::string_view text) {
  UnsignedRequest request;
  const std::string_view start = take_line(text);
  const std::size_t method_end = start.find(' ');
  const std::size_t target_end = start.rfind(' ');
  if (method_end == std::string_view::npos || target_end <= method_end) return Error{Reason::bad_request, "no request line"};
  request.method = start.substr(0, method_end);
  const std::string_view target = start.substr(method_end + 1, target_end - method_end - 1);
  const std::size_t question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  if (question < target.size()) request.query = target.substr(question + 1);
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
    if ((line[0] == ' ' || line[0] == '\t') && !request.headers.empty()) {
      request.headers.back().second += "\n" + std::string(line);
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Error{Reason::bad_request, "a header line has no colon"};
    request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  request.body = text;
  return request;
}

}  // namespace portcullis
