// Fuzzes CEL's evaluator: whatever compiles ends in a value or an error within its budget, the same each time, checked and unchecked alike.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/codec/json.h"
#include "policy/cel/expression.h"

namespace {

using namespace portcullis;
using namespace portcullis::cel;

constexpr std::string_view kData =
    R"({"claims": {"iss": "https://i", "sub": "añ😀", "groups": ["a", "b", "a"], "n": 3, "m": {"a": {"b": [1, null, true]}}, "e": [], "s": ""}, "vars": {"x": "y"}})";
constexpr EvaluationLimits kLimits{.steps = 20'000, .text_bytes = 4096, .elements = 500};

struct World {
  Environment checked;
  Environment unchecked;
  Bindings bindings;
};

const World& world() {
  static const World kWorld = [] {
    World made;
    const auto document = parse_json(kData, {.bytes = 4096, .depth = 16, .members = 100});
    for (const auto& [name, member] : document->root().members()) {
      made.checked.variables.push_back({std::string(name), *type_from_name("map(string, dyn)")});
      made.bindings.set(std::string(name), value_from_json(member));
    }
    made.checked.variables.push_back({"unbound", {}});
    made.unchecked = made.checked;
    made.unchecked.check = false;
    return made;
  }();
  return kWorld;
}

std::string run(const Expression& expression) {
  const Result<Value> value = expression.evaluate(world().bindings, kLimits);
  return value.ok() ? value_to_json(*value) : value.error().detail;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  for (const Environment* environment : {&world().checked, &world().unchecked}) {
    const Result<Expression> expression = Expression::compile(source, *environment);
    if (!expression.ok()) continue;
    if (run(*expression) != run(*expression)) std::abort();
    (void)expression->reads("claims", "sub");
    (void)expression->evaluate_texts(world().bindings, kLimits);
  }
  return 0;
}
