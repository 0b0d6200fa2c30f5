#include "tests/fake_kube/managed_fields.h"

#include <algorithm>
#include <utility>

namespace portcullis::fake_kube {
namespace {

std::string dotted(const FieldPath& path) {
  std::string text;
  for (const std::string& name : path) text += "." + name;
  return text;
}

FieldManager& entry_of(std::vector<FieldManager>& managers, const std::string& name, bool applies) {
  const auto found =
      std::find_if(managers.begin(), managers.end(), [&](const FieldManager& one) { return one.name == name && one.applies == applies; });
  if (found != managers.end()) return *found;
  return managers.emplace_back(FieldManager{.name = name, .applies = applies});
}

bool is_same(const FieldManager& one, const std::string& name, bool applies) { return one.name == name && one.applies == applies; }

bool is_managed(const std::vector<FieldManager>& managers, const FieldPath& path) {
  return std::any_of(managers.begin(), managers.end(), [&](const FieldManager& one) { return one.fields.contains(path); });
}

void drop_empty(std::vector<FieldManager>& managers) {
  std::erase_if(managers, [](const FieldManager& one) { return one.fields.empty(); });
}

}  // namespace

Applied apply(const json_t* live, const std::vector<FieldManager>& managers, json_t* wanted, const std::string& manager, bool force) {
  Applied applied{.object = copy_of(live), .managers = managers, .conflicts = {}};
  const FieldSet fields = managed_leaves(wanted);
  for (const FieldPath& path : fields) {
    json_t* value = value_at(wanted, path);
    const json_t* there = value_at(applied.object.get(), path);
    if (there != nullptr && json_equal(there, value) != 0) continue;
    for (FieldManager& other : applied.managers) {
      if (is_same(other, manager, true) || !other.fields.contains(path)) continue;
      if (force) {
        other.fields.erase(path);
      } else {
        applied.conflicts.push_back({.manager = other.name, .field = dotted(path)});
      }
    }
    put_at(applied.object.get(), path, value);
  }
  const FieldSet before = std::exchange(entry_of(applied.managers, manager, true).fields, fields);
  for (const FieldPath& path : before) {
    if (!is_managed(applied.managers, path)) remove_at(applied.object.get(), path);
  }
  drop_empty(applied.managers);
  return applied;
}

std::vector<FieldManager> managers_after_update(std::vector<FieldManager> managers, json_t* before, json_t* after,
                                                const std::string& manager) {
  const FieldSet fields = managed_leaves(after);
  for (FieldManager& one : managers) {
    std::erase_if(one.fields, [&](const FieldPath& path) { return !fields.contains(path); });
  }
  for (const FieldPath& path : fields) {
    const json_t* there = before == nullptr ? nullptr : value_at(before, path);
    if (there != nullptr && json_equal(there, value_at(after, path)) != 0) continue;
    for (FieldManager& one : managers) one.fields.erase(path);
    entry_of(managers, manager, false).fields.insert(path);
  }
  drop_empty(managers);
  return managers;
}

Json managed_fields_json(const std::vector<FieldManager>& managers, const std::string& time) {
  Json list(json_array());
  for (const FieldManager& one : managers) {
    json_t* entry = json_object();
    json_array_append_new(list.get(), entry);
    set_text(entry, "manager", one.name);
    set_text(entry, "operation", one.applies ? "Apply" : "Update");
    set_text(entry, "apiVersion", "v1");
    set_text(entry, "time", time);
    set_text(entry, "fieldsType", "FieldsV1");
    const Json empty = new_object();
    const Json fields = new_object();
    for (const FieldPath& path : one.fields) {
      FieldPath named;
      for (const std::string& name : path) named.push_back("f:" + name);
      put_at(fields.get(), named, empty.get());
    }
    json_object_set(entry, "fieldsV1", fields.get());
  }
  return list;
}

}  // namespace portcullis::fake_kube
