#include "policy/compile.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/codec/json_writer.h"
#include "base/large_pages.h"
#include "policy/overlaps.h"
#include "policy/pattern/lint.h"

namespace portcullis {
namespace {

/// Of one policy: a file that a program wrote would fill the log with one and the same.
constexpr std::size_t kMostWarnings = 100;

std::string key_path(std::string_view path, std::string_view key) {
  std::string out(path);
  out += '[';
  append_json_string(out, key);
  return out + "]";
}

std::string element_path(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

std::size_t deep_segments(const Pattern& pattern) {
  std::size_t most = 0;
  for (const PatternSegments& segments : pattern.alternatives()) {
    const auto deep =
        std::count_if(segments.begin(), segments.end(), [](const PatternSegment& one) { return one.kind == PatternSegment::Kind::deep; });
    most = std::max(most, static_cast<std::size_t>(deep));
  }
  return most;
}

void sort_out(std::vector<std::uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

}  // namespace

class PolicyCompiler {
 public:
  PolicyCompiler(const AccessControlConfig& config, const PolicyContext& context)
      : config_(config), context_(context), policy_(std::make_shared<Policy>()) {
    policy_->path_ = context.path;
  }

  CompiledPolicy run() {
    if (config_.repositories.size() > kMostPatterns)
      error(std::string(context_.path) + ".repositories", "has more than " + std::to_string(kMostPatterns) + " patterns");
    compile_groups();
    policy_->repositories_.reserve(std::min(config_.repositories.size(), kMostPatterns));
    for (const RepositoryPolicyConfig& repository : config_.repositories) compile_repository(repository);
    if (config_.admin_policy) policy_->admin_ = compile_rule(*config_.admin_policy, std::string(context_.path) + ".adminPolicy");
    compile_metrics();
    for (const auto& [left, right] : equal_overlaps(patterns_)) {
      warning(
          key_path(std::string(context_.path) + ".repositories", left),
          "may match the same repository as the equally long " + right + ", and then rules alone, being the smaller text; make one longer");
    }
    for (const auto& [longer, reserved] : beaten_templates(patterns_)) {
      warning(key_path(std::string(context_.path) + ".repositories", longer),
              "is longer than " + reserved +
                  ", and rules alone, for every user, where both match: a place is kept from others only where no longer pattern "
                  "matches it; write the names out, or make this one shorter");
    }
    if (warnings_ > kMostWarnings) {
      findings_.push_back(
          {Severity::warning, std::string(context_.path),
           std::to_string(warnings_ - kMostWarnings) + " more warnings are not listed; mend those that are, and ask again"});
    }
    const bool bad = std::any_of(findings_.begin(), findings_.end(), [](const Finding& one) { return one.severity == Severity::error; });
    if (bad) return {nullptr, std::move(findings_)};
    policy_->index_.build();
    prefer_large_pages(policy_->repositories_.data(), policy_->repositories_.size() * sizeof(RepositoryRules));
    policy_->users_.settle();
    policy_->memberships_.resize(policy_->user_names_.size());
    for (auto& groups : policy_->memberships_) sort_out(groups);
    return {std::move(policy_), std::move(findings_)};
  }

 private:
  void error(std::string path, std::string message) { findings_.push_back({Severity::error, std::move(path), std::move(message)}); }
  void warning(std::string path, std::string message) {
    if (++warnings_ <= kMostWarnings) findings_.push_back({Severity::warning, std::move(path), std::move(message)});
  }

  static std::uint32_t number_of(std::string_view name, LabelTable& numbers, std::vector<std::string>& names) {
    if (const auto known = numbers.find(0, LabelTable::Kind::literal, name)) return *known;
    const auto number = static_cast<std::uint32_t>(names.size());
    numbers.insert(0, LabelTable::Kind::literal, name, number);
    names.emplace_back(name);
    return number;
  }
  std::uint32_t user(std::string_view name) { return number_of(name, policy_->users_, policy_->user_names_); }
  std::uint32_t group(std::string_view name) { return number_of(name, policy_->groups_, policy_->group_names_); }

  /// "*" and "" are literal in zot, and never meant.
  bool check_user(const std::string& name, const std::string& path) {
    if (name == "*")
      error(path, "\"*\" is no user: rights of every known user stand in defaultPolicy, rights of everybody in anonymousPolicy");
    if (name.empty()) error(path, "\"\" is no user: rights without credentials stand in anonymousPolicy");
    return name != "*" && !name.empty();
  }

  std::vector<std::uint32_t> compile_users(const std::vector<std::string>& names, const std::string& path) {
    std::vector<std::uint32_t> numbers;
    for (const std::string& name : names) {
      if (check_user(name, path)) numbers.push_back(user(name));
    }
    sort_out(numbers);
    return numbers;
  }

  ActionSet compile_actions(const std::vector<std::string>& words, const std::string& path) {
    ActionSet set = 0;
    for (const std::string& word : words) {
      const ActionSet bit = action_bit(word);
      if (bit == 0) error(path, word + " is no action; actions are read, create, update, delete, detectManifestCollision");
      set |= bit;
    }
    return set;
  }

  void compile_groups() {
    for (const GroupConfig& one : config_.groups) {
      const std::string path = key_path(std::string(context_.path) + ".groups", one.name);
      const std::uint32_t number = group(one.name);
      if (!one.users.empty()) peopled_.insert(one.name);
      for (const std::uint32_t member : compile_users(one.users, path + ".users")) {
        policy_->memberships_.resize(policy_->user_names_.size());
        policy_->memberships_[member].push_back(number);
      }
    }
  }

  void compile_repository(const RepositoryPolicyConfig& repository) {
    const std::string path = key_path(std::string(context_.path) + ".repositories", repository.pattern);
    compile_pattern(repository.pattern, path);
    RepositoryRules rules;
    rules.pattern = repository.pattern;
    std::vector<PolicyRule> policies;
    for (std::size_t i = 0; i < repository.policies.size(); ++i) {
      policies.push_back(compile_rule(repository.policies[i], element_path(path + ".policies", i)));
    }
    rules.set_policies(std::move(policies));
    rules.default_policy = compile_actions(repository.default_policy, path + ".defaultPolicy");
    rules.anonymous_policy = compile_actions(repository.anonymous_policy, path + ".anonymousPolicy");
    check_pushes(rules.default_policy, path + ".defaultPolicy");
    check_pushes(rules.anonymous_policy, path + ".anonymousPolicy");
    policy_->has_anonymous_ = policy_->has_anonymous_ || rules.anonymous_policy != 0;
    policy_->repositories_.push_back(std::move(rules));
  }

  void compile_pattern(const std::string& text, const std::string& path) {
    auto pattern = Pattern::parse(text, Placeholders::known);
    if (!pattern) return error(path, "syntax error in pattern: " + pattern.error().detail);
    if (text.empty()) return error(path, "the pattern is empty, and matches nothing; write ** for every repository");
    if (deep_segments(*pattern) > kMostDeepSegments)
      return error(path, "the pattern has more than " + std::to_string(kMostDeepSegments) + " segments **; write fewer");
    for (std::string& note : lint_pattern(*pattern)) warning(path, std::move(note));
    const auto number = static_cast<std::uint32_t>(policy_->repositories_.size());
    if (text == "**") policy_->everything_ = number;
    policy_->index_.add(*pattern, number);
    patterns_.push_back(std::move(pattern).value());
  }

  PolicyRule compile_rule(const PolicyConfig& policy, const std::string& path) {
    PolicyRule rule;
    rule.users = NumberSet(compile_users(policy.users, path + ".users"));
    std::vector<std::uint32_t> groups;
    for (const std::string& name : policy.groups) {
      groups.push_back(group(name));
      if (!context_.tokens_name_groups && peopled_.count(name) == 0)
        warning(path + ".groups",
                "nobody is in the group " + name + ": no source of tokens maps groups, and accessControl.groups lists no member");
    }
    sort_out(groups);
    rule.groups = NumberSet(groups);
    rule.actions = compile_actions(policy.actions, path + ".actions");
    rule.deny = policy.deny;
    rule.everyone = policy.deny && policy.users.empty() && policy.groups.empty();
    if (!policy.deny && policy.users.empty() && policy.groups.empty())
      warning(path, "names neither users nor groups, and grants nobody anything; rights of every known user stand in defaultPolicy");
    if (rule.actions == 0) warning(path + ".actions", "names no action, and so the policy does nothing");
    if (!policy.deny) check_pushes(rule.actions, path + ".actions");
    for (std::size_t i = 0; i < policy.conditions.size(); ++i)
      compile_one(policy.conditions[i], element_path(path + ".conditions", i), i, path, rule);
    rule.conditional = !rule.conditions.empty();
    policy_->fields_ |= rule.fields;
    return rule;
  }

  /// zot's words for the place stand in the text, for those who look them up.
  void compile_one(const ConditionConfig& condition, const std::string& path, std::size_t index, const std::string& rule_path,
                   PolicyRule& rule) {
    auto compiled = compile_condition(condition.expression, condition.message);
    if (!compiled) {
      const std::string_view stem = std::string_view(rule_path).substr(context_.path.size() + 1);
      return error(path + ".expression", std::string(stem) + ": condition[" + std::to_string(index) + "]: " + compiled.error().detail);
    }
    for (std::string& note : unknown_members(*compiled)) warning(path + ".expression", std::move(note));
    if (context_.decisions_logged && reads_unnamed_claims(*compiled))
      warning(path + ".expression",
              "which claims it reads cannot be told from its text: the decision log keeps none of them, and replay cannot judge its lines "
              "by this policy; name them, as in req.claims.team");
    rule.fields |= compiled->fields;
    rule.conditions.push_back(std::move(compiled).value());
  }

  /// A gate cannot know safely whether a tag exists: without a look-up a push needs both.
  void check_pushes(ActionSet actions, const std::string& path) {
    const bool create = (actions & action_bit(Action::create)) != 0;
    const bool update = (actions & action_bit(Action::update)) != 0;
    if (context_.tag_lookup || create == update) return;
    warning(path, std::string(create ? "create without update" : "update without create") +
                      " pushes no tag: whether it exists is not known here, and both are needed; grant both, or set "
                      "portcullis.registry.tagLookup to \"advisory\"");
  }

  void compile_metrics() {
    if (!config_.metrics) return;
    const std::string path = std::string(context_.path) + ".metrics";
    policy_->has_metrics_ = true;
    policy_->metrics_users_ = compile_users(config_.metrics->users, path + ".users");
    const ActionSet anonymous = compile_actions(config_.metrics->anonymous_policy, path + ".anonymousPolicy");
    policy_->anonymous_metrics_ = (anonymous & action_bit(Action::read)) != 0;
    if (config_.metrics->users.empty() && !policy_->anonymous_metrics_)
      warning(path, "lists no users: nobody can read metrics where the admin listener is not on loopback");
  }

  const AccessControlConfig& config_;
  const PolicyContext& context_;
  std::shared_ptr<Policy> policy_;
  std::vector<Finding> findings_;
  std::size_t warnings_ = 0;
  std::vector<Pattern> patterns_;
  std::unordered_set<std::string> peopled_;
};

CompiledPolicy compile_policy(const AccessControlConfig& config, const PolicyContext& context) {
  return PolicyCompiler(config, context).run();
}

}  // namespace portcullis
