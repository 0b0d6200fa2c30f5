// JSON that can be changed, for objects of the API: jansson's values, owned.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <jansson.h>

#include "base/handle.h"

namespace portcullis::fake_kube {

inline void release_json(json_t* value) noexcept { json_decref(value); }
using Json = Handle<json_t, release_json>;

/// The value of a text, or null; duplicate members are refused.
Json parse(std::string_view text);
/// Compact text.
std::string dump(const json_t* value);
/// A deep copy.
Json copy_of(const json_t* value);
/// An empty object.
Json new_object();

/// The text at `path`, or empty.
std::string text_at(const json_t* object, std::initializer_list<const char*> path);
/// The members of the object at `path` that are text.
std::map<std::string, std::string> texts_at(const json_t* object, std::initializer_list<const char*> path);
/// Sets member `name` of `object` to a text.
void set_text(json_t* object, const char* name, std::string_view text);

using FieldPath = std::vector<std::string>;
using FieldSet = std::set<FieldPath>;

/// The value at `path`, borrowed, or null.
json_t* value_at(json_t* object, const FieldPath& path);
/// Puts a copy of `value` at `path`; objects on the way are made.
void put_at(json_t* object, const FieldPath& path, const json_t* value);
/// Takes the value at `path` away, and objects that become empty by it.
void remove_at(json_t* object, const FieldPath& path);
/// Every field of `object` that can have a manager: what is no object, without kind, name and what the server sets itself.
FieldSet managed_leaves(json_t* object);

}  // namespace portcullis::fake_kube
