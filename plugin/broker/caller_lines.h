// What one caller of /v1/credentials may take of the broker: a budget of new logins, and a line of its own in front of the threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "broker/login_target.h"

namespace portcullis {

/// Without it, a caller with many roles or repositories could push the logins of all others out of the cache, or keep every thread busy.
/// Not safe from many threads: the caller guards it. Time is an argument.
class CallerLines {
 public:
  /// New logins that a caller may have at once; what is at hand, or under way for somebody else, is not counted.
  static constexpr std::size_t kBurst = 32;
  /// One more each so often: in the three hours that a login is kept, 392 of the cache's 10,000.
  static constexpr std::chrono::seconds kOneMoreEvery{30};
  /// Callers that are remembered; those with a whole budget and nothing under way are forgotten first.
  static constexpr std::size_t kCallers = 10'000;

  /// `at_once`: of one caller so many logins are under way, at least one; the others stand in its line.
  explicit CallerLines(std::size_t at_once) : at_once_(at_once == 0 ? 1 : at_once) {}

  /// Takes one of the caller's budget. True: the login is to be started now; false: it stands in line for `leave`. `Reason::overloaded`
  /// where the budget is used up, or there is no room for more callers.
  Result<bool> enter(const std::string& caller, const LoginTarget& target, SteadyPoint now);
  /// A login of `caller` has ended: the next one of its line, to be started now, or nothing.
  std::optional<LoginTarget> leave(const std::string& caller) noexcept;

  [[nodiscard]] std::size_t callers() const noexcept { return lines_.size(); }

 private:
  struct Line {
    std::size_t taken = 0;  ///< of the budget
    SteadyPoint counted{};  ///< until when what comes back was counted
    std::size_t under_way = 0;
    std::list<LoginTarget> waiting;
  };

  static void refill(Line& line, SteadyPoint now) noexcept;
  void forget_idle(SteadyPoint now) noexcept;

  // set once
  const std::size_t at_once_;
  // the caller's
  std::unordered_map<std::string, Line> lines_;
};

}  // namespace portcullis
