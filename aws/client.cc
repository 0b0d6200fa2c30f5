#include "aws/client.h"

#include <array>
#include <charconv>
#include <utility>

#include "aws/dates.h"
#include "aws/sigv4.h"
#include "base/codec/hex.h"
#include "base/io/random_fraction.h"

namespace portcullis {
namespace {

using std::chrono::milliseconds;

/// A skew below this is jitter of the network; AWS accepts five minutes.
constexpr milliseconds kSkewThatMatters = std::chrono::minutes(4);

struct SplitUrl {
  std::string host;
  std::string path;
};

SplitUrl split(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  const std::size_t slash = std::min(url.find('/'), url.size());
  return {std::string(url.substr(0, slash)), slash < url.size() ? std::string(url.substr(slash)) : "/"};
}

std::string invocation_id(Entropy& entropy) {
  std::array<std::uint8_t, 16> bytes{};
  entropy.fill(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x40U);  // RFC 9562 section 5.4: version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
  std::string hex = hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (const std::size_t place : {20U, 16U, 12U, 8U}) hex.insert(place, "-");
  return hex;
}

}  // namespace

AwsClient::AwsClient(AwsTools tools, AwsEndpoint endpoint, CredentialSource* credentials)
    : tools_(std::move(tools)), endpoint_(std::move(endpoint)), credentials_(credentials) {}

AwsOutcome AwsClient::send(const AwsCall& call, std::string_view also_transient) {
  const std::string invocation = invocation_id(tools_.entropy);
  bool refresh = false;
  bool refreshed = false;
  AwsOutcome outcome;
  for (int number = 1;; ++number) {
    std::shared_ptr<const AwsCredentials> credentials;
    if (credentials_ != nullptr) {
      auto found = credentials_->credentials(refresh);
      if (!found) {
        outcome.error = {.status = 0, .code = {}, .message = found.error().detail, .kind = AwsErrorKind::other};
        return outcome;
      }
      credentials = std::move(found).value();
    }
    refresh = false;
    Attempt result = attempt(call, credentials.get(), invocation, number);
    outcome.attempts = number;
    if (result.answer) {
      const MutexLock lock(mutex_);
      quota_.succeeded(number);
      outcome.answer = std::move(result.answer);
      return outcome;
    }
    outcome.error = std::move(result.error);
    AwsErrorKind kind = outcome.error.kind;
    if (!also_transient.empty() && outcome.error.code == also_transient) kind = AwsErrorKind::transient;
    if (kind == AwsErrorKind::expired) {
      if (refreshed || credentials_ == nullptr) return outcome;
      refresh = refreshed = true;
    }
    const double random = random_fraction(tools_.entropy);
    std::optional<milliseconds> wait;
    {
      const MutexLock lock(mutex_);
      wait = quota_.next_wait(tools_.retries, number + 1, kind, result.timed_out, result.retry_after, random);
    }
    if (!wait || (wait->count() > 0 && !tools_.pause(*wait))) return outcome;
  }
}

AwsClient::Attempt AwsClient::attempt(const AwsCall& call, const AwsCredentials* credentials, const std::string& invocation, int number) {
  Attempt result;
  const auto request = build(call, credentials, invocation, number);
  if (!request) {
    result.error = {.status = 0, .code = {}, .message = request.error().detail, .kind = AwsErrorKind::other};
    return result;
  }
  auto answer = tools_.http.send(*request);
  if (!answer) {
    result.error = {.status = 0, .code = {}, .message = answer.error().detail, .kind = AwsErrorKind::transient};
    result.timed_out = true;
    return result;
  }
  if (answer->status >= 200 && answer->status < 300) {
    learn_skew(*answer);
    result.answer = std::move(answer).value();
    return result;
  }
  result.error = read_aws_error(*answer);
  result.retry_after = retry_after_of(*answer);
  const std::string& code = result.error.code;
  learn_skew(*answer);
  if (code == "InvalidSignatureException" || code == "SignatureDoesNotMatch" || code == "AuthFailure") {
    const MutexLock lock(mutex_);
    if (skew_ > kSkewThatMatters || skew_ < -kSkewThatMatters) result.error.kind = AwsErrorKind::skew;
  }
  return result;
}

Result<OutgoingRequest> AwsClient::build(const AwsCall& call, const AwsCredentials* credentials, const std::string& invocation,
                                         int number) {
  const SplitUrl target = split(endpoint_.url);
  UnsignedRequest plain{.method = "POST", .path = target.path, .query = {}, .headers = {{"Host", target.host}}, .body = call.body};
  plain.headers.emplace_back("Content-Type", call.content_type);
  for (const auto& header : call.headers) plain.headers.push_back(header);
  plain.headers.emplace_back("amz-sdk-invocation-id", invocation);
  plain.headers.emplace_back("amz-sdk-request", "attempt=" + std::to_string(number) + "; max=" + std::to_string(tools_.retries.attempts));
  if (credentials != nullptr) {
    milliseconds skew{};
    {
      const MutexLock lock(mutex_);
      skew = skew_;
    }
    const SigningContext context{.region = endpoint_.signing_region, .service = endpoint_.signing_name, .time = tools_.clock.now() + skew};
    plain = sign_v4(plain, *credentials, context).request;
  }
  OutgoingRequest request;
  request.method = plain.method;
  request.url = endpoint_.url + (target.path == "/" ? "/" : "");
  for (auto& [name, value] : plain.headers) {
    if (name != "Host") request.headers.emplace_back(std::move(name), std::move(value));
  }
  request.body = std::move(plain.body);
  request.reachable = ReachableHosts::with_loopback;
  request.ca_file = tools_.ca_file;
  return request;
}

void AwsClient::learn_skew(const IncomingAnswer& answer) {
  const auto date = answer.header("Date");
  const auto theirs = date ? parse_http_date(*date) : std::nullopt;
  if (!theirs) return;
  const milliseconds difference = *theirs - tools_.clock.now();
  const MutexLock lock(mutex_);
  skew_ = difference > kSkewThatMatters || difference < -kSkewThatMatters ? difference : milliseconds(0);
}

std::optional<milliseconds> retry_after_of(const IncomingAnswer& answer) {
  const auto text = answer.header("Retry-After");
  int seconds = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), seconds).ec != std::errc() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, 3600));
}

std::string describe(const AwsError& error) {
  if (error.status == 0) return error.message;
  return (error.code.empty() ? "no error code" : error.code) + " (HTTP " + std::to_string(error.status) + ")" +
         (error.message.empty() ? "" : ": " + error.message);
}

}  // namespace portcullis
