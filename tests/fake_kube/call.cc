#include "tests/fake_kube/call.h"

#include <cstdlib>
#include <vector>

#include "base/codec/form.h"

namespace portcullis::fake_kube {
namespace {

using fake_aws::Request;

std::vector<std::string> segments_of(const std::string& path) {
  std::vector<std::string> segments(1);
  for (const char c : path) {
    if (c == '/') {
      segments.emplace_back();
    } else {
      segments.back() += c;
    }
  }
  return segments;
}

std::optional<ObjectKey> read_path(const std::string& path) {
  const auto parts = segments_of(path);  // "", api, v1, …
  const std::size_t count = parts.size();
  if (count < 4 || parts[1] != "api" || parts[2] != "v1") return std::nullopt;
  if (parts[3] == "secrets" && count == 4) return ObjectKey{"secrets", "", ""};
  if (parts[3] != "namespaces") return std::nullopt;
  if (count <= 5) return ObjectKey{"namespaces", "", count == 5 ? parts[4] : ""};
  if (parts[5] != "secrets" || count > 7) return std::nullopt;
  return ObjectKey{"secrets", parts[4], count == 7 ? parts[6] : ""};
}

std::string verb_of(const std::string& method, bool collection) {
  if (method == "GET") return collection ? "list" : "get";
  if (method == "POST") return collection ? "create" : "";
  if (collection) return "";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  return method == "DELETE" ? "delete" : "";
}

std::string value_of(const KubeCall& call, const char* name) {
  const auto found = call.query.find(name);
  return found == call.query.end() ? "" : found->second;
}

Reply run_list(const Store& store, const KubeCall& call) {
  if (!value_of(call, "watch").empty() && value_of(call, "watch") != "false")
    return refuse(405, "MethodNotAllowed", "this server has no watches");
  auto labels = read_label_selector(value_of(call, "labelSelector"));
  if (!labels) return refuse(400, "BadRequest", "unable to parse requirement: " + value_of(call, "labelSelector"));
  return store.list(call.key.resource, call.key.space,
                    {.labels = *std::move(labels),
                     .fields = value_of(call, "fieldSelector"),
                     .limit = static_cast<std::size_t>(std::strtoul(value_of(call, "limit").c_str(), nullptr, 10)),
                     .next = value_of(call, "continue")});
}

Reply run_patch(Store& store, const KubeCall& call, const Request& request, Json body, Write write) {
  const std::string type = request.one("content-type").value_or("");
  if (type == "application/merge-patch+json" || type == "application/strategic-merge-patch+json")
    return store.merge(call.key, body.get(), write);
  if (type != "application/apply-patch+yaml")
    return refuse(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
  if (call.query.find("fieldManager") == call.query.end()) {
    return refuse(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
  }
  if (text_at(body.get(), {"metadata", "name"}) != call.key.name) {
    return refuse(400, "BadRequest", "the name of the object does not match the name on the URL");
  }
  write.force = value_of(call, "force") == "true";
  return store.apply_object(call.key, std::move(body), write);
}

Json resource_entry(const char* name, const char* kind, bool namespaced, std::initializer_list<const char*> short_names) {
  Json entry = new_object();
  set_text(entry.get(), "name", name);
  set_text(entry.get(), "singularName", "");
  json_object_set_new(entry.get(), "namespaced", json_boolean(namespaced));
  set_text(entry.get(), "kind", kind);
  json_t* verbs = json_array();
  for (const char* verb : {"create", "delete", "get", "list", "patch", "update"}) json_array_append_new(verbs, json_string(verb));
  json_object_set_new(entry.get(), "verbs", verbs);
  json_t* shorts = json_array();
  for (const char* one : short_names) json_array_append_new(shorts, json_string(one));
  json_object_set_new(entry.get(), "shortNames", shorts);
  return entry;
}

Json partial(const json_t* object, const char* kind) {
  Json out = new_object();
  set_text(out.get(), "kind", kind);
  set_text(out.get(), "apiVersion", "meta.k8s.io/v1");
  json_object_set(out.get(), "metadata", json_object_get(object, "metadata"));
  return out;
}

}  // namespace

std::optional<KubeCall> read_call(const Request& request) {
  auto key = read_path(request.path);
  if (!key) return std::nullopt;
  const std::string verb = verb_of(request.method, key->name.empty());
  const auto fields = form_decode(request.query, 32);
  if (verb.empty() || !fields) return std::nullopt;
  // Access to one namespace is asked within it, as Kubernetes does.
  AccessQuestion question{.verb = verb, .resource = key->resource, .space = key->resource == "namespaces" ? key->name : key->space};
  KubeCall call{.key = *std::move(key), .question = std::move(question), .query = {}};
  for (const auto& [name, value] : *fields) call.query.emplace(name, value);
  return call;
}

Reply run_call(Store& store, const KubeCall& call, const Request& request) {
  const std::string& verb = call.question.verb;
  if (verb == "list") return run_list(store, call);
  if (verb == "get") return store.get(call.key);
  Json body = request.body.empty() ? nullptr : parse(request.body);
  if (verb == "delete") return store.remove(call.key, json_object_get(body.get(), "preconditions"));
  if (!json_is_object(body.get())) return refuse(400, "BadRequest", "the body is no JSON object");
  const std::string agent = request.one("user-agent").value_or("unknown");
  const std::string named = value_of(call, "fieldManager");
  const Write write{.manager = named.empty() ? agent.substr(0, agent.find('/')) : named};
  if (verb == "create") return store.create(call.key, std::move(body), write);
  if (verb == "update") return store.replace(call.key, std::move(body), write);
  return run_patch(store, call, request, std::move(body), write);
}

std::optional<Reply> discover(const std::string& path) {
  if (path == "/version") return Reply{.body = parse(R"({"major":"1","minor":"31","gitVersion":"v1.31.0","platform":"linux/amd64"})")};
  if (path == "/api") return Reply{.body = parse(R"({"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[]})")};
  if (path == "/apis") return Reply{.body = parse(R"({"kind":"APIGroupList","apiVersion":"v1","groups":[]})")};
  if (path != "/api/v1") return std::nullopt;
  Json list = parse(R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1","resources":[]})");
  json_t* resources = json_object_get(list.get(), "resources");
  json_array_append_new(resources, resource_entry("namespaces", "Namespace", false, {"ns"}).release());
  json_array_append_new(resources, resource_entry("secrets", "Secret", true, {}).release());
  return Reply{.body = std::move(list)};
}

Reply in_accepted_form(Reply reply, const std::string& accept) {
  if (is_refusal(reply) || accept.find("as=PartialObjectMetadata") == std::string::npos) return reply;
  json_t* items = json_object_get(reply.body.get(), "items");
  if (items == nullptr) {
    if (text_at(reply.body.get(), {"kind"}) != "Status") reply.body = partial(reply.body.get(), "PartialObjectMetadata");
    return reply;
  }
  Json list = partial(reply.body.get(), "PartialObjectMetadataList");
  json_t* shown = json_array();
  for (std::size_t i = 0; i < json_array_size(items); ++i) {
    json_array_append_new(shown, partial(json_array_get(items, i), "PartialObjectMetadata").release());
  }
  json_object_set_new(list.get(), "items", shown);
  reply.body = std::move(list);
  return reply;
}

}  // namespace portcullis::fake_kube
