#include "tests/fake_aws/machines.h"

#include <algorithm>
#include <charconv>

#include "base/codec/json_writer.h"
#include "base/io/files.h"
#include "base/secret.h"
#include "tests/fake_aws/mint.h"
#include "tests/fake_aws/services.h"

namespace portcullis::fake_aws {
namespace {

constexpr std::string_view kTokenPath = "/latest/api/token";
constexpr std::string_view kRolesPath = "/latest/meta-data/iam/security-credentials/";
constexpr std::string_view kRegionPath = "/latest/meta-data/placement/region";
constexpr std::string_view kPortalPath = "/federation/credentials";
constexpr int kLongestTtl = 21600;
constexpr std::chrono::minutes kRenewBefore(5);
constexpr std::string_view kInstance = "i-0123456789abcdef0";

Answer plain(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "text/plain"}}, .body = std::move(body)};
}

Answer json(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

Answer container_error(int status, std::string_view code, std::string_view message) {
  return json(status, JsonWriter().begin_object().key("code").string(code).key("message").string(message).end_object().text());
}

const Container* find_container(const World& world, std::string_view path) {
  const auto found = std::find_if(world.containers.begin(), world.containers.end(), [&](const Container& one) { return one.path == path; });
  return found == world.containers.end() ? nullptr : &*found;
}

void write_credentials(JsonWriter& writer, const std::string& id, const AccessKey& key) {
  writer.key("AccessKeyId").string(id).key("SecretAccessKey").string(key.secret).key("Token").string(key.session_token);
  writer.key("Expiration").string(iso_time(*key.expires));
}

}  // namespace

std::optional<MachineCall> Machines::recognize(const World& world, const Request& request) {
  if (find_container(world, request.path) != nullptr) return MachineCall{"container", "GetCredentials"};
  if (request.path == kPortalPath) return MachineCall{"sso", "GetRoleCredentials"};
  if (!request.path.starts_with("/latest/")) return std::nullopt;
  if (request.path == kTokenPath) return MachineCall{"metadata", "Token"};
  if (request.path == kRolesPath || request.path + "/" == kRolesPath) return MachineCall{"metadata", "ListRoles"};
  return MachineCall{"metadata", request.path.starts_with(kRolesPath) ? "GetCredentials" : "Read"};
}

Answer Machines::answer(World& world, const MachineCall& call, const Request& request) {
  if (call.service == "container") return container(world, request);
  if (call.service == "sso") return role_credentials(world, request);
  if (call.operation == "Token") return metadata_token(world, request);
  return metadata(world, call, request);
}

std::string Machines::current_session(World& world, const std::string& role_arn, const std::string& session_name) {
  std::string& id = sessions_[role_arn];
  const auto known = world.keys.find(id);
  if (known == world.keys.end() || *known->second.expires - kRenewBefore <= world.now()) {
    id = world.open_session(*world.find_role(role_arn), session_name, world.machine_session);
  }
  return id;
}

/// PUT with a life of 1 s to 6 h; never through a proxy (IMDSv2 refuses X-Forwarded-For).
Answer Machines::metadata_token(World& world, const Request& request) {
  if (request.method != "PUT") return plain(405, "");
  if (!request.all("x-forwarded-for").empty()) return plain(403, "");
  const std::string text = request.one("x-aws-ec2-metadata-token-ttl-seconds").value_or("");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 1 || seconds > kLongestTtl) return plain(400, "");
  std::string token = random_text(54) + "==";
  tokens_[token] = world.now() + std::chrono::seconds(seconds);
  Answer answer = plain(200, std::move(token));
  answer.headers.emplace_back("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", std::to_string(seconds));
  return answer;
}

Answer Machines::metadata(World& world, const MachineCall& call, const Request& request) {
  if (request.method != "GET") return plain(405, "");
  const auto given = request.one("x-aws-ec2-metadata-token");
  const auto token = tokens_.find(given.value_or(""));
  const bool version_one = !given && world.metadata_v1;
  if (!version_one && (token == tokens_.end() || token->second <= world.now())) return plain(401, "");
  const Role* role = world.instance_role ? world.find_role(*world.instance_role) : nullptr;
  if (request.path == kRegionPath) return plain(200, world.regions.front());
  if (role == nullptr || call.operation == "Read") return plain(404, "");
  if (call.operation == "ListRoles") return plain(200, role->name);
  if (request.path.substr(kRolesPath.size()) != role->name) return plain(404, "");
  const std::string id = current_session(world, role->arn, std::string(kInstance));
  JsonWriter writer;
  writer.begin_object().key("Code").string("Success").key("LastUpdated").string(iso_time(world.now())).key("Type").string("AWS-HMAC");
  write_credentials(writer, id, world.keys.at(id));
  return plain(200, std::move(writer.end_object()).text());
}

/// GET with the token of a login, an account and a role that is assigned there.
Answer Machines::role_credentials(World& world, const Request& request) {
  const auto refused = [](int status, std::string_view code, std::string_view message) {
    Answer answer = json(status, JsonWriter().begin_object().key("message").string(message).end_object().text());
    answer.headers.emplace_back("x-amzn-ErrorType", std::string(code));
    return answer;
  };
  if (request.method != "GET") return refused(405, "MethodNotAllowedException", "GET alone");
  const std::string token = request.one("x-amz-sso_bearer_token").value_or("");
  const auto session = std::find_if(world.portal_sessions.begin(), world.portal_sessions.end(), [&](const PortalSession& one) {
    return !one.token.empty() && equal_in_constant_time(one.token, token);
  });
  if (session == world.portal_sessions.end()) return refused(401, "UnauthorizedException", "Session token not found or invalid");
  const Role& role = *world.find_role(session->role);
  const Form form(form_of(request.query));
  if (form.get("account_id") != role.account || form.get("role_name") != role.name) return refused(403, "ForbiddenException", "No access");
  const std::string id = current_session(world, role.arn, "portal-user");
  const AccessKey& key = world.keys.at(id);
  JsonWriter writer;
  writer.begin_object().key("roleCredentials").begin_object().key("accessKeyId").string(id).key("secretAccessKey").string(key.secret);
  writer.key("sessionToken").string(key.session_token).key("expiration").integer(key.expires->time_since_epoch().count());
  return json(200, std::move(writer.end_object().end_object()).text());
}

Answer Machines::container(World& world, const Request& request) {
  if (request.method != "GET") return container_error(405, "MethodNotAllowed", "GET alone");
  const Container& container = *find_container(world, request.path);
  std::optional<std::string> expected = container.token;
  if (container.token_file) {
    const auto text = SystemFiles().read(*container.token_file, 65536);
    if (!text) return container_error(500, "InternalServerException", "the token file cannot be read");
    expected = *text;
  }
  const std::string given = request.one("authorization").value_or("");
  if (expected && given.empty()) return container_error(401, "MissingAuthenticationToken", "Service account token cannot be empty");
  if (expected && !equal_in_constant_time(given, *expected))
    return container_error(401, "InvalidTokenException", "The token in the request is invalid");
  const std::string id = current_session(world, container.role, random_text(32));
  const AccessKey& key = world.keys.at(id);
  JsonWriter writer;
  writer.begin_object();
  write_credentials(writer, id, key);
  writer.key("AccountId").string(key.principal.account).key("RoleArn").string(container.role);
  return json(200, std::move(writer.end_object()).text());
}

}  // namespace portcullis::fake_aws
