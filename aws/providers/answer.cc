#include "aws/providers/answer.h"

#include <utility>

#include "aws/dates.h"
#include "base/codec/json.h"
#include "base/codec/percent.h"
#include "base/report/log.h"

namespace portcullis {
namespace {

constexpr std::int64_t kYear9999 = 253'402'300'799'000;  ///< its last second, in milliseconds
constexpr JsonLimits kAnswerLimits{.bytes = 64UL * 1024, .depth = 8, .members = 200};

Error failed(std::string detail) { return {Reason::io_failed, std::move(detail)}; }

/// What the members are called.
struct Names {
  const char* id;
  const char* secret;
  const char* token;
  bool token_required;
  bool expiry_required;
};

constexpr Names kProcess{"AccessKeyId", "SecretAccessKey", "SessionToken", false, false};
constexpr Names kContainer{"AccessKeyId", "SecretAccessKey", "Token", false, false};
constexpr Names kInstance{"AccessKeyId", "SecretAccessKey", "Token", true, true};

std::optional<std::string> text_of(JsonView object, const char* name) {
  const auto text = object.get(name).string();
  return text && !text->empty() ? std::optional<std::string>(*text) : std::nullopt;
}

Result<AwsCredentials> read_members(JsonView root, const Names& names) {
  const auto id = text_of(root, names.id);
  auto secret = text_of(root, names.secret);
  auto token = text_of(root, names.token);
  if (!id) return failed(std::string("the answer has no ") + names.id);
  if (!secret) return failed(std::string("the answer has no ") + names.secret);
  if (!token && names.token_required) return failed(std::string("the answer has no ") + names.token);
  AwsCredentials credentials;
  credentials.access_key_id = *id;
  credentials.secret_access_key = Secret(std::move(*secret));
  if (token) credentials.session_token = Secret(std::move(*token));
  const JsonView expiration = root.get("Expiration");
  if (expiration.exists() && !expiration.is_null()) {
    credentials.expires = parse_rfc3339(expiration.string().value_or(""));
    if (!credentials.expires) return failed("the answer's Expiration is no RFC 3339 time");
  } else if (names.expiry_required) {
    return failed("the answer has no Expiration");
  }
  credentials.account_id = text_of(root, "AccountId");
  return credentials;
}

Result<JsonDocument> read_object(std::string_view text) {
  auto json = parse_json(text, kAnswerLimits);
  if (!json) return failed("the answer is no JSON");
  if (!json->root().is_object()) return failed("the answer is no JSON object");
  return json;
}

}  // namespace

Result<AwsCredentials> read_process_answer(std::string_view text) {
  const auto json = read_object(text);
  if (!json) return json.error();
  if (json->root().get("Version").integer() != 1) return failed("wrong version in process output (not 1)");
  return read_members(json->root(), kProcess);
}

Result<AwsCredentials> read_container_answer(std::string_view text) {
  const auto json = read_object(text);
  if (!json) return json.error();
  return read_members(json->root(), kContainer);
}

Result<AwsCredentials> read_instance_answer(std::string_view text) {
  const auto json = read_object(text);
  if (!json) return json.error();
  const std::string code = text_of(json->root(), "Code").value_or("");
  if (code != "Success") {
    return failed("the instance metadata service says " + escape_for_log(code) + ": " +
                  escape_for_log(text_of(json->root(), "Message").value_or("no message")));
  }
  return read_members(json->root(), kInstance);
}

Result<AwsCredentials> read_sso_answer(std::string_view text) {
  const auto json = read_object(text);
  if (!json) return json.error();
  const JsonView root = json->root().get("roleCredentials");
  const auto id = text_of(root, "accessKeyId");
  auto secret = text_of(root, "secretAccessKey");
  auto token = text_of(root, "sessionToken");
  const auto expiration = root.get("expiration").integer();
  if (!id || !secret || !token) return failed("the answer's roleCredentials lack a member");
  if (!expiration || *expiration < 0 || *expiration > kYear9999) return failed("the answer's expiration is no time in milliseconds");
  AwsCredentials credentials;
  credentials.access_key_id = *id;
  credentials.secret_access_key = Secret(std::move(*secret));
  credentials.session_token = Secret(std::move(*token));
  credentials.expires = TimePoint(Milliseconds(*expiration));
  return credentials;
}

AwsCredentials copy_of(const AwsCredentials& credentials) {
  AwsCredentials copy;
  copy.access_key_id = credentials.access_key_id;
  copy.secret_access_key = Secret(std::string(credentials.secret_access_key.reveal()));
  copy.session_token = Secret(std::string(credentials.session_token.reveal()));
  copy.expires = credentials.expires;
  copy.account_id = credentials.account_id;
  return copy;
}

Result<void> check_not_expired(const AwsCredentials& credentials, TimePoint now, std::string_view who) {
  if (!credentials.expires || *credentials.expires > now) return {};
  return failed(std::string(who) + " gave credentials that expired at " + to_rfc3339(*credentials.expires));
}

}  // namespace portcullis
