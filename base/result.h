// A value or the reason why there is none: the only way to fail in Portcullis.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/reason.h"

namespace portcullis {

/// Why something was refused or could not be done. `detail` is for the operator's log: it holds no token, no secret and no
/// unverified claim but an escaped key id.
struct Error {
  Reason reason;
  std::string detail;

  friend bool operator==(const Error&, const Error&) = default;
};

/// A `T` or an `Error`. Looking at the wrong one ends the process: a restart is cheap, a wrong allow is not.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  [[nodiscard]] const T& value() const& { return *checked<0>(std::get_if<0>(&state_)); }
  [[nodiscard]] T& value() & { return *checked<0>(std::get_if<0>(&state_)); }
  [[nodiscard]] T&& value() && { return std::move(*checked<0>(std::get_if<0>(&state_))); }
  [[nodiscard]] const Error& error() const& { return *checked<1>(std::get_if<1>(&state_)); }
  [[nodiscard]] Error&& error() && { return std::move(*checked<1>(std::get_if<1>(&state_))); }

  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  template <int Index, class P>
  static P* checked(P* pointer) {
    if (pointer == nullptr) std::abort();
    return pointer;
  }

  std::variant<T, Error> state_;
};

/// Success without a value, or an `Error`.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] const Error& error() const {
    if (!error_) std::abort();
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace portcullis
