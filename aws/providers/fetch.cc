#include "aws/providers/fetch.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "aws/aws_error.h"
#include "aws/retry.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

/// Whole seconds; a date is not read (RFC 9110 section 10.2.3).
std::optional<std::chrono::milliseconds> retry_after(const IncomingAnswer& answer) {
  const auto text = answer.header("Retry-After");
  int seconds = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), seconds).ec != std::errc() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, 3600));
}

}  // namespace

Result<IncomingAnswer> fetch_patiently(const AwsTools& tools, const OutgoingRequest& request) {
  RetryQuota quota;
  for (int number = 1;; ++number) {
    auto answer = tools.http.send(request);
    AwsErrorKind kind = AwsErrorKind::transient;
    if (answer) {
      if (answer->status >= 200 && answer->status < 300) return answer;
      kind = read_aws_error(*answer).kind;
    }
    // Only what may pass is repeated; a denial or an expired token is the caller's to read.
    if (kind != AwsErrorKind::transient && kind != AwsErrorKind::throttle) return answer;
    const auto wait = quota.next_wait(tools.retries, number + 1, kind, !answer.ok(), answer ? retry_after(*answer) : std::nullopt,
                                      random_fraction(tools.entropy));
    if (!wait || (wait->count() > 0 && !tools.pause(*wait))) return answer;
  }
}

double random_fraction(Entropy& entropy) {
  std::array<std::uint8_t, 3> bytes{};
  entropy.fill(bytes);
  const unsigned number = bytes[0] | (unsigned{bytes[1]} << 8U) | (unsigned{bytes[2]} << 16U);
  return static_cast<double>(number) / 16777216.0;
}

std::string describe_answer(const IncomingAnswer& answer) {
  const AwsError error = read_aws_error(answer);
  if (!error.code.empty() || !error.message.empty()) return describe(error);
  std::string text = "HTTP " + std::to_string(answer.status);
  if (!answer.body.empty() && answer.status >= 300) text += ": " + escape_for_log(answer.body);
  return text;
}

}  // namespace portcullis
