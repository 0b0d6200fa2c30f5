#include "plugin/cli/keys_document.h"

#include "base/codec/json.h"
#include "base/codec/json_writer.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr JsonLimits kDocumentLimits{.bytes = 10UL * 1024 * 1024, .depth = 16, .members = 2'000'000};

void append_member(std::string& out, std::string_view name, std::string_view json) {
  out += out.empty() ? "{\n  " : ",\n  ";
  append_json_string(out, name);
  out.append(": ").append(json);
}

}  // namespace

Result<std::string> with_key(std::string_view document, std::string_view id, std::string_view pem) {
  const Result<JsonDocument> parsed = parse_json(document.empty() ? "{}" : document, kDocumentLimits);
  if (!parsed.ok()) return Error{Reason::secret_malformed, "the keys file is no JSON: " + parsed.error().detail};
  const JsonView root = parsed->root();
  if (!root.is_object()) return Error{Reason::secret_malformed, "the keys file is no JSON object of key id to key"};
  if (root.get("kty").exists() || root.get("keys").is_array()) {
    return Error{Reason::secret_malformed, "the keys file is a JWK or a JWKS; a key is added to a JSON object of key id to key only"};
  }
  std::string pem_json;
  append_json_string(pem_json, pem);
  std::string out;
  bool there = false;
  for (const auto& [name, value] : root.members()) {
    if (name == id) {
      if (value.string() != pem)
        return Error{Reason::key_duplicate, "another key stands under the id '" + escape_for_log(id) + "' already"};
      there = true;
    }
    append_member(out, name, value.dump());
  }
  if (!there) append_member(out, id, pem_json);
  return out + "\n}\n";
}

}  // namespace portcullis
