#include "aws/providers/fetch.h"

#include <optional>

#include "aws/aws_error.h"
#include "aws/retry.h"
#include "base/codec/percent.h"
#include "base/io/random_fraction.h"

namespace portcullis {

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
    const auto wait = quota.next_wait(tools.retries, number + 1, kind, !answer.ok(), answer ? retry_after_of(*answer) : std::nullopt,
                                      random_fraction(tools.entropy));
    if (!wait || (wait->count() > 0 && !tools.pause(*wait))) return answer;
  }
}

std::string describe_answer(const IncomingAnswer& answer) {
  const AwsError error = read_aws_error(answer);
  if (!error.code.empty() || !error.message.empty()) return describe(error);
  std::string text = "HTTP " + std::to_string(answer.status);
  if (!answer.body.empty() && answer.status >= 300) text += ": " + escape_for_log(answer.body);
  return text;
}

}  // namespace portcullis
