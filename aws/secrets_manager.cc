#include "aws/secrets_manager.h"

#include "base/codec/base64url.h"
#include "base/codec/json.h"
#include "base/codec/json_writer.h"

namespace portcullis {
namespace {

// 64 KiB of secret, escaped at worst sixfold, and the metadata around it.
constexpr JsonLimits kAnswerLimits{.bytes = 1024UL * 1024, .depth = 8, .members = 1000};

Error failed(const SecretQuestion& question, const std::string& why) {
  return {Reason::io_failed, "failed to retrieve secret " + question.secret_id + " (" + question.version_stage + "): " + why};
}

/// A full ARN must come back as it was asked; a partial one lacks the six random characters behind a hyphen; a name must come back as the
/// name.
bool answers(const SecretQuestion& question, const SecretValue& value) {
  if (!question.secret_id.starts_with("arn:")) return value.name == question.secret_id;
  if (value.arn == question.secret_id) return true;
  return value.arn.size() == question.secret_id.size() + 7 && value.arn.starts_with(question.secret_id) &&
         value.arn[question.secret_id.size()] == '-';
}

/// CreatedDate: seconds since 1970, with a fraction.
std::optional<TimePoint> time_of(const std::optional<double>& seconds) {
  if (!seconds || !(*seconds >= 0) || *seconds > 253402300799.0) return std::nullopt;
  return TimePoint(Milliseconds(static_cast<Milliseconds::rep>(*seconds * 1000)));
}

Result<SecretValue> read_answer(const SecretQuestion& question, std::string_view body) {
  const auto json = parse_json(body, kAnswerLimits);
  if (!json) return failed(question, "the answer is " + json.error().detail);
  const JsonView root = json->root();
  SecretValue value;
  value.arn = root.get("ARN").string().value_or("");
  value.name = root.get("Name").string().value_or("");
  value.version_id = root.get("VersionId").string().value_or("");
  value.created = time_of(root.get("CreatedDate").number());
  if (const auto text = root.get("SecretString").string()) {
    value.text = Secret(std::string(*text));
  } else if (const auto binary = root.get("SecretBinary").string()) {
    auto bytes = base64_decode(*binary);
    if (!bytes) return failed(question, "SecretBinary is no base64");
    value.text = Secret(std::move(bytes).value());
  } else {
    return failed(question, "the answer holds neither SecretString nor SecretBinary");
  }
  if (!answers(question, value)) return failed(question, "the answer is for another secret");
  return value;
}

}  // namespace

SecretOutcome get_secret_value(AwsClient& secrets_manager, const SecretQuestion& question) {
  JsonWriter body;
  body.begin_object().key("SecretId").string(question.secret_id).key("VersionStage").string(question.version_stage).end_object();
  const AwsOutcome outcome = secrets_manager.send(
      {.content_type = "application/x-amz-json-1.1", .headers = {{"X-Amz-Target", "secretsmanager.GetSecretValue"}}, .body = body.text()});
  if (!outcome.ok()) return {failed(question, describe(outcome.error)), outcome.error.code};
  return {read_answer(question, outcome.answer->body)};
}

}  // namespace portcullis
