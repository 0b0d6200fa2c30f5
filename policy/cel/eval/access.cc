// Names, fields, keys and indices.
#include <cmath>
#include <new>

#include "policy/cel/eval/operators.h"

namespace portcullis::cel {
namespace {

/// What looking into a value gave.
enum class Found { yes, missing, failed };

Found fail(Frame& frame, std::string_view text) {
  frame.evaluation.fail(text);
  return Found::failed;
}

/// A key that the expression itself names may be told; one that was computed could be a claim.
std::string told(std::string_view what, const Value* key) {
  if (key == nullptr) return std::string(what);
  if (const auto* text = key->as<std::string>()) return std::string(what).append(": ").append(*text);
  return std::string(what) + ": " + value_to_json(*key);
}

std::optional<std::int64_t> whole_number(const Value& key) noexcept {
  if (const auto* number = key.as<std::int64_t>()) return *number;
  if (const auto* number = key.as<std::uint64_t>()) {
    return *number <= static_cast<std::uint64_t>(INT64_MAX) ? std::optional(static_cast<std::int64_t>(*number)) : INT64_MAX;
  }
  if (const auto* number = key.as<double>(); number != nullptr && std::trunc(*number) == *number && std::fabs(*number) < 1e15) {
    return static_cast<std::int64_t>(*number);
  }
  return std::nullopt;
}

bool may_be_key(const Value& key) noexcept {
  const Kind kind = key.kind();
  return kind == Kind::string || kind == Kind::int64 || kind == Kind::uint64 || kind == Kind::floating || kind == Kind::boolean;
}

/// Looks `key` up in a list or map.
Found look_up(const Value& container, const Value& key, Frame& frame, const Value*& out) {
  if (const auto* map = container.as<Mapping>()) {
    if (!may_be_key(key)) return fail(frame, "unsupported key type");
    if (const auto text = key.text(); text && !frame.evaluation.charge_copy(text->size())) return Found::failed;
    out = map->find(key);
    return out != nullptr ? Found::yes : Found::missing;
  }
  if (const auto* list = container.as<List>()) {
    const std::optional<std::int64_t> index = whole_number(key);
    if (!index) return fail(frame, "unsupported index type: a list takes a whole number");
    if (*index < 0 || static_cast<std::uint64_t>(*index) >= list->size()) return Found::missing;
    out = &(*list)[static_cast<std::size_t>(*index)];
    return Found::yes;
  }
  return fail(frame, "no such overload");
}

const Value* fail_missing(const Value& container, const Value* known, Frame& frame) {
  frame.evaluation.fail(told(container.kind() == Kind::list ? "index out of bounds" : "no such key", known));
  return nullptr;
}

const Value* give_optional(const Value* found, Frame& frame, Value& held) {
  if (!frame.evaluation.allow_value()) return nullptr;
  held = Value::none();
  if (found != nullptr) held = Value::view(Optional{new (frame.evaluation.arena().allocate_values(1)) Value(found->borrow())});
  return &held;
}

/// Looks into what an optional holds: nothing stays nothing, and a missing key becomes it.
const Value* into_optional(const Optional& optional, const Value& key, Frame& frame, Value& held) {
  if (optional.value == nullptr) return give_optional(nullptr, frame, held);
  const Value* found = nullptr;
  switch (look_up(*optional.value, key, frame, found)) {
    case Found::yes: return give_optional(found, frame, held);
    case Found::missing: return give_optional(nullptr, frame, held);
    case Found::failed: return nullptr;
  }
  return nullptr;
}

const Value* into_value(const Value& operand, const Value& key, const Value* known, Frame& frame) {
  const Value* found = nullptr;
  switch (look_up(operand, key, frame, found)) {
    case Found::yes: return found;
    case Found::missing: return fail_missing(operand, known, frame);
    case Found::failed: return nullptr;
  }
  return nullptr;
}

const Value* into_field(const Value& operand, const Field& field, Frame& frame, Value& held) {
  if (const auto* map = operand.as<Mapping>()) [[likely]] {
    const Value* found = map->find(field.key);
    return found != nullptr ? found : fail_missing(operand, &field.name, frame);
  }
  if (const auto* optional = operand.as<Optional>()) return into_optional(*optional, field.name, frame, held);
  frame.evaluation.fail(told("no such key", &field.name));
  return nullptr;
}

const Value* into_path(const Value* operand, const Step& step, Frame& frame, Value& held) {
  if (!frame.evaluation.charge(step.path.size())) return nullptr;
  if (operand == nullptr) return nullptr;
  for (const Field& field : step.path) {
    const auto* map = operand->as<Mapping>();
    const Value* const found = map == nullptr ? nullptr : map->find(field.key);
    operand = found != nullptr ? found : into_field(*operand, field, frame, held);  // again, for what there is to say
    if (operand == nullptr) return nullptr;
  }
  return operand;
}

}  // namespace

const Value* run_constant(const Step& step, Frame& /*frame*/, Value& /*held*/) { return &step.constant; }

const Value* run_variable(const Step& step, Frame& frame, Value& /*held*/) {
  const Value*& known = frame.slots[step.slot];
  if (known == nullptr) known = frame.bindings.find(step.name);
  if (known == nullptr) frame.evaluation.fail("no such attribute(s): " + step.name);
  return known;
}

const Value* run_slot(const Step& step, Frame& frame, Value& /*held*/) { return frame.slots[step.slot]; }

const Value* run_unbound_function(const Step& step, Frame& frame, Value& /*held*/) {
  frame.evaluation.fail("unbound function: " + step.name);
  return nullptr;
}

const Value* run_wrong_arguments(const Step& /*step*/, Frame& frame, Value& /*held*/) {
  frame.evaluation.fail_overload();
  return nullptr;
}

const Value* run_variable_path(const Step& step, Frame& frame, Value& held) {
  return into_path(run_variable(step, frame, held), step, frame, held);
}

const Value* run_slot_path(const Step& step, Frame& frame, Value& held) { return into_path(frame.slots[step.slot], step, frame, held); }

const Value* run_select(const Step& step, Frame& frame, Value& held) {
  const Value* operand = run_step(step.children[0], frame, held);
  return operand == nullptr ? nullptr : into_field(*operand, step.path[0], frame, held);
}

Truth test_has(const Step& step, Frame& frame) {
  Value held;
  const Value* operand = run_step(step.children[0], frame, held);
  if (operand == nullptr) return Truth::failed;
  if (const auto* optional = operand->as<Optional>()) {
    if (optional->value == nullptr) return Truth::no;
    operand = optional->value;
  }
  const Field& field = step.path[0];
  if (const auto* map = operand->as<Mapping>()) return truth(map->find(field.key) != nullptr);
  return fail_test(frame);
}

const Value* run_index(const Step& step, Frame& frame, Value& held) {
  Value key_held;
  const Value* operand = run_step(step.children[0], frame, held);
  if (operand == nullptr) return nullptr;
  const Value* key = run_step(step.children[1], frame, key_held);
  if (key == nullptr) return nullptr;
  const Value* known = step.children[1].run == run_constant ? key : nullptr;
  if (const auto* optional = operand->as<Optional>()) return into_optional(*optional, *key, frame, held);
  return into_value(*operand, *key, known, frame);
}

const Value* run_optional_index(const Step& step, Frame& frame, Value& held) {
  Value key_held;
  const Value* operand = run_step(step.children[0], frame, held);
  if (operand == nullptr) return nullptr;
  const Value* key = run_step(step.children[1], frame, key_held);
  if (key == nullptr) return nullptr;
  if (const auto* optional = operand->as<Optional>()) return into_optional(*optional, *key, frame, held);
  const Value* found = nullptr;
  if (look_up(*operand, *key, frame, found) == Found::failed) return nullptr;
  return give_optional(found, frame, held);
}

}  // namespace portcullis::cel
