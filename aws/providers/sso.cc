#include "aws/providers/sso.h"

#include <utility>

#include "aws/canonical_request.h"
#include "aws/providers/answer.h"
#include "aws/providers/fetch.h"
#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "base/report/log.h"

namespace portcullis {
namespace {

constexpr std::size_t kFileBytes = 64UL * 1024;
constexpr auto kRefreshAhead = std::chrono::minutes(5);

Error failed(std::string why) { return {Reason::io_failed, "SSO: " + std::move(why)}; }

OutgoingRequest request_to(const AwsTools& tools, std::string method, std::string url) {
  OutgoingRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.reachable = ReachableHosts::with_loopback;
  request.ca_file = tools.ca_file;
  return request;
}

}  // namespace

SsoCredentials::SsoCredentials(const AwsTools& tools, Files& files, AwsEndpoint portal, AwsEndpoint oidc, std::string home, SsoRole role)
    : tools_(tools), files_(files), portal_(std::move(portal)), oidc_(std::move(oidc)), home_(std::move(home)), role_(std::move(role)) {}

Result<std::shared_ptr<const AwsCredentials>> SsoCredentials::credentials(bool /*refresh*/) {
  if (role_.account_id.empty() || role_.role_name.empty()) {
    return failed("the selected profile will resolve an access token instead of credentials: set sso_account_id and sso_role_name");
  }
  const auto token = access_token();
  if (!token) return token.error();
  OutgoingRequest request = request_to(tools_, "GET",
                                       portal_.url + "/federation/credentials?account_id=" + uri_encode(role_.account_id, true) +
                                           "&role_name=" + uri_encode(role_.role_name, true));
  request.headers = {{"x-amz-sso_bearer_token", std::string(token->reveal())}};
  const auto answer = fetch_patiently(tools_, request);
  for (auto& [name, value] : request.headers) wipe(value);
  if (!answer) return failed(answer.error().detail);
  if (answer->status == 401) return failed(describe_answer(*answer) + "; run `aws sso login`");
  if (answer->status != 200) return failed("GetRoleCredentials: " + describe_answer(*answer));
  auto credentials = read_sso_answer(answer->body);
  if (!credentials) return failed("GetRoleCredentials: " + credentials.error().detail);
  credentials->account_id = role_.account_id;
  return std::make_shared<const AwsCredentials>(std::move(credentials).value());
}

Result<Secret> SsoCredentials::access_token() {
  const std::string path = sso_cache_path(home_, role_.session.value_or(role_.start_url));
  auto text = files_.read(path, kFileBytes);
  if (!text) return failed("failed to read " + text.error().detail + "; run `aws sso login`");
  auto token = read_sso_token(*text);
  if (!token) return failed(escape_for_log(path) + ": " + token.error().detail + "; run `aws sso login`");
  const TimePoint now = tools_.clock.now();
  std::string why = "it cannot be refreshed";
  if (role_.session && now + kRefreshAhead >= token->expires && token->can_refresh(now)) {
    auto fresh = create_token(*token);
    if (fresh) {
      // A file that cannot be written costs another refresh next time, and nothing more.
      std::string renewed = renewed_sso_file(*text, *fresh);
      (void)files_.write(path, renewed, 0600);
      wipe(renewed);
      wipe(*text);
      return std::move(fresh->access_token);
    }
    why = fresh.error().detail;
  }
  wipe(*text);
  if (now < token->expires) return std::move(token->access_token);
  return failed("the SSO session expired at " + to_rfc3339(token->expires) + " and " + why + "; run `aws sso login`");
}

Result<RefreshedToken> SsoCredentials::create_token(const SsoToken& token) {
  OutgoingRequest request = request_to(tools_, "POST", oidc_.url + "/token");
  request.headers = {{"Content-Type", "application/json"}};
  JsonWriter body;
  body.begin_object().key("clientId").string(token.client_id).key("clientSecret").string(token.client_secret.reveal());
  body.key("grantType").string("refresh_token").key("refreshToken").string(token.refresh_token.reveal()).end_object();
  request.body = std::move(body).text();
  const auto answer = fetch_patiently(tools_, request);
  wipe(request.body);
  if (!answer) return Error{Reason::io_failed, "its refresh failed: " + answer.error().detail};
  if (answer->status != 200) return Error{Reason::io_failed, "its refresh failed: " + describe_answer(*answer)};
  return read_created_token(answer->body, tools_.clock.now());
}

}  // namespace portcullis
