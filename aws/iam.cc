#include "aws/iam.h"

#include <charconv>
#include <string>

#include "aws/canonical_request.h"
#include "aws/xml.h"

namespace portcullis {
namespace {

constexpr int kShortest = 3600;
constexpr int kLongest = 43'200;

Error failed(const std::string& why) { return {Reason::io_failed, "IAM GetRole: " + why}; }

}  // namespace

Result<std::chrono::seconds> get_longest_session(AwsClient& iam, std::string_view role_name) {
  const AwsOutcome outcome = iam.send({.content_type = "application/x-www-form-urlencoded; charset=utf-8",
                                       .headers = {},
                                       .body = "Action=GetRole&Version=2010-05-08&RoleName=" + uri_encode(role_name, true)});
  if (!outcome.ok()) return failed(describe(outcome.error));
  const auto xml = parse_xml(outcome.answer->body);
  if (!xml) return failed("the answer is no XML: " + xml.error().detail);
  const XmlElement* found = xml->find_deep("MaxSessionDuration");
  if (found == nullptr) return failed("the answer lacks MaxSessionDuration");
  int seconds = 0;
  const char* const end = found->text.data() + found->text.size();
  const auto read = std::from_chars(found->text.data(), end, seconds);
  if (read.ec != std::errc() || read.ptr != end || seconds < kShortest || seconds > kLongest) {
    return failed("MaxSessionDuration is no number of 3600 to 43200");
  }
  return std::chrono::seconds(seconds);
}

}  // namespace portcullis
