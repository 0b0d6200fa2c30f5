// `sigv4`, `endpoint` and `aws_profiles`: what goes over the wire to AWS, and what its shared files say.
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "aws/dates.h"
#include "aws/ecr_host.h"
#include "aws/endpoint.h"
#include "aws/profile.h"
#include "aws/sigv4.h"
#include "base/codec/json_writer.h"
#include "tests/probe/ops.h"
#include "tests/support/raw_request.h"

namespace portcullis::probe {
namespace {

std::string text_of(JsonView value) { return std::string(value.string().value_or("")); }

std::string quoted(std::string_view text) {
  JsonWriter json;
  json.string(text);
  return std::move(json).text();
}

AwsCredentials credentials_of(JsonView keys) {
  AwsCredentials credentials;
  credentials.access_key_id = text_of(keys.get("access_key_id"));
  credentials.secret_access_key = Secret(text_of(keys.get("secret_access_key")));
  credentials.session_token = Secret(text_of(keys.get("token")));
  return credentials;
}

std::optional<SigningContext> context_of(JsonView context, std::string_view form) {
  const auto time = parse_aws_time(context.get("timestamp").string().value_or(""));
  if (!time || (form != "header" && form != "query")) return std::nullopt;
  return SigningContext{.region = text_of(context.get("region")),
                        .service = text_of(context.get("service")),
                        .time = *time,
                        .normalize_path = context.get("normalize").boolean().value_or(true),
                        .sign_body = context.get("sign_body").boolean().value_or(false),
                        .omit_session_token = context.get("omit_session_token").boolean().value_or(false),
                        .form = form == "query" ? SigningForm::query : SigningForm::header,
                        .expires = std::chrono::seconds(context.get("expiration_in_seconds").integer().value_or(3600))};
}

/// As the samples write requests: `Name:value` lines, a blank line, the body.
std::string raw_text(const UnsignedRequest& request) {
  std::string text = request.method + " " + request.path + (request.query.empty() ? "" : "?" + request.query) + " HTTP/1.1\n";
  for (const auto& [name, value] : request.headers) text += name + ":" + value + "\n";
  return text + "\n" + request.body;
}

std::optional<std::string> stage_of(const SignedRequest& result, std::string_view stage) {
  if (stage == "canonical_request") return result.canonical_request;
  if (stage == "string_to_sign") return result.string_to_sign;
  if (stage == "signature") return result.signature;
  if (stage == "signed_request") return raw_text(result.request);
  return std::nullopt;
}

void write_properties(JsonWriter& json, const std::map<std::string, Properties, std::less<>>& sections) {
  json.begin_object();
  for (const auto& [name, properties] : sections) {
    json.key(name).begin_object();
    for (const auto& [key, value] : properties) json.key(key).string(value);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

Answer run_sigv4(JsonView line) {
  const auto algorithm = line.get("algorithm").string();
  const auto context = context_of(line.get("context"), line.get("form").string().value_or("header"));
  const auto request = read_raw_request(line.get("request").string().value_or(""));
  if (!context) return Answer::not_understood("sigv4 needs a context with a timestamp, and the form header or query");
  if (!request) return Answer::refused(request.error());
  const AwsCredentials credentials = credentials_of(line.get("context").get("credentials"));
  Result<SignedRequest> result(Error{Reason::bad_request, "the algorithm must be v4 or v4a"});
  if (algorithm == "v4") result = sign_v4(*request, credentials, *context);
  if (algorithm == "v4a") result = sign_v4a(*request, credentials, *context);
  if (!result) return Answer::refused(result.error());
  const auto text = stage_of(*result, line.get("stage").string().value_or("signature"));
  if (!text) return Answer::not_understood("the stage must be canonical_request, string_to_sign, signature or signed_request");
  Answer answer = Answer::accepted();
  answer.members.emplace_back("text", quoted(*text));
  return answer;
}

Answer run_endpoint(JsonView line) {
  const auto service = aws_service_from_name(line.get("service").string().value_or(""));
  if (!service) return Answer::not_understood("the service must be sts, secretsmanager, ecr, ecr-public, sso, sso-oidc or iam");
  EndpointQuestion question{.service = *service,
                            .region = text_of(line.get("region")),
                            .fips = line.get("fips").boolean().value_or(false),
                            .dual_stack = line.get("dualstack").boolean().value_or(false),
                            .configured_url = std::nullopt};
  if (const auto url = line.get("endpoint_url").string()) question.configured_url = std::string(*url);
  const auto endpoint = resolve_endpoint(question);
  if (!endpoint) return Answer::refused(endpoint.error());
  Answer answer = Answer::accepted();
  answer.members.emplace_back("url", quoted(endpoint->url));
  answer.members.emplace_back("signing_name", quoted(endpoint->signing_name));
  answer.members.emplace_back("signing_region", quoted(endpoint->signing_region));
  return answer;
}

Answer run_ecr_host(JsonView line) {
  const auto text = line.get("host").string();
  if (!text) return Answer::not_understood("ecr_host needs a host");
  const std::optional<EcrHost> host = parse_ecr_host(*text);
  Answer answer = Answer::accepted();
  const bool is_public = host && host->kind == EcrHost::Kind::ecr_public;
  answer.members.emplace_back("kind", quoted(!host ? "none" : is_public ? "ecr-public" : "ecr"));
  if (!host) return answer;
  answer.members.emplace_back("account", quoted(host->account));
  answer.members.emplace_back("region", quoted(host->region));
  answer.members.emplace_back("fips", host->fips ? "true" : "false");
  answer.members.emplace_back("dualstack", host->dual_stack ? "true" : "false");
  return answer;
}

Answer run_aws_profiles(JsonView line) {
  const bool strict = line.get("strict").boolean().value_or(false);
  const auto files = parse_profiles(line.get("config").string().value_or(""), line.get("credentials").string().value_or(""),
                                    strict ? ProfileStrictness::strict : ProfileStrictness::lenient);
  if (!files) return Answer::refused(files.error());
  JsonWriter profiles;
  write_properties(profiles, files->profiles);
  JsonWriter sessions;
  write_properties(sessions, files->sso_sessions);
  JsonWriter warnings;
  warnings.begin_array();
  for (const std::string& one : files->warnings) warnings.string(one);
  warnings.end_array();
  Answer answer = Answer::accepted();
  answer.members.emplace_back("profiles", std::move(profiles).text());
  answer.members.emplace_back("sso_sessions", std::move(sessions).text());
  answer.members.emplace_back("warnings", std::move(warnings).text());
  return answer;
}

}  // namespace portcullis::probe
