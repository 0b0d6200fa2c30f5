// One line for each refusal, bounded: a flood of bad requests must not become a flood of writes.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/report/log.h"
#include "plugin/gate.h"

namespace portcullis {

/// Refusals at info, allows and requests without any token at debug. Safe from many threads.
class RequestLog {
 public:
  /// Lines of refusals a second; what comes above is counted and told in one line when the next second begins.
  static constexpr std::uint32_t kLinesPerSecond = 200;

  explicit RequestLog(Log& log) : log_(log) {}

  /// Notes one answer. Untrusted text is escaped and cut at 256 bytes; no header but the configured ones is looked at.
  void note(const HttpRequest& request, const GateAnswer& answer, const GateRules& rules, std::string_view id, SteadyPoint now);

 private:
  bool admit(SteadyPoint now);

  // locks itself
  Log& log_;
  std::atomic<std::int64_t> second_{0};
  std::atomic<std::uint32_t> lines_{0};
  std::atomic<std::uint64_t> suppressed_{0};
};

}  // namespace portcullis
