// ECR and ECR Public, which give out registry passwords, and what of IAM a reader of roles needs.
#include <algorithm>

#include "base/codec/json_writer.h"
#include "tests/fake_aws/mint.h"
#include "tests/fake_aws/services.h"

namespace portcullis::fake_aws {
namespace {

void write_password(JsonWriter& writer, const World& world) {
  writer.key("authorizationToken").string(base64("AWS:" + world.ecr_password.value_or(random_text(300))));
  writer.key("expiresAt").raw(epoch_time(world.now() + world.ecr_password_life));
}

Outcome ecr_token(World& world, const Caller& caller, JsonView input) {
  std::vector<std::string> registries;
  for (const JsonView id : input.get("registryIds").elements()) registries.emplace_back(id.string().value_or(""));
  if (registries.empty()) registries.push_back(caller.principal.account);
  JsonWriter writer;
  writer.begin_object().key("authorizationData").begin_array();
  for (const std::string& registry : registries) {
    if (registry.size() != 12 || registry.find_first_not_of("0123456789") != std::string::npos || registries.size() > 10) {
      return Outcome::refused(400, "InvalidParameterException",
                              "Invalid parameter at 'registryIds' failed to satisfy constraint: 'must be at most 10 of 12 digits'");
    }
    writer.begin_object();
    write_password(writer, world);
    writer.key("proxyEndpoint")
        .string("https://" + registry + ".dkr.ecr." + caller.region +
                (world.partition == "aws-cn" ? ".amazonaws.com.cn" : ".amazonaws.com"));
    writer.end_object();
  }
  return {.refusal = std::nullopt, .json = std::move(writer.end_array().end_object()).text(), .xml = {}};
}

Outcome ecr_public_token(World& world, const Caller& caller, JsonView /*input*/) {
  if (!matches_any(caller.principal.allow, "sts:GetServiceBearerToken")) {
    return Outcome::refused(400, "AccessDeniedException",
                            "User: " + caller.principal.arn + " is not authorized to perform: sts:GetServiceBearerToken on resource: *");
  }
  JsonWriter writer;
  writer.begin_object().key("authorizationData").begin_object();
  write_password(writer, world);
  return {.refusal = std::nullopt, .json = std::move(writer.end_object().end_object()).text(), .xml = {}};
}

Outcome get_role(World& world, const Caller& /*caller*/, const Form& input) {
  const std::string name = input.get("RoleName").value_or("");
  const auto role = std::find_if(world.roles.begin(), world.roles.end(), [&](const Role& one) { return one.name == name; });
  if (role == world.roles.end()) return Outcome::refused(404, "NoSuchEntity", "The role with name " + name + " cannot be found.");
  return {.refusal = std::nullopt,
          .json = {},
          .xml = branch("", {branch("Role", {leaf("Path", role->path), leaf("RoleName", role->name), leaf("RoleId", role->id),
                                             leaf("Arn", role->arn), leaf("CreateDate", "2026-01-01T00:00:00Z"),
                                             leaf("MaxSessionDuration", std::to_string(role->longest_session.count()))})})};
}

}  // namespace

std::vector<Operation> registry_operations() {
  return {
      {.service = "ecr",
       .name = "GetAuthorizationToken",
       .protocol = Protocol::json,
       .is_signed = true,
       .json = &ecr_token,
       .query = nullptr},
      {.service = "ecr-public",
       .name = "GetAuthorizationToken",
       .protocol = Protocol::json,
       .is_signed = true,
       .json = &ecr_public_token,
       .query = nullptr},
      {.service = "iam", .name = "GetRole", .protocol = Protocol::query, .is_signed = true, .json = nullptr, .query = &get_role},
  };
}

}  // namespace portcullis::fake_aws
