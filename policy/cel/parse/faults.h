// What is wrong with a source, and how it is shown: line, column, the line itself, and a caret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portcullis::cel {

/// Collects faults of one source. As cel-go prints them:
///   ERROR: <input>:1:5: undeclared reference to 'foo' (in container '')
///    | 1 + foo
///    | ....^
class Faults {
 public:
  /// `source` is UTF-8 and outlives the object.
  explicit Faults(std::string_view source) : source_(source) {}

  /// `offset` in code points from 0; the end of the source is a place too.
  void add(std::uint32_t offset, std::string message);
  /// Puts this one in the place of all: those before it were a consequence.
  void replace(std::uint32_t offset, std::string message);
  [[nodiscard]] bool empty() const noexcept { return faults_.empty(); }
  /// `Reason::compile_error` with all of them in the order of the source; after the tenth, how many more there are.
  [[nodiscard]] Error error() const;

 private:
  struct Fault {
    std::uint32_t offset;
    std::string message;
  };

  [[nodiscard]] std::string rendered(const Fault& fault) const;

  std::string_view source_;
  std::vector<Fault> faults_;
};

}  // namespace portcullis::cel
