// The steps of one decision, for `verify`, `/v1/verify` and nobody else. Nothing in it is a secret: it is shown to who holds the token.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portcullis {

struct TraceStep {
  std::string_view step;  ///< a fixed word: "header", "key", "signature", "expiry", "scope", …
  bool passed;
  std::string detail;
};

/// Collects steps where somebody asked for them. Functions take `Trace*`, and null means that nobody did: then no detail is built.
class Trace {
 public:
  void add(std::string_view step, bool passed, std::string detail) { steps_.push_back({step, passed, std::move(detail)}); }
  [[nodiscard]] const std::vector<TraceStep>& steps() const noexcept { return steps_; }

 private:
  std::vector<TraceStep> steps_;
};

}  // namespace portcullis
