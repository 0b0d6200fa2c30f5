#include "broker/kubernetes/kube_object.h"

#include <algorithm>

#include "base/codec/json.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr JsonLimits kLimits{.bytes = kKubeAnswerBytes, .depth = 64, .members = 1'000'000};
constexpr std::size_t kLongestIdentity = 256;

Error malformed(const std::string& what) { return {Reason::json_malformed, "the Kubernetes API's answer " + what}; }

bool is_identity(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kLongestIdentity &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// The values that are text; the API knows no others.
Result<std::map<std::string, std::string>> read_texts(JsonView object, const char* name) {
  std::map<std::string, std::string> texts;
  if (object.exists() && !object.is_object() && !object.is_null()) return malformed(std::string("has ") + name + " that are no object");
  for (const auto& [key, value] : object.members()) {
    const auto text = value.string();
    if (!text) return malformed(std::string("has ") + name + " that are no text");
    texts.emplace(key, *text);
  }
  return texts;
}

Result<KubeObject> read_metadata(JsonView metadata) {
  if (!metadata.is_object()) return malformed("has an object without metadata");
  const auto name = metadata.get("name").string();
  const auto space = metadata.get("namespace").string();
  const auto uid = metadata.get("uid").string();
  const auto version = metadata.get("resourceVersion").string();
  if (!name || !is_dns_subdomain(*name)) return malformed("has an object whose name is none");
  if (space && !is_dns_subdomain(*space)) return malformed("has an object whose namespace is none");
  if (!uid || !version || !is_identity(*uid) || !is_identity(*version)) return malformed("has an object without uid or resourceVersion");
  auto labels = read_texts(metadata.get("labels"), "labels");
  if (!labels) return labels.error();
  auto annotations = read_texts(metadata.get("annotations"), "annotations");
  if (!annotations) return annotations.error();
  return KubeObject{.space = std::string(space.value_or("")),
                    .name = std::string(*name),
                    .uid = std::string(*uid),
                    .version = std::string(*version),
                    .labels = std::move(labels).value(),
                    .annotations = std::move(annotations).value(),
                    .going = metadata.get("deletionTimestamp").string().has_value()};
}

Result<JsonDocument> parse(std::string_view text) {
  auto json = parse_json(text, kLimits);
  if (!json) return malformed("is " + json.error().detail);
  if (!json->root().is_object()) return malformed("is no JSON object");
  return json;
}

/// A message of these quotes what was asked for, and nothing of a secret's data.
bool may_be_shown(int status) noexcept {
  return status == 401 || status == 403 || status == 404 || status == 409 || status == 410 || status == 429;
}

std::string wrong_fields(JsonView details) {
  std::string fields;
  for (const JsonView cause : details.get("causes").elements()) {
    if (const auto field = cause.get("field").string(); field && fields.size() < 200) {
      fields += (fields.empty() ? "" : ", ") + escape_for_log(field->substr(0, 64));
    }
  }
  return fields;
}

}  // namespace

Result<KubeObject> read_kube_object(std::string_view text) {
  const auto json = parse(text);
  if (!json) return json.error();
  return read_metadata(json->root().get("metadata"));
}

Result<KubeList> read_kube_list(std::string_view text) {
  const auto json = parse(text);
  if (!json) return json.error();
  const JsonView items = json->root().get("items");
  if (!items.is_array() && !items.is_null()) return malformed("is no list");  // an empty list of Go may be null
  KubeList list;
  const auto elements = items.elements();
  list.objects.reserve(elements.size());
  for (const JsonView item : elements) {
    auto object = read_metadata(item.get("metadata"));
    if (!object) return object.error();
    list.objects.push_back(std::move(object).value());
  }
  list.next = json->root().get("metadata").get("continue").string().value_or("");
  return list;
}

std::string describe_kube_failure(int status, std::string_view text) {
  std::string out = "HTTP " + std::to_string(status);
  const auto json = parse(text);
  if (!json || json->root().get("kind").string() != "Status") return out;
  if (const auto reason = json->root().get("reason").string(); reason && !reason->empty())
    out += " " + escape_for_log(reason->substr(0, 64));
  const auto message = json->root().get("message").string();
  if (may_be_shown(status) && message) return out + ": " + escape_for_log(*message);
  const std::string fields = wrong_fields(json->root().get("details"));
  return fields.empty() ? out : out + ": " + fields;
}

bool is_dns_subdomain(std::string_view text) noexcept {
  if (text.empty() || text.size() > 253) return false;
  const auto is_alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  char before = '.';
  for (const char c : text) {
    if (!is_alphanumeric(c) && c != '-' && c != '.') return false;
    if (before == '.' && !is_alphanumeric(c)) return false;
    if (c == '.' && before == '-') return false;
    before = c;
  }
  return is_alphanumeric(before);
}

}  // namespace portcullis
