// Fuzzes the JSON reader: what it accepts is within the limits, jansson accepts it too, it can be walked, and it reads the same after it
// was written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <jansson.h>

#include "base/codec/json.h"
#include "base/codec/utf8.h"

namespace {

using namespace portcullis;

void walk(JsonView value, std::size_t depth) {
  if (depth > 32) std::abort();
  if (const auto text = value.string(); text && !is_utf8(*text)) std::abort();
  for (const auto& [name, member] : value.members()) {
    if (!is_utf8(name) || !value.get(name).exists()) std::abort();
    walk(member, depth + 1);
  }
  for (const JsonView element : value.elements()) walk(element, depth + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = parse_json(text, {.bytes = 32768, .depth = 32, .members = 1000});
  if (!document.ok()) return 0;
  json_t* judged = json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, nullptr);
  if (judged == nullptr) std::abort();
  json_decref(judged);
  walk(document->root(), 0);
  const std::string written = document->root().dump();
  const auto again = parse_json(written, {.bytes = written.size(), .depth = 32, .members = 1000});
  if (!again.ok() || again->root().dump() != written) std::abort();
  return 0;
}
