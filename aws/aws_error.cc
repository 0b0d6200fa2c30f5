#include "aws/aws_error.h"

#include <algorithm>
#include <array>

#include "aws/xml.h"
#include "base/codec/json.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr JsonLimits kErrorLimits{.bytes = 64UL * 1024, .depth = 16, .members = 1000};

constexpr std::array<std::string_view, 14> kThrottles = {"Throttling",
                                                         "ThrottlingException",
                                                         "ThrottledException",
                                                         "RequestThrottledException",
                                                         "RequestThrottled",
                                                         "TooManyRequestsException",
                                                         "ProvisionedThroughputExceededException",
                                                         "TransactionInProgressException",
                                                         "RequestLimitExceeded",
                                                         "BandwidthLimitExceeded",
                                                         "LimitExceededException",
                                                         "SlowDown",
                                                         "PriorRequestNotComplete",
                                                         "EC2ThrottledException"};
constexpr std::array<std::string_view, 4> kTransients = {"RequestTimeout", "RequestTimeoutException", "IDPCommunicationError",
                                                         "InternalServiceError"};
constexpr std::array<std::string_view, 3> kExpired = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"};
constexpr std::array<std::string_view, 2> kSkews = {"RequestInTheFuture", "RequestTimeTooSkewed"};
constexpr std::array<std::string_view, 4> kDenied = {"AccessDenied", "AccessDeniedException", "UnauthorizedException",
                                                     "ForbiddenException"};

template <std::size_t Size>
bool holds(const std::array<std::string_view, Size>& codes, std::string_view code) noexcept {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// `com.amazonaws#AccessDeniedException:http://…` to `AccessDeniedException`.
std::string_view bare_code(std::string_view text) noexcept {
  text = text.substr(0, text.find(':'));
  if (const auto mark = text.rfind('#'); mark != std::string_view::npos) text.remove_prefix(mark + 1);
  return text;
}

struct Said {
  std::string code;
  std::string message;
};

Said from_json(JsonView body) {
  Said said;
  for (const char* name : {"__type", "code"}) {
    if (const auto text = body.get(name).string(); text && said.code.empty()) said.code = bare_code(*text);
  }
  // AccessDeniedException spells its member `Message`.
  for (const char* name : {"message", "Message"}) {
    if (const auto text = body.get(name).string(); text && said.message.empty()) said.message = *text;
  }
  return said;
}

Said from_xml(const XmlElement& root) {
  const XmlElement* error = root.name == "Error" ? &root : root.find_deep("Error");
  if (error == nullptr) return {};
  const XmlElement* code = error->find("Code");
  const XmlElement* message = error->find("Message");
  return {code == nullptr ? "" : code->text, message == nullptr ? "" : message->text};
}

}  // namespace

AwsErrorKind classify_aws_error(std::string_view code, int status) noexcept {
  if (holds(kThrottles, code)) return AwsErrorKind::throttle;
  if (holds(kExpired, code)) return AwsErrorKind::expired;
  if (holds(kSkews, code)) return AwsErrorKind::skew;
  if (holds(kDenied, code)) return AwsErrorKind::denied;
  if (holds(kTransients, code)) return AwsErrorKind::transient;
  if (status == 429) return AwsErrorKind::throttle;
  if (status == 500 || status == 502 || status == 503 || status == 504) return AwsErrorKind::transient;
  if (status == 403 && code.empty()) return AwsErrorKind::denied;
  return AwsErrorKind::other;
}

AwsError read_aws_error(const IncomingAnswer& answer) {
  Said said;
  if (const auto json = parse_json(answer.body, kErrorLimits); json.ok()) {
    said = from_json(json->root());
  } else if (const auto xml = parse_xml(answer.body); xml.ok()) {
    said = from_xml(*xml);
  }
  if (const auto type = answer.header("X-Amzn-ErrorType")) said.code = bare_code(*type);
  AwsError error{.status = answer.status, .code = escape_for_log(said.code), .message = escape_for_log(said.message)};
  error.kind = classify_aws_error(said.code, answer.status);
  return error;
}

}  // namespace portcullis
