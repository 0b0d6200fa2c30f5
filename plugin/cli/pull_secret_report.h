// How the rounds of pull secrets are told: to people, to programs, and as lines of the log.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/report/log.h"
#include "broker/pull_secret/report.h"

namespace portcullis {

/// `pulls: 2 created, 1 renewed, 3 kept, 0 removed, 1 foreign; the login ends at …`, with its line end.
std::string as_text(const RoundReport& report);
/// Each problem and warning as a line: `pulls: shop/regcred: …`.
std::string problems_text(const RoundReport& report);
/// `{"ok":…,"pullSecrets":[…]}` and a line end.
std::string as_json(const std::vector<RoundReport>& reports);

/// Writes lines for rounds in which something happened. A problem is told when it comes, when it changes, each hour while it lasts, and
/// when it is over. Not safe from many threads.
class RoundLog {
 public:
  explicit RoundLog(Log& log) : log_(log) {}
  void write(const RoundReport& report, TimePoint now);

 private:
  struct Told {
    std::string problems;
    TimePoint at{};
  };

  Log& log_;
  std::map<std::string, Told> told_;  ///< by pull secret
};

}  // namespace portcullis
