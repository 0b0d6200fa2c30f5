// What one round of a pull secret did, for people and for the log. Nothing secret in it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace portcullis {

/// Something that is not as it should be.
struct RoundProblem {
  std::string where;     ///< a registry, a namespace and name, a file
  std::string what;      ///< with what to do, where we know
  bool is_fault = true;  ///< another attempt may help, and follows; otherwise somebody has to act (a foreign secret)

  friend bool operator==(const RoundProblem&, const RoundProblem&) = default;
};

/// What was done with secrets, wherever they are.
struct DeliveryCounts {
  std::size_t created = 0;
  std::size_t renewed = 0;
  std::size_t kept = 0;  ///< hold what they should already
  std::size_t removed = 0;
  std::size_t foreign = 0;  ///< somebody else's of that name, left alone
};

struct RoundReport {
  std::string pull_secret;
  bool logged_in = false;              ///< a login was had anew
  std::optional<TimePoint> expires{};  ///< of the login in use; absent: never, or there is none
  DeliveryCounts counts{};
  std::vector<RoundProblem> problems{};
  std::vector<std::string> warnings{};
  TimePoint next{};  ///< when the next round is due

  [[nodiscard]] bool ok() const noexcept { return problems.empty(); }
};

}  // namespace portcullis
