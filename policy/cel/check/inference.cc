#include "policy/cel/check/inference.h"

#include <algorithm>

namespace portcullis::cel {
namespace {

bool is_open(const Type& type) { return type.kind == Kind::dyn || type.kind == Kind::error; }

/// CEL's checker lets null stand where a message, a wrapper or an abstract type is wanted.
bool takes_null(const Type& type) {
  return type.kind == Kind::null_type || type.kind == Kind::wrapper || type.kind == Kind::duration || type.kind == Kind::timestamp ||
         type.kind == Kind::optional;
}

void rename_in(Type& type, std::map<std::string, Type, std::less<>>& names, Inference& inference) {
  if (type.kind == Kind::parameter) {
    const auto found = names.find(type.name);
    type = found != names.end() ? found->second : names.emplace(type.name, inference.fresh()).first->second;
    return;
  }
  for (Type& parameter : type.parameters) rename_in(parameter, names, inference);
}

}  // namespace

Type Inference::fresh() { return Type{Kind::parameter, {}, "_var" + std::to_string(next_++)}; }

void Inference::rename(std::vector<Type>& types) {
  std::map<std::string, Type, std::less<>> names;
  for (Type& type : types) rename_in(type, names, *this);
}

bool Inference::assignable(const Type& from, const Type& to) { return assignable(std::span(&from, 1), std::span(&to, 1)); }

bool Inference::assignable(std::span<const Type> from, std::span<const Type> to) {
  trail_.clear();
  if (matches_all(from, to)) return true;
  undo(0);
  return false;
}

void Inference::bind(const std::string& name, const Type& type) {
  const auto found = known_.find(name);
  trail_.emplace_back(name, found == known_.end() ? std::nullopt : std::optional(found->second));
  known_[name] = type;
}

void Inference::undo(std::size_t mark) {
  while (trail_.size() > mark) {
    auto& [name, before] = trail_.back();
    if (before) {
      known_[name] = *std::move(before);
    } else {
      known_.erase(name);
    }
    trail_.pop_back();
  }
}

bool Inference::matches_all(std::span<const Type> left, std::span<const Type> right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(), [this](const Type& a, const Type& b) { return matches(a, b); });
}

bool Inference::occurs(const std::string& name, const Type& type) {
  if (!charge()) return true;
  if (type.kind == Kind::parameter) {
    if (type.name == name) return true;
    const auto found = known_.find(type.name);
    return found != known_.end() && occurs(name, Type(found->second));
  }
  return std::any_of(type.parameters.begin(), type.parameters.end(), [&](const Type& parameter) { return occurs(name, parameter); });
}

std::optional<bool> Inference::stands_for(const Type& parameter, const Type& type) {
  if (type == parameter) return true;
  if (const auto found = known_.find(parameter.name); found != known_.end()) {
    const Type before = found->second;
    if (type == before) return true;
    if (!matches(type, before)) return false;
    const Type general = more_general(type, before);
    if (general != before && !occurs(parameter.name, general)) bind(parameter.name, general);
    return true;
  }
  if (occurs(parameter.name, type)) return std::nullopt;
  bind(parameter.name, type);
  return true;
}

bool Inference::matches(const Type& left, const Type& right) {
  if (!charge()) return false;
  if (right.kind == Kind::parameter) {
    if (const auto known = stands_for(right, left)) return *known;
  }
  if (left.kind == Kind::parameter) return stands_for(left, right).value_or(false);
  if (is_open(left) || is_open(right)) return true;
  if (left.kind == Kind::null_type) return takes_null(right);
  if (right.kind == Kind::null_type) return takes_null(left);
  if (left.kind == Kind::wrapper && right.kind != Kind::wrapper) return matches(left.parameters[0], right);
  if (right.kind == Kind::wrapper && left.kind != Kind::wrapper) return matches(left, right.parameters[0]);
  if (left.kind != right.kind) return false;
  return left.kind == Kind::type || matches_all(left.parameters, right.parameters);
}

/// cel-go lets the order decide between `int` and `wrapper(int)`, and between null and what takes null; the language definition's tests
/// want the one that holds both, whichever came first.
bool Inference::less_specific(const Type& left, const Type& right) const {
  if (left.kind == Kind::dyn || left.kind == Kind::parameter) return true;
  if (right.kind == Kind::dyn || right.kind == Kind::parameter) return false;
  if (left.kind == Kind::wrapper && right.kind != Kind::wrapper) return true;
  if (right.kind == Kind::null_type) return takes_null(left);
  if (left.kind != right.kind || left.parameters.size() != right.parameters.size()) return false;
  if (left.kind == Kind::type) return true;
  return std::equal(left.parameters.begin(), left.parameters.end(), right.parameters.begin(),
                    [this](const Type& a, const Type& b) { return less_specific(a, b); });
}

Type Inference::more_general(const Type& left, const Type& right) const { return less_specific(left, right) ? left : right; }

Type Inference::resolved(const Type& type, bool close) {
  std::size_t parts = kTypeParts;
  return resolved_within(type, close, parts);
}

Type Inference::resolved_within(const Type& type, bool close, std::size_t& parts) {
  if (parts == 0) steps_ = kSteps + 1;
  if (!charge()) return Type{};
  --parts;
  if (type.kind == Kind::parameter) {
    const auto found = known_.find(type.name);
    if (found != known_.end()) return resolved_within(Type(found->second), close, parts);
    return close ? Type{} : type;
  }
  Type whole{type.kind, {}, type.name};
  for (const Type& parameter : type.parameters) whole.parameters.push_back(resolved_within(parameter, close, parts));
  return whole;
}

}  // namespace portcullis::cel
