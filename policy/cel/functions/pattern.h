// Regular expressions for `matches`: RE2, linear in the text, bounded in memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "policy/cel/eval/evaluation.h"

namespace portcullis::cel {

/// A compiled pattern, unanchored, over code points. Immutable; safe from many threads.
class Pattern {
 public:
  /// `Reason::compile_error`, with RE2's words, for a pattern that is none, or that would pass the bounds of length and memory.
  static Result<std::shared_ptr<const Pattern>> compile(std::string_view text);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  /// How many steps of a program it became.
  [[nodiscard]] std::size_t instructions() const noexcept;
  /// Whether `text` holds a match, paid for by the size of both. False is a failure.
  bool search(std::string_view text, Evaluation& evaluation, bool& found) const;

 private:
  struct Compiled;
  explicit Pattern(std::unique_ptr<const Compiled> compiled) noexcept;
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace portcullis::cel
