#include "tests/fake_aws/artifactory.h"

#include <algorithm>

#include "base/codec/json.h"
#include "base/codec/json_writer.h"
#include "tests/fake_aws/mint.h"
#include "tests/fake_aws/protocol.h"
#include "tests/fake_aws/signature.h"

namespace portcullis::fake_aws {
namespace {

constexpr JsonLimits kBodyLimits{.bytes = 4096, .depth = 4, .members = 16};
constexpr std::int64_t kUsualLife = 21600;
constexpr std::string_view kQuestion = "Action=GetCallerIdentity&Version=2011-06-15";

Answer answer_json(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

/// As opaque as the real one: why it failed is not said.
Answer refused(int status, std::string_view message) {
  JsonWriter writer;
  writer.begin_object().key("errors").begin_array().begin_object().key("status").integer(status).key("message").string(message);
  return answer_json(status, std::move(writer.end_object().end_array().end_object()).text());
}

/// Whether the region set `*`, `eu-*` or a list of them holds `region`.
bool holds_region(const std::string& set, const std::string& region) {
  std::vector<std::string> patterns;
  std::size_t from = 0;
  while (from <= set.size()) {
    const std::size_t end = std::min(set.find(',', from), set.size());
    patterns.push_back(set.substr(from, end - from));
    from = end + 1;
  }
  return matches_any(patterns, region);
}

std::string region_of(const Request& request) {
  for (const auto& [name, value] : form_of(request.query)) {
    if (name == "region") return value;
  }
  return {};
}

/// The request that the sender signed, put together from its headers.
Request signed_question(const Request& request, const std::string& host) {
  Request question{.method = "GET", .path = "/", .query = std::string(kQuestion), .headers = {{"Host", host}}, .body = {}};
  for (const char* name : {"Authorization", "X-Amz-Date", "X-Amz-Region-Set", "X-Amz-Security-Token"}) {
    for (const std::string& value : request.all(lower_case(name))) question.headers.emplace_back(name, value);
  }
  return question;
}

}  // namespace

Answer exchange_identity(const World& world, const Request& request, std::string& who) {
  if (request.method != "POST") return refused(405, "Method Not Allowed");
  const auto body = parse_json(request.body, kBodyLimits);
  if (!body || !body->root().is_object()) return refused(400, "Bad request body");
  const std::string region = region_of(request);
  const std::string suffix = world.partition == "aws-cn" ? ".amazonaws.com.cn" : ".amazonaws.com";
  const std::string host = region.empty() ? "sts" + suffix : "sts." + region + suffix;
  const auto verdict = check_signature(signed_question(request, host), {.service = "sts", .regions = {}, .now = world.now()}, world.keys);
  const Signed* known = std::get_if<Signed>(&verdict);
  if (known == nullptr || !holds_region(known->region, region.empty() ? "us-east-1" : region)) return refused(401, "Unauthorized");
  who = known->principal.arn;
  const auto user = world.artifactory_users.find(known->principal.role_arn);
  if (user == world.artifactory_users.end()) return refused(401, "Unauthorized");

  JsonWriter writer;
  writer.begin_object()
      .key("token_id")
      .string(random_uuid())
      .key("access_token")
      .string(random_text(200))
      .key("scope")
      .string("applied-permissions/user");
  writer.key("token_type").string("Bearer").key("expires_in").integer(body->root().get("expires_in").integer().value_or(kUsualLife));
  writer.key("username").string(user->second);
  return answer_json(200, std::move(writer.end_object()).text());
}

}  // namespace portcullis::fake_aws
