#include "tests/fake_kube/json_value.h"

#include <array>
#include <cstdlib>

namespace portcullis::fake_kube {
namespace {

const json_t* walk(const json_t* object, std::initializer_list<const char*> path) {
  for (const char* name : path) object = json_object_get(object, name);
  return object;
}

/// What nobody manages: the server sets it, or it names the object.
bool is_unmanaged(const FieldPath& path) {
  static const std::set<FieldPath> kNone = {
      {"apiVersion"},
      {"kind"},
      {"metadata", "name"},
      {"metadata", "namespace"},
      {"metadata", "uid"},
      {"metadata", "resourceVersion"},
      {"metadata", "creationTimestamp"},
      {"metadata", "deletionTimestamp"},
      {"metadata", "managedFields"},
      {"status", "phase"},
  };
  return kNone.contains(path);
}

void add_leaves(json_t* value, FieldPath& path, FieldSet& leaves) {
  if (is_unmanaged(path)) return;
  if (!json_is_object(value)) {
    leaves.insert(path);
    return;
  }
  const char* name = nullptr;
  json_t* member = nullptr;
  json_object_foreach(value, name, member) {
    path.emplace_back(name);
    add_leaves(member, path, leaves);
    path.pop_back();
  }
}

}  // namespace

Json parse(std::string_view text) { return Json(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr)); }

std::string dump(const json_t* value) {
  char* text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
  if (text == nullptr) return {};
  std::string out = text;
  std::free(text);  // NOLINT(cppcoreguidelines-no-malloc): jansson's
  return out;
}

Json copy_of(const json_t* value) { return Json(json_deep_copy(value)); }
Json new_object() { return Json(json_object()); }

std::string text_at(const json_t* object, std::initializer_list<const char*> path) {
  const char* text = json_string_value(walk(object, path));
  return text == nullptr ? "" : text;
}

std::map<std::string, std::string> texts_at(const json_t* object, std::initializer_list<const char*> path) {
  std::map<std::string, std::string> texts;
  const char* name = nullptr;
  json_t* value = nullptr;
  json_object_foreach(const_cast<json_t*>(walk(object, path)), name, value) {
    if (json_is_string(value)) texts.emplace(name, json_string_value(value));
  }
  return texts;
}

void set_text(json_t* object, const char* name, std::string_view text) {
  json_object_set_new(object, name, json_stringn(text.data(), text.size()));
}

json_t* value_at(json_t* object, const FieldPath& path) {
  for (const std::string& name : path) object = json_object_get(object, name.c_str());
  return object;
}

void put_at(json_t* object, const FieldPath& path, const json_t* value) {
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    json_t* next = json_object_get(object, path[i].c_str());
    if (!json_is_object(next)) {
      json_object_set_new(object, path[i].c_str(), json_object());
      next = json_object_get(object, path[i].c_str());
    }
    object = next;
  }
  json_object_set_new(object, path.back().c_str(), json_deep_copy(value));
}

void remove_at(json_t* object, const FieldPath& path) {
  std::vector<json_t*> parents{object};
  for (std::size_t i = 0; i + 1 < path.size(); ++i) parents.push_back(json_object_get(parents.back(), path[i].c_str()));
  for (std::size_t i = path.size(); i-- > 0;) {
    json_object_del(parents[i], path[i].c_str());
    if (json_object_size(parents[i]) > 0) return;
  }
}

FieldSet managed_leaves(json_t* object) {
  FieldSet leaves;
  FieldPath path;
  add_leaves(object, path, leaves);
  return leaves;
}

}  // namespace portcullis::fake_kube
