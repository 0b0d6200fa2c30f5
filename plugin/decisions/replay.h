// Logged decisions, judged again by another configuration: what would change, for whom.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "plugin/decisions/logged.h"
#include "plugin/decisions/logged_claims.h"
#include "plugin/rights.h"
#include "plugin/state.h"

namespace portcullis {

/// What a logged decision asked for, as the daemon would read it from the request today. Reasons as of `requested_access` and
/// `asked_access`.
Result<Access> logged_access(const LoggedDecision& logged, const GateRules& rules);

/// Decisions that changed alike.
struct ReplayKey {
  bool to_allow = false;
  std::string username;    ///< empty: nobody that is known
  std::string repository;  ///< empty where the route has none
  std::string action;

  friend auto operator<=>(const ReplayKey&, const ReplayKey&) = default;
};
struct ReplayChange {
  std::uint64_t count = 0;
  Reason before = Reason::allowed;  ///< of the newest of them
  Reason after = Reason::allowed;
  std::string rule;  ///< of the new policy, that decided the newest of them; empty: none
};

/// Judges by the very rules that the daemon would judge by. Not to be shared between threads.
class Replay {
 public:
  /// `state` outlives it.
  explicit Replay(const State& state);

  void add(const LoggedDecision& logged);

  [[nodiscard]] std::uint64_t judged() const noexcept { return judged_; }
  [[nodiscard]] const std::map<ReplayKey, ReplayChange>& changes() const noexcept { return changes_; }
  /// Decisions that no policy could change or that cannot be asked again, by why: the reason of the refusal, or `no_question`, `cut`,
  /// `claims_not_logged`.
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& unjudged() const noexcept { return unjudged_; }
  /// The sum of changes in one direction.
  [[nodiscard]] std::uint64_t changed(bool to_allow) const noexcept;

 private:
  [[nodiscard]] std::string_view why_unjudged(const LoggedDecision& logged) const;
  [[nodiscard]] Rights judge(const LoggedDecision& logged, const Access& access);
  void count(std::string_view why, std::uint64_t weight);

  const State& state_;
  const RightsRules rules_;
  const LoggedClaims claims_;
  std::uint64_t judged_ = 0;
  std::map<ReplayKey, ReplayChange> changes_;
  std::map<std::string, std::uint64_t, std::less<>> unjudged_;
  // of one decision, kept for their memory
  std::vector<std::string> groups_;
  std::vector<TagFact> tags_;
  std::vector<std::pair<std::string_view, std::string_view>> headers_;
};

}  // namespace portcullis
