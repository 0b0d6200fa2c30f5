#include "aws/providers/container.h"

#include <utility>

#include "aws/providers/answer.h"
#include "aws/providers/fetch.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr std::size_t kTokenBytes = 16UL * 1024;
constexpr std::size_t kAnswerBytes = 64UL * 1024;

Error failed(const std::string& url, const std::string& why) {
  return {Reason::io_failed, "container credentials of " + escape_for_log(url) + ": " + why};
}

}  // namespace

ContainerRole::ContainerRole(const AwsTools& tools, const Files& files, const Environment& environment, ContainerEndpoint endpoint)
    : tools_(tools), files_(files), environment_(environment), endpoint_(std::move(endpoint)) {}

Result<std::optional<Secret>> ContainerRole::token() const {
  std::string text;
  if (endpoint_.token_file) {
    auto read = files_.read(*endpoint_.token_file, kTokenBytes);
    if (!read) return failed(endpoint_.url, "the authorization token cannot be read: " + read.error().detail);
    text = std::move(read).value();
  } else if (endpoint_.token_in_environment) {
    text = environment_.get("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  }
  // Tools that write the file often end it as a line; a line break inside would smuggle in a header.
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.find_first_of("\r\n") != std::string::npos) {
    wipe(text);
    return failed(endpoint_.url, "authorization token contains invalid newline sequence");
  }
  if (text.empty()) {
    if (endpoint_.token_file) return failed(endpoint_.url, escape_for_log(*endpoint_.token_file) + ": the authorization token is empty");
    return std::optional<Secret>();
  }
  return std::optional(Secret(std::move(text)));
}

Result<std::shared_ptr<const AwsCredentials>> ContainerRole::credentials(bool /*refresh*/) {
  const auto secret = token();
  if (!secret) return secret.error();
  OutgoingRequest request;
  request.method = "GET";
  request.url = endpoint_.url;
  request.headers = {{"Accept", "application/json"}};
  if (*secret) request.headers.emplace_back("Authorization", (*secret)->reveal());
  request.body_limit = kAnswerBytes;
  const bool tls = endpoint_.url.starts_with("https://");
  request.reachable = tls ? ReachableHosts::with_loopback : ReachableHosts::credential_hosts;
  if (tls) request.ca_file = tools_.ca_file;
  const auto answer = fetch_patiently(tools_, request);
  for (auto& [name, value] : request.headers) wipe(value);
  if (!answer) return failed(endpoint_.url, answer.error().detail);
  if (answer->status != 200) return failed(endpoint_.url, describe_answer(*answer));
  auto credentials = read_container_answer(answer->body);
  if (!credentials) return failed(endpoint_.url, credentials.error().detail);
  if (auto fresh = check_not_expired(*credentials, tools_.clock.now(), "the container endpoint"); !fresh) return fresh.error();
  return std::make_shared<const AwsCredentials>(std::move(credentials).value());
}

}  // namespace portcullis
