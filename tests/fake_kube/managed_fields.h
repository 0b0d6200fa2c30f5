// Who manages which field of an object: server-side apply, and what every other write leaves behind.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/
#pragma once

#include <string>
#include <vector>

#include "tests/fake_kube/json_value.h"

namespace portcullis::fake_kube {

struct FieldManager {
  std::string name;
  bool applies = false;  ///< `Apply`, or `Update` for every other write
  FieldSet fields{};
};

/// A field that another manager has with another value.
struct FieldConflict {
  std::string manager;
  std::string field;  ///< `.data.token`
};

/// What an apply makes of an object.
struct Applied {
  Json object;
  std::vector<FieldManager> managers;
  std::vector<FieldConflict> conflicts;  ///< where there are any, nothing was done
};

/// Applies `wanted` to `live` for `manager`: its fields get the wanted values, those that it applied before and no longer wants go unless
/// somebody else has them too. Without `force`, a field that another manager has with another value is a conflict; with it, the other loses
/// the field.
Applied apply(const json_t* live, const std::vector<FieldManager>& managers, json_t* wanted, const std::string& manager, bool force);

/// The managers after a write that is no apply: what changed from `before` (may be null) to `after` is `manager`'s alone.
std::vector<FieldManager> managers_after_update(std::vector<FieldManager> managers, json_t* before, json_t* after,
                                                const std::string& manager);

/// `metadata.managedFields`.
Json managed_fields_json(const std::vector<FieldManager>& managers, const std::string& time);

}  // namespace portcullis::fake_kube
