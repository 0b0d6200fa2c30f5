#include "broker/pull_secret/manifest.h"

#include <map>

#include "base/codec/base64url.h"
#include "base/codec/json_writer.h"
#include "base/report/log.h"

namespace portcullis {
namespace {

using Texts = std::map<std::string, std::string>;

struct Metadata {
  std::string_view name;
  std::string_view space;
  Texts labels;
  Texts annotations;
  const KubeObject* version = nullptr;  ///< whose uid and resourceVersion are demanded
};

bool has(const Texts& texts, std::string_view key, std::string_view value) {
  const auto found = texts.find(std::string(key));
  return found != texts.end() && found->second == value;
}

void set(Texts& texts, std::string_view key, std::string_view value) { texts.insert_or_assign(std::string(key), std::string(value)); }

void write_texts(JsonWriter& json, std::string_view name, const Texts& texts) {
  if (texts.empty()) return;
  json.key(name).begin_object();
  for (const auto& [key, value] : texts) json.key(key).string(value);
  json.end_object();
}

JsonWriter begin_manifest(const Metadata& metadata, GeneratedSecretConfig::Type type) {
  JsonWriter json;
  json.begin_object().key("apiVersion").string("v1").key("kind").string("Secret").key("metadata").begin_object();
  json.key("name").string(metadata.name);
  if (!metadata.space.empty()) json.key("namespace").string(metadata.space);
  if (metadata.version != nullptr) json.key("uid").string(metadata.version->uid).key("resourceVersion").string(metadata.version->version);
  write_texts(json, "labels", metadata.labels);
  write_texts(json, "annotations", metadata.annotations);
  json.end_object().key("type").string(kubernetes_type(type));
  return json;
}

Secret with_data(JsonWriter json, const SecretData& data) {
  json.key("data").begin_object();
  for (const auto& [key, value] : data.entries) {
    std::string encoded = base64_encode(value.reveal());
    json.key(key).string(encoded);
    wipe(encoded);
  }
  json.end_object().end_object();
  return Secret(std::move(json).text());
}

Texts own_labels(const PullSecretConfig& pull_secret) {
  Texts labels = pull_secret.labels;
  set(labels, kManagedByLabel, kManagedBy);
  set(labels, kOwnerLabel, pull_secret.name);
  return labels;
}

void set_times(Texts& annotations, const LoginTimes& times) {
  set(annotations, kRenewedAnnotation, to_rfc3339(times.renewed));
  if (times.expires) set(annotations, kExpiresAnnotation, to_rfc3339(*times.expires));
}

}  // namespace

std::string owned_selector(std::string_view owner) {
  return std::string(kManagedByLabel) + "=" + std::string(kManagedBy) + "," + std::string(kOwnerLabel) + "=" + std::string(owner);
}

bool is_owned(const KubeObject& secret, std::string_view owner) {
  return has(secret.labels, kManagedByLabel, kManagedBy) && has(secret.labels, kOwnerLabel, owner) &&
         (has(secret.annotations, kUidAnnotation, secret.uid) || has(secret.annotations, kUidAnnotation, kUidPending));
}

std::string creation_manifest(const PullSecretConfig& pull_secret, const GeneratedSecretConfig& secret) {
  Metadata metadata{.name = secret.name, .space = {}, .labels = {}, .annotations = {}};
  set(metadata.labels, kManagedByLabel, kManagedBy);
  set(metadata.labels, kOwnerLabel, pull_secret.name);
  set(metadata.annotations, kUidAnnotation, kUidPending);
  set(metadata.annotations, kTypeAnnotation, secret_type_name(secret.type));
  JsonWriter json = begin_manifest(metadata, secret.type);
  if (secret.type == GeneratedSecretConfig::Type::docker) {
    json.key("data").begin_object().key(".dockerconfigjson").string(base64_encode(R"({"auths":{}})")).end_object();
  }
  json.end_object();
  return std::move(json).text();
}

Secret apply_manifest(const PullSecretConfig& pull_secret, const KubeObject& object, const SecretData& data, const LoginTimes& times) {
  Metadata metadata{.name = object.name,
                    .space = object.space,
                    .labels = own_labels(pull_secret),
                    .annotations = pull_secret.annotations,
                    .version = &object};
  set(metadata.annotations, kUidAnnotation, object.uid);
  set(metadata.annotations, kTypeAnnotation, secret_type_name(data.type));
  set_times(metadata.annotations, times);
  return with_data(begin_manifest(metadata, data.type), data);
}

Secret printed_manifest(const PullSecretConfig& pull_secret, std::string_view name, std::string_view space, const SecretData& data,
                        const LoginTimes& times) {
  Metadata metadata{.name = name, .space = space, .labels = pull_secret.labels, .annotations = pull_secret.annotations};
  set(metadata.labels, kManagedByLabel, kManagedBy);
  set_times(metadata.annotations, times);
  return with_data(begin_manifest(metadata, data.type), data);
}

}  // namespace portcullis
