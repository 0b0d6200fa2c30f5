#include "config/access_digest.h"

#include "base/codec/json_writer.h"
#include "base/digest.h"

namespace portcullis {
namespace {

void write_texts(JsonWriter& json, const std::vector<std::string>& texts) {
  json.begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void write_policy(JsonWriter& json, const PolicyConfig& policy) {
  json.begin_array().boolean(policy.deny);
  write_texts(json, policy.users);
  write_texts(json, policy.groups);
  write_texts(json, policy.actions);
  for (const ConditionConfig& condition : policy.conditions) json.string(condition.expression).string(condition.message);
  json.end_array();
}

}  // namespace

std::string digest_of(const AccessControlConfig& access) {
  JsonWriter json;
  json.begin_array().begin_array();
  for (const RepositoryPolicyConfig& repository : access.repositories) {
    json.begin_array().string(repository.pattern);
    write_texts(json, repository.default_policy);
    write_texts(json, repository.anonymous_policy);
    for (const PolicyConfig& policy : repository.policies) write_policy(json, policy);
    json.end_array();
  }
  json.end_array().begin_array();
  for (const GroupConfig& group : access.groups) write_texts(json.string(group.name), group.users);
  json.end_array();
  if (access.admin_policy) write_policy(json, *access.admin_policy);
  json.end_array();
  return to_hex(sha256(json.text()));
}

}  // namespace portcullis
