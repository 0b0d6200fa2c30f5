#include "aws/ecr.h"

#include "base/codec/base64url.h"
#include "base/codec/json.h"

namespace portcullis {
namespace {

constexpr JsonLimits kAnswerLimits{.bytes = 64UL * 1024, .depth = 8, .members = 100};

Error failed(const std::string& why) { return {Reason::io_failed, "failed to get an ECR password: " + why}; }

Result<EcrPassword> read_password(JsonView data) {
  const auto token = data.get("authorizationToken").string();
  const auto expires = data.get("expiresAt").number();
  if (!token || !expires || *expires < 0 || *expires > 253402300799.0) return failed("the answer lacks authorizationToken or expiresAt");
  auto decoded = base64_decode(*token);
  if (!decoded) return failed("authorizationToken is no base64");
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == decoded->size()) return failed("authorizationToken is no user and password");
  EcrPassword password{.user = decoded->substr(0, colon), .password = Secret(decoded->substr(colon + 1)), .expires = {}};
  password.expires = TimePoint(std::chrono::seconds(static_cast<std::int64_t>(*expires)));
  wipe(*decoded);
  return password;
}

Result<JsonDocument> ask(AwsClient& client, const char* target) {
  const AwsOutcome outcome =
      client.send({.content_type = "application/x-amz-json-1.1", .headers = {{"X-Amz-Target", target}}, .body = "{}"});
  if (!outcome.ok()) return failed(describe(outcome.error));
  auto json = parse_json(outcome.answer->body, kAnswerLimits);
  if (!json) return failed("the answer is " + json.error().detail);
  return json;
}

}  // namespace

Result<EcrPassword> get_ecr_password(AwsClient& ecr) {
  const auto json = ask(ecr, "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken");
  if (!json) return json.error();
  const auto all = json->root().get("authorizationData").elements();
  if (all.empty()) return failed("the answer is empty");
  return read_password(all.front());
}

Result<EcrPassword> get_ecr_public_password(AwsClient& ecr_public) {
  const auto json = ask(ecr_public, "SpencerFrontendService.GetAuthorizationToken");
  if (!json) return json.error();
  return read_password(json->root().get("authorizationData"));
}

}  // namespace portcullis
