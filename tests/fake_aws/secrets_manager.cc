// Secrets Manager: as much of it as creating, reading and rotating a secret by hand needs (API version 2017-10-17).
#include <algorithm>

#include "base/codec/base64url.h"
#include "base/codec/json_writer.h"
#include "tests/fake_aws/mint.h"
#include "tests/fake_aws/services.h"

namespace portcullis::fake_aws {
namespace {

constexpr std::size_t kLargestValue = 65536;
constexpr std::string_view kNameLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+=.@-";

std::optional<std::string> text_of(JsonView input, std::string_view name) {
  const auto text = input.get(name).string();
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

Outcome invalid_parameter(std::string message) { return Outcome::refused(400, "InvalidParameterException", std::move(message)); }
Outcome not_found(std::string message) { return Outcome::refused(400, "ResourceNotFoundException", std::move(message)); }
Outcome invalid_request(std::string message) { return Outcome::refused(400, "InvalidRequestException", std::move(message)); }

Outcome written(JsonWriter& writer) { return {.refusal = std::nullopt, .json = std::move(writer.end_object()).text(), .xml = {}}; }

JsonWriter answer_of(const StoredSecret& secret) {
  JsonWriter writer;
  writer.begin_object().key("ARN").string(secret.arn).key("Name").string(secret.name);
  return writer;
}

void write_stages(JsonWriter& writer, const SecretVersion& version) {
  writer.begin_array();
  for (const std::string& stage : version.stages) writer.string(stage);
  writer.end_array();
}

/// The secret that `SecretId` names, if the caller may touch it: its own account's, by any name; another account's has no policy that
/// shares it.
StoredSecret* find_secret(World& world, const Caller& caller, JsonView input, bool deleted_too, Outcome& refused) {
  const auto id = text_of(input, "SecretId");
  if (!id) {
    refused =
        Outcome::refused(400, "ValidationException",
                         "1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null");
    return nullptr;
  }
  StoredSecret* secret = world.secrets.find(*id, caller.principal.account, caller.region);
  if (secret == nullptr) {
    refused = not_found("Secrets Manager can't find the specified secret.");
  } else if (secret->account != caller.principal.account) {
    refused = Outcome::refused(400, "AccessDeniedException",
                               "User: " + caller.principal.arn + " is not authorized to access " + secret->arn +
                                   " because no resource-based policy allows the action");
    secret = nullptr;
  } else if (secret->deleted && !deleted_too) {
    refused = invalid_request("You can't perform this operation on the secret because it was marked for deletion.");
    secret = nullptr;
  }
  return secret;
}

/// `SecretString` or `SecretBinary`, at most one of them. `present` tells whether there is any.
std::optional<Outcome> read_value(JsonView input, SecretVersion& version, bool& present) {
  const auto text = text_of(input, "SecretString");
  const auto binary = text_of(input, "SecretBinary");
  if (text && binary)
    return invalid_parameter("You can't specify both a binary secret value and a string secret value in the same secret.");
  present = text || binary;
  if (!present) return std::nullopt;
  version.binary = binary.has_value();
  version.value = text ? *text : *binary;
  std::size_t size = version.value.size();
  if (binary) {
    const auto decoded = base64_decode(*binary);
    if (!decoded) return Outcome::refused(400, "SerializationException", "SecretBinary is not base64");
    size = decoded->size();
  }
  if (size > kLargestValue) {
    return Outcome::refused(400, "ValidationException",
                            "1 validation error detected: the secret value must have length less than or equal to 65536");
  }
  return std::nullopt;
}

std::optional<Outcome> read_version_id(JsonView input, SecretVersion& version) {
  version.id = text_of(input, "ClientRequestToken").value_or(random_uuid());
  if (version.id.size() < 32 || version.id.size() > 64) return invalid_parameter("ClientRequestToken must be 32-64 characters long.");
  return std::nullopt;
}

/// Adds a version with these stages; the same id and value again are no change, so that a call may be repeated.
std::optional<Outcome> put_version(StoredSecret& secret, SecretVersion version, const std::set<std::string>& stages) {
  const SecretVersion* known = secret.version(version.id);
  if (known == nullptr) {
    secret.put(std::move(version), stages);
    return std::nullopt;
  }
  if (known->value == version.value && known->binary == version.binary) return std::nullopt;
  return Outcome::refused(400, "ResourceExistsException",
                          "You tried to create a secret version whose ClientRequestToken another version has.");
}

Outcome answer_with(const StoredSecret& secret, const SecretVersion* version) {
  JsonWriter writer = answer_of(secret);
  if (version != nullptr) writer.key("VersionId").string(version->id);
  return written(writer);
}

Outcome create_secret(World& world, const Caller& caller, JsonView input) {
  const auto name = text_of(input, "Name");
  if (!name || name->empty() || name->size() > 512 || name->find_first_not_of(kNameLetters) != std::string::npos) {
    return Outcome::refused(400, "ValidationException",
                            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!");
  }
  SecretVersion version{.id = {}, .value = {}, .binary = false, .stages = {}, .created = world.now()};
  bool present = false;
  if (auto refused = read_version_id(input, version)) return *refused;
  if (auto refused = read_value(input, version, present)) return *refused;
  if (StoredSecret* known = world.secrets.find(*name, caller.principal.account, caller.region)) {
    if (known->deleted) {
      return invalid_request("You can't create this secret because a secret with this name is already scheduled for deletion.");
    }
    const SecretVersion* repeated = known->version(version.id);
    if (repeated != nullptr && repeated->value == version.value) return answer_with(*known, repeated);
    return Outcome::refused(400, "ResourceExistsException", "The operation failed because the secret " + *name + " already exists.");
  }
  StoredSecret& secret = world.secrets.create(world.partition, caller.principal.account, caller.region, *name, world.now());
  secret.description = text_of(input, "Description").value_or("");
  if (!present) return answer_with(secret, nullptr);
  const std::string id = version.id;
  secret.put(std::move(version), {"AWSCURRENT"});
  return answer_with(secret, secret.version(id));
}

Outcome put_secret_value(World& world, const Caller& caller, JsonView input) {
  Outcome refused;
  StoredSecret* secret = find_secret(world, caller, input, false, refused);
  if (secret == nullptr) return refused;
  SecretVersion version{.id = {}, .value = {}, .binary = false, .stages = {}, .created = world.now()};
  bool present = false;
  if (auto fault = read_version_id(input, version)) return *fault;
  if (auto fault = read_value(input, version, present)) return *fault;
  if (!present) return invalid_parameter("You must provide either SecretString or SecretBinary.");
  std::set<std::string> stages;
  for (const JsonView stage : input.get("VersionStages").elements()) stages.emplace(stage.string().value_or(""));
  if (stages.empty()) stages.insert("AWSCURRENT");
  const std::string id = version.id;
  if (auto fault = put_version(*secret, std::move(version), stages)) return *fault;
  JsonWriter writer = answer_of(*secret);
  writer.key("VersionId").string(id).key("VersionStages");
  write_stages(writer, *secret->version(id));
  return written(writer);
}

Outcome update_secret(World& world, const Caller& caller, JsonView input) {
  Outcome refused;
  StoredSecret* secret = find_secret(world, caller, input, false, refused);
  if (secret == nullptr) return refused;
  SecretVersion version{.id = {}, .value = {}, .binary = false, .stages = {}, .created = world.now()};
  bool present = false;
  if (auto fault = read_version_id(input, version)) return *fault;
  if (auto fault = read_value(input, version, present)) return *fault;
  if (const auto description = text_of(input, "Description")) secret->description = *description;
  if (!present) return answer_with(*secret, nullptr);
  const std::string id = version.id;
  if (auto fault = put_version(*secret, std::move(version), {"AWSCURRENT"})) return *fault;
  return answer_with(*secret, secret->version(id));
}

Outcome get_secret_value(World& world, const Caller& caller, JsonView input) {
  Outcome refused;
  StoredSecret* secret = find_secret(world, caller, input, false, refused);
  if (secret == nullptr) return refused;
  const auto id = text_of(input, "VersionId");
  const auto stage = text_of(input, "VersionStage");
  const SecretVersion* version = id ? secret->version(*id) : secret->staged(stage.value_or("AWSCURRENT"));
  if (version == nullptr) {
    return not_found("Secrets Manager can't find the specified secret value for " +
                     (id ? "VersionId: " + *id : "staging label: " + stage.value_or("AWSCURRENT")));
  }
  if (id && stage && !version->stages.contains(*stage))
    return invalid_request("You provided a VersionStage that is not associated to the provided VersionId.");
  JsonWriter writer = answer_of(*secret);
  writer.key("VersionId")
      .string(version->id)
      .key(version->binary ? "SecretBinary" : "SecretString")
      .string(version->value)
      .key("VersionStages");
  write_stages(writer, *version);
  writer.key("CreatedDate").raw(epoch_time(version->created));
  return written(writer);
}

Outcome describe_secret(World& world, const Caller& caller, JsonView input) {
  Outcome refused;
  const StoredSecret* secret = find_secret(world, caller, input, true, refused);
  if (secret == nullptr) return refused;
  JsonWriter writer = answer_of(*secret);
  if (!secret->description.empty()) writer.key("Description").string(secret->description);
  writer.key("CreatedDate").raw(epoch_time(secret->created)).key("LastChangedDate").raw(epoch_time(secret->changed));
  if (secret->deleted) writer.key("DeletedDate").raw(epoch_time(*secret->deleted));
  writer.key("VersionIdsToStages").begin_object();
  for (const SecretVersion& version : secret->versions) {
    if (version.stages.empty()) continue;
    writer.key(version.id);
    write_stages(writer, version);
  }
  writer.end_object();
  return written(writer);
}

Outcome list_secret_version_ids(World& world, const Caller& caller, JsonView input) {
  Outcome refused;
  const StoredSecret* secret = find_secret(world, caller, input, true, refused);
  if (secret == nullptr) return refused;
  const bool deprecated_too = input.get("IncludeDeprecated").boolean().value_or(false);
  JsonWriter writer = answer_of(*secret);
  writer.key("Versions").begin_array();
  for (const SecretVersion& version : secret->versions) {
    if (version.stages.empty() && !deprecated_too) continue;
    writer.begin_object().key("VersionId").string(version.id).key("CreatedDate").raw(epoch_time(version.created)).key("VersionStages");
    write_stages(writer, version);
    writer.end_object();
  }
  writer.end_array();
  return written(writer);
}

Outcome update_secret_version_stage(World& world, const Caller& caller, JsonView input) {
  Outcome refused;
  StoredSecret* secret = find_secret(world, caller, input, false, refused);
  if (secret == nullptr) return refused;
  const auto stage = text_of(input, "VersionStage");
  const auto from = text_of(input, "RemoveFromVersionId");
  const auto to = text_of(input, "MoveToVersionId");
  if (!stage || stage->empty()) return invalid_parameter("You must provide a VersionStage.");
  const SecretVersion* holder = secret->staged(*stage);
  SecretVersion* target = to ? secret->version(*to) : nullptr;
  if (to && target == nullptr) return not_found("Secrets Manager can't find the specified secret version: " + *to);
  if (holder != nullptr && holder != target && from != holder->id) {
    return invalid_parameter("The parameter RemoveFromVersionId can't be empty. Staging label " + *stage +
                             " is currently attached to version " + holder->id +
                             ", so you must explicitly reference that version in RemoveFromVersionId.");
  }
  if (from && (holder == nullptr || holder->id != *from))
    return invalid_parameter("Staging label " + *stage + " is not attached to version " + *from + ".");
  if (!to && *stage == "AWSCURRENT")
    return invalid_parameter("You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.");
  secret->move_stage(*stage, target);
  secret->changed = world.now();
  return answer_with(*secret, nullptr);
}

Outcome delete_secret(World& world, const Caller& caller, JsonView input) {
  Outcome refused;
  StoredSecret* secret = find_secret(world, caller, input, false, refused);
  if (secret == nullptr) return refused;
  const bool now = input.get("ForceDeleteWithoutRecovery").boolean().value_or(false);
  const auto days = input.get("RecoveryWindowInDays").integer();
  if (now && days) return invalid_parameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  if (days && (*days < 7 || *days > 30))
    return invalid_parameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  const TimePoint when = now ? world.now() : world.now() + std::chrono::days(days.value_or(30));
  JsonWriter writer = answer_of(*secret);
  writer.key("DeletionDate").raw(epoch_time(when));
  if (now) {
    world.secrets.remove(*secret);
  } else {
    secret->deleted = when;
  }
  return written(writer);
}

Outcome restore_secret(World& world, const Caller& caller, JsonView input) {
  Outcome refused;
  StoredSecret* secret = find_secret(world, caller, input, true, refused);
  if (secret == nullptr) return refused;
  secret->deleted.reset();
  return answer_with(*secret, nullptr);
}

}  // namespace

std::vector<Operation> secrets_manager_operations() {
  std::vector<Operation> all;
  for (const auto& [name, run] : {std::pair<std::string_view, JsonOperation>{"CreateSecret", &create_secret},
                                  {"PutSecretValue", &put_secret_value},
                                  {"UpdateSecret", &update_secret},
                                  {"GetSecretValue", &get_secret_value},
                                  {"DescribeSecret", &describe_secret},
                                  {"ListSecretVersionIds", &list_secret_version_ids},
                                  {"UpdateSecretVersionStage", &update_secret_version_stage},
                                  {"DeleteSecret", &delete_secret},
                                  {"RestoreSecret", &restore_secret}}) {
    all.push_back(
        {.service = "secretsmanager", .name = name, .protocol = Protocol::json, .is_signed = true, .json = run, .query = nullptr});
  }
  return all;
}

}  // namespace portcullis::fake_aws
