#include "broker/session_policy.h"

#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "base/codec/json_writer.h"

namespace portcullis {
namespace {

/// STS's bound of `Policy`.
constexpr std::size_t kPolicyBytes = 2048;

using Actions = std::span<const std::string_view>;

constexpr std::array<std::string_view, 3> kPull = {"ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"};
constexpr std::array<std::string_view, 5> kPush = {"ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart",
                                                   "ecr:CompleteLayerUpload", "ecr:PutImage"};
// Both need BatchCheckLayerAvailability, which alone moves nothing.
constexpr std::array<std::string_view, 2> kNotPull = {"ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"};
constexpr std::array<std::string_view, 4> kNotPush = {"ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload",
                                                      "ecr:PutImage"};

constexpr std::array<std::string_view, 1> kLogin = {"ecr:GetAuthorizationToken"};
constexpr std::array<std::string_view, 2> kPublicLogin = {"ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"};

void write_statement(JsonWriter& json, std::string_view effect, Actions actions, const std::vector<std::string>& resources) {
  if (resources.empty()) return;
  json.begin_object().key("Effect").string(effect).key("Action").begin_array();
  for (const std::string_view action : actions) json.string(action);
  json.end_array().key("Resource").begin_array();
  for (const std::string& resource : resources) json.string(resource);
  json.end_array().end_object();
}

std::vector<std::string> arns(const EcrHost& host, const std::vector<std::string>& repositories) {
  std::vector<std::string> all;
  all.reserve(repositories.size());
  for (const std::string& repository : repositories) all.push_back(ecr_repository_arn(host, repository));
  return all;
}

}  // namespace

Result<std::string> session_policy(const EcrHost& host, const SessionReach& reach) {
  JsonWriter json;
  json.begin_object().key("Version").string("2012-10-17").key("Statement").begin_array();
  if (host.kind == EcrHost::Kind::ecr_public) {
    write_statement(json, "Allow", kPublicLogin, {"*"});
  } else {
    write_statement(json, "Allow", kLogin, {"*"});
    write_statement(json, "Allow", kPull, arns(host, reach.pull));
    write_statement(json, "Allow", kPush, arns(host, reach.push));
    write_statement(json, "Deny", kNotPull, arns(host, reach.not_pull));
    write_statement(json, "Deny", kNotPush, arns(host, reach.not_push));
  }
  std::string text = std::move(json.end_array().end_object()).text();
  if (text.size() <= kPolicyBytes) return text;
  return Error{Reason::bad_request, "what the caller may use does not fit into a session policy: ask with `repositories` for fewer"};
}

}  // namespace portcullis
