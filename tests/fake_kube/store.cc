#include "tests/fake_kube/store.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>

namespace portcullis::fake_kube {
namespace {

constexpr const char* kTime = "2026-03-01T12:00:00Z";
// Sorts before every letter of a name, so that a page ends where the order of the objects says.
constexpr const char* kSeparator = " ";

Reply not_found(const ObjectKey& key) { return refuse(404, "NotFound", key.resource + " \"" + key.name + "\" not found"); }

Reply modified(const ObjectKey& key, const std::string& why) {
  return refuse(409, "Conflict", "Operation cannot be fulfilled on " + key.resource + " \"" + key.name + "\": " + why);
}

std::string new_uid(unsigned long long number) {
  char text[64];
  std::snprintf(text, sizeof text, "5f0c2d4e-0000-4000-8000-%012llx", number);
  return text;
}

json_t* metadata_of(json_t* object) {
  if (!json_is_object(json_object_get(object, "metadata"))) json_object_set_new(object, "metadata", json_object());
  return json_object_get(object, "metadata");
}

/// A uid or version that the writer named must be the object's.
std::optional<Reply> refuse_other(const ObjectKey& key, const json_t* wanted, const json_t* there) {
  const std::string uid = text_at(wanted, {"metadata", "uid"});
  const std::string version = text_at(wanted, {"metadata", "resourceVersion"});
  if (!uid.empty() && uid != text_at(there, {"metadata", "uid"})) {
    return modified(key,
                    "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + text_at(there, {"metadata", "uid"}));
  }
  if (!version.empty() && version != text_at(there, {"metadata", "resourceVersion"})) {
    return modified(key, "the object has been modified; please apply your changes to the latest version and try again");
  }
  return std::nullopt;
}

void merge_into(json_t* target, const json_t* patch) {
  const char* name = nullptr;
  json_t* value = nullptr;
  json_object_foreach(const_cast<json_t*>(patch), name, value) {
    if (json_is_null(value)) {
      json_object_del(target, name);
    } else if (json_is_object(value)) {
      if (!json_is_object(json_object_get(target, name))) json_object_set_new(target, name, json_object());
      merge_into(json_object_get(target, name), value);
    } else {
      json_object_set_new(target, name, json_deep_copy(value));
    }
  }
}

/// What the server alone sets stays what it is.
void keep_identity(json_t* object, const json_t* there) {
  for (const char* name : {"uid", "creationTimestamp", "deletionTimestamp", "name", "namespace"}) {
    json_t* value = json_object_get(json_object_get(there, "metadata"), name);
    if (value == nullptr) {
      json_object_del(metadata_of(object), name);
    } else {
      json_object_set(metadata_of(object), name, value);
    }
  }
  json_object_del(metadata_of(object), "managedFields");
}

}  // namespace

Json Store::shown(const Stored& stored) const {
  Json object = copy_of(stored.object.get());
  json_object_set_new(metadata_of(object.get()), "managedFields", managed_fields_json(stored.managers, kTime).release());
  return object;
}

Reply Store::get(const ObjectKey& key) const {
  const auto found = objects_.find(key);
  if (found == objects_.end()) return not_found(key);
  return {.status = 200, .body = shown(found->second)};
}

Reply Store::list(const std::string& resource, const std::string& space, const ListQuery& query) const {
  Json list = new_object();
  json_t* items = json_array();
  json_t* metadata = json_object();
  set_text(list.get(), "kind", resource == "secrets" ? "SecretList" : "NamespaceList");
  set_text(list.get(), "apiVersion", "v1");
  json_object_set_new(list.get(), "metadata", metadata);
  json_object_set_new(list.get(), "items", items);
  set_text(metadata, "resourceVersion", std::to_string(version_));
  for (const auto& [key, stored] : objects_) {
    if (key.resource != resource || (!space.empty() && key.space != space) || key.space + kSeparator + key.name <= query.next) continue;
    const json_t* object = stored.object.get();
    const auto met =
        matches_fields(query.fields, {{"metadata.name", key.name}, {"metadata.namespace", key.space}, {"type", text_at(object, {"type"})}});
    if (!met) return refuse(400, "BadRequest", "field label not supported: " + query.fields);
    if (!*met || !matches(query.labels, texts_at(object, {"metadata", "labels"}))) continue;
    if (query.limit > 0 && json_array_size(items) == query.limit) {
      const json_t* last = json_array_get(items, query.limit - 1);
      set_text(metadata, "continue", text_at(last, {"metadata", "namespace"}) + kSeparator + text_at(last, {"metadata", "name"}));
      break;
    }
    json_array_append_new(items, shown(stored).release());
  }
  return {.status = 200, .body = std::move(list)};
}

std::optional<Reply> Store::refuse_new(const ObjectKey& key) const {
  if (objects_.contains(key)) return refuse(409, "AlreadyExists", key.resource + " \"" + key.name + "\" already exists");
  if (key.resource == "namespaces") return std::nullopt;
  const auto space = objects_.find({"namespaces", "", key.space});
  if (space == objects_.end()) return not_found({"namespaces", "", key.space});
  if (text_at(space->second.object.get(), {"metadata", "deletionTimestamp"}).empty()) return std::nullopt;
  return refuse(403, "Forbidden",
                key.resource + " \"" + key.name + "\" is forbidden: unable to create new content in namespace " + key.space +
                    " because it is being terminated");
}

Reply Store::store(const ObjectKey& key, Json object, std::vector<FieldManager> managers, int status) {
  set_text(metadata_of(object.get()), "resourceVersion", std::to_string(++version_));
  Stored& stored = objects_[key];
  stored = Stored{.object = std::move(object), .managers = std::move(managers)};
  return {.status = status, .body = shown(stored)};
}

/// An object that is the same as before keeps its version, as in etcd.
Reply Store::change(const ObjectKey& key, Json object, std::vector<FieldManager> managers) {
  Stored& stored = objects_.at(key);
  keep_identity(object.get(), stored.object.get());
  set_text(metadata_of(object.get()), "resourceVersion", text_at(stored.object.get(), {"metadata", "resourceVersion"}));
  if (auto refusal = refuse_invalid(key.resource, object.get(), stored.object.get())) return std::move(*refusal);
  if (json_equal(object.get(), stored.object.get()) != 0) {
    stored.managers = std::move(managers);
    return {.status = 200, .body = shown(stored)};
  }
  return store(key, std::move(object), std::move(managers), 200);
}

Reply Store::create(const ObjectKey& place, Json object, const Write& write) {
  const ObjectKey key{place.resource, place.space, text_at(object.get(), {"metadata", "name"})};
  const std::string space = text_at(object.get(), {"metadata", "namespace"});
  if (!space.empty() && space != key.space) {
    return refuse(400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request");
  }
  if (!text_at(object.get(), {"metadata", "resourceVersion"}).empty()) {
    return refuse(400, "BadRequest", "resourceVersion should not be set on objects to be created");
  }
  json_t* metadata = metadata_of(object.get());
  json_object_del(metadata, "managedFields");
  if (!key.space.empty()) set_text(metadata, "namespace", key.space);
  if (key.resource == "secrets" && text_at(object.get(), {"type"}).empty()) set_text(object.get(), "type", "Opaque");
  if (auto refusal = refuse_invalid(key.resource, object.get(), nullptr)) return std::move(*refusal);
  if (auto refusal = refuse_new(key)) return std::move(*refusal);
  set_text(metadata, "uid", new_uid(next_uid_++));
  set_text(metadata, "creationTimestamp", kTime);
  if (key.resource == "namespaces")
    put_at(object.get(), {"metadata", "labels", "kubernetes.io/metadata.name"}, json_object_get(metadata, "name"));
  auto managers = managers_after_update({}, nullptr, object.get(), write.manager);
  return store(key, std::move(object), std::move(managers), 201);
}

Reply Store::replace(const ObjectKey& key, Json object, const Write& write) {
  const auto found = objects_.find(key);
  if (found == objects_.end()) return not_found(key);
  if (auto refusal = refuse_other(key, object.get(), found->second.object.get())) return std::move(*refusal);
  auto managers = managers_after_update(found->second.managers, found->second.object.get(), object.get(), write.manager);
  return change(key, std::move(object), std::move(managers));
}

Reply Store::merge(const ObjectKey& key, const json_t* patch, const Write& write) {
  const auto found = objects_.find(key);
  if (found == objects_.end()) return not_found(key);
  if (auto refusal = refuse_other(key, patch, found->second.object.get())) return std::move(*refusal);
  Json object = copy_of(found->second.object.get());
  merge_into(object.get(), patch);
  auto managers = managers_after_update(found->second.managers, found->second.object.get(), object.get(), write.manager);
  return change(key, std::move(object), std::move(managers));
}

Reply Store::apply_object(const ObjectKey& key, Json wanted, const Write& write) {
  if (json_object_get(json_object_get(wanted.get(), "metadata"), "managedFields") != nullptr) {
    return refuse(400, "BadRequest", "metadata.managedFields must be nil");
  }
  const auto found = objects_.find(key);
  if (found == objects_.end()) {
    const std::string uid = text_at(wanted.get(), {"metadata", "uid"});
    if (!uid.empty()) return modified(key, "uid mismatch: the provided object specified uid " + uid + ", and no existing object was found");
    Applied made = apply(new_object().get(), {}, wanted.get(), write.manager, write.force);
    Reply created = create(key, copy_of(wanted.get()), write);
    if (!is_refusal(created)) objects_.at(key).managers = std::move(made.managers);
    return is_refusal(created) ? std::move(created) : Reply{.status = 201, .body = shown(objects_.at(key))};
  }
  if (auto refusal = refuse_other(key, wanted.get(), found->second.object.get())) return std::move(*refusal);
  Applied applied = apply(found->second.object.get(), found->second.managers, wanted.get(), write.manager, write.force);
  if (applied.conflicts.empty()) return change(key, std::move(applied.object), std::move(applied.managers));
  std::vector<Cause> causes;
  for (const FieldConflict& one : applied.conflicts) {
    causes.push_back({.reason = "FieldManagerConflict", .message = "conflict with \"" + one.manager + "\"", .field = one.field});
  }
  return refuse(
      409, "Conflict",
      "Apply failed with " + std::to_string(causes.size()) + " conflict(s): " + causes.front().message + ": " + causes.front().field,
      causes);
}

Reply Store::remove(const ObjectKey& key, const json_t* preconditions) {
  const auto found = objects_.find(key);
  if (found == objects_.end()) return not_found(key);
  const Json demanded = new_object();
  if (preconditions != nullptr) json_object_set_new(demanded.get(), "metadata", json_deep_copy(preconditions));
  if (auto refusal = refuse_other(key, demanded.get(), found->second.object.get())) return std::move(*refusal);
  if (key.resource == "namespaces") std::erase_if(objects_, [&](const auto& one) { return one.first.space == key.name; });
  Json status = new_object();
  set_text(status.get(), "kind", "Status");
  set_text(status.get(), "apiVersion", "v1");
  json_object_set_new(status.get(), "metadata", json_object());
  set_text(status.get(), "status", "Success");
  objects_.erase(key);
  ++version_;
  return {.status = 200, .body = std::move(status)};
}

Reply Store::hold_deletion(const std::string& space) {
  const ObjectKey key{"namespaces", "", space};
  const auto found = objects_.find(key);
  if (found == objects_.end()) return not_found(key);
  set_text(metadata_of(found->second.object.get()), "deletionTimestamp", kTime);
  return store(key, copy_of(found->second.object.get()), found->second.managers, 200);
}

}  // namespace portcullis::fake_kube
