// List and map literals, and calls.
#include <array>
#include <new>
#include <utility>

#include "policy/cel/eval/operators.h"

namespace portcullis::cel {
namespace {

/// Steps for a call beside its arguments, and beside what the function itself charges.
constexpr std::size_t kCallSteps = 3;
/// Steps for a map beside its entries: its place on the heap, and its end.
constexpr std::size_t kMapSteps = 64;
constexpr std::size_t kMostArguments = 6;  // the fields of google.protobuf.Value; no function has more

/// What an optional element holds; null in `out` where it is empty.
bool unwrap(const Value& value, Frame& frame, const Value*& out) {
  const auto* optional = value.as<Optional>();
  if (optional == nullptr) return frame.evaluation.fail_overload();
  out = optional->value;
  return true;
}

bool may_be_key(const Value& key) noexcept {
  const Kind kind = key.kind();
  return kind == Kind::string || kind == Kind::int64 || kind == Kind::uint64 || kind == Kind::boolean;
}

bool add_entry(const Step& step, std::size_t entry, Frame& frame, Mapping& map) {
  Value held_key;
  Value held_value;
  const Value* key = run_step(step.children[2 * entry], frame, held_key);
  if (key == nullptr) return false;
  const Value* value = run_step(step.children[2 * entry + 1], frame, held_value);
  if (value == nullptr) return false;
  if (step.optional[entry] && !unwrap(*value, frame, value)) return false;
  if (value == nullptr) return true;
  if (const auto text = key->text(); text && !frame.evaluation.charge_copy(text->size())) return false;
  if (!may_be_key(*key)) return frame.evaluation.fail("unsupported key type: a map takes bool, int, uint and string");
  return map.add(key->borrow(), value->borrow()) || frame.evaluation.fail("Failed with repeated key");
}

/// What the function makes lives with the evaluation.
const Value* finish_call(const Step& step, Frame& frame, std::span<const Value* const> arguments, Value& held) {
  if (!step.function({frame.evaluation, arguments}, held)) return nullptr;
  if (held.is_owner()) held = frame.evaluation.arena().keep(std::move(held));
  return &held;
}

/// Room for `Most` arguments on the stack: few of them are made and destroyed for nothing.
template <std::size_t Most>
const Value* call_with(const Step& step, Frame& frame, Value& held) {
  std::array<Value, Most> own;
  std::array<const Value*, Most> values{};
  const std::size_t count = step.children.size();
  if (!frame.evaluation.charge(kCallSteps)) return nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = run_step(step.children[i], frame, own[i]);
    if (values[i] == nullptr) return nullptr;
  }
  return finish_call(step, frame, {values.data(), count}, held);
}

}  // namespace

const Value* run_list(const Step& step, Frame& frame, Value& held) {
  if (!frame.evaluation.allow_elements(step.children.size())) return nullptr;
  Value* const list = frame.evaluation.arena().allocate_values(step.children.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < step.children.size(); ++i) {
    Value own;
    const Value* element = run_step(step.children[i], frame, own);
    if (element == nullptr) return nullptr;
    if (step.optional[i] && !unwrap(*element, frame, element)) return nullptr;
    if (element != nullptr) new (list + size++) Value(element->borrow());
  }
  held = Value::view(Elements(list, size));
  return &held;
}

const Value* run_map(const Step& step, Frame& frame, Value& held) {
  const std::size_t entries = step.children.size() / 2;
  if (!frame.evaluation.charge(kMapSteps) || !frame.evaluation.allow_elements(2 * entries)) return nullptr;
  Mapping map;
  map.reserve(entries);
  for (std::size_t i = 0; i < entries; ++i) {
    if (!add_entry(step, i, frame, map)) return nullptr;
  }
  held = frame.evaluation.arena().keep(Value::of(std::move(map)));
  return &held;
}

const Value* run_call(const Step& step, Frame& frame, Value& held) {
  switch (step.children.size()) {
    case 0: return finish_call(step, frame, {}, held);
    case 1: return call_with<1>(step, frame, held);
    case 2: return call_with<2>(step, frame, held);
    case 3: return call_with<3>(step, frame, held);
    default: return call_with<kMostArguments>(step, frame, held);
  }
}

}  // namespace portcullis::cel
