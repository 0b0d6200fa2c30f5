#include "policy/policy.h"

#include <algorithm>
#include <utility>

#include "base/codec/json_writer.h"
#include "policy/grammar.h"

namespace portcullis {
namespace {

/// Whether `match` writes out the segment where `reserved` has its placeholder.
bool writes_out(const PatternMatch& match, const PatternMatch& reserved) noexcept {
  return match.placeholder == PatternMatch::kNoPlaceholder && reserved.placeholder < 64 &&
         (match.written_out >> reserved.placeholder & 1U) != 0;
}

}  // namespace

ActionSet action_bit(Action action) noexcept {
  switch (action) {
    case Action::read: return 1;
    case Action::create: return 2;
    case Action::update: return 4;
    case Action::delete_: return 8;
    case Action::none:
    case Action::create_or_update: break;
  }
  return 0;
}

ActionSet action_bit(std::string_view word) noexcept {
  if (word == "read") return action_bit(Action::read);
  if (word == "create") return action_bit(Action::create);
  if (word == "update") return action_bit(Action::update);
  if (word == "delete") return action_bit(Action::delete_);
  return word == "detectManifestCollision" ? 16 : 0;
}

void RepositoryRules::set_policies(std::vector<PolicyRule> policies) {
  has_denies = std::any_of(policies.begin(), policies.end(), [](const PolicyRule& rule) { return rule.deny; });
  policy_count_ = static_cast<std::uint32_t>(policies.size());
  if (policy_count_ == 1) {
    only_policy_ = std::move(policies.front());
  } else {
    policies_ = std::move(policies);
  }
}

void Policy::find(std::string_view repository, std::string_view username, PatternMatches& matches) const {
  index_.find(repository, is_name_component(username) ? username : std::string_view(), matches);
}

const PatternMatch* Policy::ruling(const PatternMatches& matches) const noexcept {
  const auto beats = [&](const PatternMatch& one, const PatternMatch& other) {
    if (one.length != other.length) return one.length > other.length;
    return repositories_[one.pattern].pattern < repositories_[other.pattern].pattern;
  };
  const PatternMatch* best = nullptr;
  for (const PatternMatch& match : matches) {
    // Of one pattern's alternatives, one in which the placeholder is the caller's name.
    const bool same = best != nullptr && best->pattern == match.pattern;
    if (best == nullptr || (same ? match.for_caller && !best->for_caller : beats(match, *best))) best = &match;
  }
  if (best == nullptr || best->placeholder == PatternMatch::kNoPlaceholder) return best;
  const PatternMatch* literal = nullptr;
  for (const PatternMatch& match : matches) {
    if (writes_out(match, *best) && (literal == nullptr || beats(match, *literal))) literal = &match;
  }
  return literal != nullptr ? literal : best;
}

std::optional<std::uint32_t> Policy::user_number(std::string_view name) const { return user_number(name, LabelTable::hash_of(name)); }

std::optional<std::uint32_t> Policy::user_number(std::string_view name, std::uint64_t hash) const {
  return users_.find(0, LabelTable::Kind::literal, name, hash);
}

std::optional<std::uint32_t> Policy::group_number(std::string_view name) const { return groups_.find(0, LabelTable::Kind::literal, name); }

std::string Policy::path_of(const RuleRef& rule) const {
  if (rule.kind == RuleRef::Kind::none) return {};
  if (rule.kind == RuleRef::Kind::admin_policy) return path_ + ".adminPolicy";
  std::string path = path_ + ".repositories[";
  append_json_string(path, repositories_[rule.repository].pattern);
  path += ']';
  switch (rule.kind) {
    case RuleRef::Kind::policy: return path + ".policies[" + std::to_string(rule.policy) + "]";
    case RuleRef::Kind::default_policy: return path + ".defaultPolicy";
    case RuleRef::Kind::anonymous_policy: return path + ".anonymousPolicy";
    case RuleRef::Kind::repository:
    case RuleRef::Kind::none:
    case RuleRef::Kind::admin_policy: break;
  }
  return path;
}

bool Policy::may_read_metrics(std::string_view username) const {
  if (username.empty()) return anonymous_metrics_;
  const auto number = user_number(username);
  return number && std::binary_search(metrics_users_.begin(), metrics_users_.end(), *number);
}

}  // namespace portcullis
