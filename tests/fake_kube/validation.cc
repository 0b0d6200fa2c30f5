// What the server takes for a namespace or a secret.
#include <algorithm>
#include <cctype>

#include "base/codec/base64url.h"
#include "broker/kubernetes/kube_object.h"
#include "tests/fake_kube/store.h"

namespace portcullis::fake_kube {
namespace {

Reply invalid(const json_t* object, const std::string& field, const std::string& what) {
  const std::string message = field + ": " + what;
  return refuse(422, "Invalid", text_at(object, {"kind"}) + " \"" + text_at(object, {"metadata", "name"}) + "\" is invalid: " + message,
                {{.reason = "FieldValueInvalid", .message = what, .field = field}});
}

bool is_label_value(const std::string& value) {
  const auto is_alphanumeric = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (value.empty()) return true;
  return value.size() <= 63 && is_alphanumeric(value.front()) && is_alphanumeric(value.back()) &&
         std::all_of(value.begin(), value.end(), [&](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::optional<Reply> refuse_secret(const json_t* object, const json_t* before) {
  const std::string type = text_at(object, {"type"});
  if (before != nullptr && type != text_at(before, {"type"})) return invalid(object, "type", "Invalid value: field is immutable");
  const json_t* data = json_object_get(object, "data");
  const char* name = nullptr;
  json_t* value = nullptr;
  json_object_foreach(const_cast<json_t*>(data), name, value) {
    const char* text = json_string_value(value);
    if (text == nullptr || !base64_decode(text).ok())
      return invalid(object, std::string("data[") + name + "]", "Invalid value: illegal base64 data");
  }
  if (type != "kubernetes.io/dockerconfigjson") return std::nullopt;
  const std::string config = text_at(data, {".dockerconfigjson"});
  if (config.empty()) return invalid(object, "data[.dockerconfigjson]", "Required value");
  // The text itself is never quoted, as in Kubernetes.
  if (parse(*base64_decode(config)) == nullptr)
    return invalid(object, "data[.dockerconfigjson]", "Invalid value: \"<secret contents redacted>\"");
  return std::nullopt;
}

}  // namespace

std::optional<Reply> refuse_invalid(const std::string& resource, const json_t* object, const json_t* before) {
  const std::string kind = text_at(object, {"kind"});
  if (kind != (resource == "secrets" ? "Secret" : "Namespace") || text_at(object, {"apiVersion"}) != "v1") {
    return refuse(400, "BadRequest", "the object provided is unrecognized (must be of type " + resource + ")");
  }
  if (!is_dns_subdomain(text_at(object, {"metadata", "name"})))
    return invalid(object, "metadata.name", "Invalid value: a lowercase RFC 1123 subdomain is required");
  for (const auto& [key, value] : texts_at(object, {"metadata", "labels"})) {
    if (!is_label_value(value)) return invalid(object, "metadata.labels", "Invalid value: a valid label is required");
  }
  return resource == "secrets" ? refuse_secret(object, before) : std::nullopt;
}

}  // namespace portcullis::fake_kube
