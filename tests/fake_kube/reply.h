// What the API answers: an object, a list, or a `Status`.
#pragma once

#include <string>
#include <vector>

#include "tests/fake_kube/json_value.h"

namespace portcullis::fake_kube {

struct Reply {
  int status = 200;
  Json body{};
};

/// One of `details.causes`.
struct Cause {
  std::string reason;
  std::string message;
  std::string field;
};

inline bool is_refusal(const Reply& reply) noexcept { return reply.status >= 400; }

/// A `Status` of kind `Failure`.
inline Reply refuse(int code, const std::string& reason, const std::string& message, const std::vector<Cause>& causes = {}) {
  Json status = new_object();
  set_text(status.get(), "kind", "Status");
  set_text(status.get(), "apiVersion", "v1");
  json_object_set_new(status.get(), "metadata", json_object());
  set_text(status.get(), "status", "Failure");
  set_text(status.get(), "message", message);
  set_text(status.get(), "reason", reason);
  json_object_set_new(status.get(), "code", json_integer(code));
  if (!causes.empty()) {
    json_t* list = json_array();
    for (const Cause& cause : causes) {
      json_t* one = json_object();
      set_text(one, "reason", cause.reason);
      set_text(one, "message", cause.message);
      set_text(one, "field", cause.field);
      json_array_append_new(list, one);
    }
    json_t* details = json_object();
    json_object_set_new(details, "causes", list);
    json_object_set_new(status.get(), "details", details);
  }
  return {.status = code, .body = std::move(status)};
}

}  // namespace portcullis::fake_kube
