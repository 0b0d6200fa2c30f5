// One right on one repository, judged by the rules: what `decide` asks for each right that a request needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policy/decide.h"

namespace portcullis {

/// One right that a request needs.
struct AskedRight {
  Action action = Action::none;
  std::string_view repository;  ///< empty: everything, as the catalog is
  std::string_view reference;   ///< tag or digest
  bool is_blob = false;         ///< of an upload
};

/// Judges the rights of one request. What it was made from outlives it; not to be shared between threads.
class Judge {
 public:
  Judge(const Policy& policy, const Caller& caller, const RequestFacts& facts, TimePoint now, Trace* trace);
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  /// Whether the rules grant `right`.
  bool grants(const AskedRight& right);
  /// Of the last right: the rule that granted or denied it.
  [[nodiscard]] const RuleRef& rule() const noexcept { return rule_; }
  /// Of the last right, where it is refused: what the client may read.
  [[nodiscard]] std::string_view message() const noexcept { return message_; }
  /// Of the last right, where it is refused and there is a trace: the nearest change that would have granted it.
  [[nodiscard]] const std::string& flip() const noexcept { return flip_; }

 private:
  enum class Held { yes, no, error };
  /// How far a rule was from deciding, nearest first.
  enum class Miss { denied, condition, error, action, caller, pattern, none };

  void look_up(std::string_view repository);
  void know_user();
  bool is_denied();
  bool is_granted();
  bool is_granted_by_policies(std::uint32_t repository, bool by_group);
  bool is_granted_by_admin();
  bool is_granted_by_set(ActionSet set, RuleRef::Kind kind, std::uint32_t repository, std::string_view step);
  [[nodiscard]] bool names_user(const PolicyRule& rule) const noexcept;
  bool names_group(const PolicyRule& rule);
  bool names_caller(const PolicyRule& rule) { return names_user(rule) || names_group(rule); }
  Held hold(const PolicyRule& rule);
  void collect_groups();
  bool decide_by(const RuleRef& rule) noexcept;

  // The trace.
  void note_patterns();
  void note(std::string_view step, bool passed, const RuleRef& rule, std::string_view what);
  void note_condition(std::string_view step, const RuleRef& rule, Held held, bool deny);
  void miss(Miss how, const RuleRef& rule, std::string_view what);

  const Policy& policy_;
  const Caller& caller_;
  const RequestFacts& facts_;
  Trace* const trace_;
  const std::uint64_t user_hash_;
  std::optional<std::uint32_t> user_;  ///< his number, once it is known
  bool knows_user_ = false;
  SmallList<std::uint32_t, 16> groups_;      ///< numbers of the groups that some rule names
  SmallList<std::string_view, 16> members_;  ///< groups that the configuration adds
  bool collected_ = false;
  std::optional<std::string_view> looked_up_;  ///< what `matches_` is of
  PatternMatches matches_;
  const PatternMatch* ruling_ = nullptr;
  ActionSet wanted_ = 0;
  RequestView view_;
  std::optional<RequestValues> values_;
  RuleRef rule_;
  std::string_view message_;
  std::size_t failed_condition_ = 0;
  std::string condition_error_;
  std::string flip_;
  Miss nearest_ = Miss::none;
};

}  // namespace portcullis
