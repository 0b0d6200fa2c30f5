// Unification: what the type parameters of an expression stand for, found step by step.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "policy/cel/type.h"

namespace portcullis::cel {

/// The type parameters of one expression. Attack: types can double with each step (`x.map(y, {y: y}).map(…)`), so all work is counted; over
/// the bound nothing is assignable any more and `exhausted` says so.
class Inference {
 public:
  /// A parameter that nothing is known of.
  Type fresh();
  /// `overload`'s own parameters, in all of `types`, as fresh ones.
  void rename(std::vector<Type>& types);
  /// Whether a value of `from` can stand where `to` is wanted: remembers what parameters must be for that; else nothing has changed.
  bool assignable(const Type& from, const Type& to);
  bool assignable(std::span<const Type> from, std::span<const Type> to);
  /// With known parameters put in; unknown ones stay, or are `dyn` where `close`.
  Type resolved(const Type& type, bool close);
  /// What a list of both can be said to hold: the less specific of two that are assignable to each other.
  [[nodiscard]] Type more_general(const Type& left, const Type& right) const;
  [[nodiscard]] bool exhausted() const noexcept { return steps_ > kSteps; }

 private:
  static constexpr std::size_t kSteps = 100'000;
  static constexpr std::size_t kTypeParts = 256;  ///< of one type

  bool charge() { return ++steps_ <= kSteps; }
  Type resolved_within(const Type& type, bool close, std::size_t& parts);
  bool matches(const Type& left, const Type& right);
  bool matches_all(std::span<const Type> left, std::span<const Type> right);
  /// Whether `type` can be what `parameter` stands for; nothing if `parameter` is unknown yet and refers to itself in `type`.
  std::optional<bool> stands_for(const Type& parameter, const Type& type);
  bool occurs(const std::string& name, const Type& type);
  [[nodiscard]] bool less_specific(const Type& left, const Type& right) const;
  void bind(const std::string& name, const Type& type);
  void undo(std::size_t mark);

  std::map<std::string, Type, std::less<>> known_;
  std::vector<std::pair<std::string, std::optional<Type>>> trail_;  ///< what to put back
  std::size_t next_ = 0;
  std::size_t steps_ = 0;
};

}  // namespace portcullis::cel
