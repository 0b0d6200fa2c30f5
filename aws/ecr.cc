#include "aws/ecr.h"

#include "base/codec/base64url.h"
#include "base/codec/json.h"

namespace portcullis {
namespace {

constexpr JsonLimits kAnswerLimits{.bytes = 64UL * 1024, .depth = 8, .members = 100};

EcrOutcome unreadable(std::string_view why) {
  return {std::nullopt, {.status = 0, .code = {}, .message = "the answer " + std::string(why), .kind = AwsErrorKind::other}};
}

EcrOutcome read_password(JsonView data) {
  const auto token = data.get("authorizationToken").string();
  const auto expires = data.get("expiresAt").number();
  if (!token || !expires || *expires < 0 || *expires > 253402300799.0) return unreadable("lacks authorizationToken or expiresAt");
  auto decoded = base64_decode(*token);
  if (!decoded) return unreadable("has an authorizationToken that is no base64");
  const std::size_t colon = decoded->find(':');
  const bool whole = colon != std::string::npos && colon > 0 && colon + 1 < decoded->size();
  EcrOutcome outcome;
  if (whole) {
    outcome.password = EcrPassword{.user = decoded->substr(0, colon), .password = Secret(decoded->substr(colon + 1)), .expires = {}};
    outcome.password->expires = TimePoint(std::chrono::seconds(static_cast<std::int64_t>(*expires)));
  }
  wipe(*decoded);
  return whole ? std::move(outcome) : unreadable("has an authorizationToken that is no user and password");
}

template <class Read>
EcrOutcome ask(AwsClient& client, const char* target, Read read) {
  const AwsOutcome outcome =
      client.send({.content_type = "application/x-amz-json-1.1", .headers = {{"X-Amz-Target", target}}, .body = "{}"});
  if (!outcome.ok()) return {std::nullopt, outcome.error};
  const auto json = parse_json(outcome.answer->body, kAnswerLimits);
  return json ? read(json->root().get("authorizationData")) : unreadable("is " + json.error().detail);
}

}  // namespace

EcrOutcome get_ecr_password(AwsClient& ecr) {
  return ask(ecr, "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken", [](JsonView data) {
    const auto all = data.elements();
    return all.empty() ? unreadable("is empty") : read_password(all.front());
  });
}

EcrOutcome get_ecr_public_password(AwsClient& ecr_public) {
  return ask(ecr_public, "SpencerFrontendService.GetAuthorizationToken", read_password);
}

}  // namespace portcullis
