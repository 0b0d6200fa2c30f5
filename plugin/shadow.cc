#include "plugin/shadow.h"

#include <algorithm>
#include <utility>

#include "base/codec/percent.h"
#include "plugin/decisions/original.h"
#include "plugin/policies.h"
#include "plugin/rights.h"

namespace portcullis {
namespace {

/// Whether a decision says something of rights that a policy could give or take.
bool is_about_rights(Reason reason) noexcept {
  return reason == Reason::allowed || reason == Reason::scope_insufficient || reason == Reason::mount_source_denied ||
         reason == Reason::policy_denied || reason == Reason::token_missing;
}

/// A question about a request to the registry, and by whom.
bool can_be_judged(const GateAnswer& given) noexcept {
  if (!given.decision || !given.decision->access || !is_about_rights(given.decision->reason())) return false;
  return given.endpoint == Endpoint::auth || given.endpoint == Endpoint::forward || given.endpoint == Endpoint::envoy;
}

}  // namespace

CompiledPolicy compile_shadow(const Config& config) {
  if (!config.shadow) return {};
  return compile_policy(*config.shadow, {.path = "portcullis.shadow",
                                         .tag_lookup = config.registry.tag_lookup,
                                         .tokens_name_groups = tokens_name_groups(config),
                                         .decisions_logged = config.decision_log.output.has_value()});
}

void set_shadow(State& state, std::shared_ptr<const Policy> shadow) {
  const LoggedClaims read = logged_claims_of(shadow.get());
  set_shadow(state, std::move(shadow), read);
}

void set_shadow(State& state, std::shared_ptr<const Policy> shadow, const LoggedClaims& read) {
  if (shadow != nullptr && reads_claims(shadow->fields())) {
    for (IssuerRules& issuer : state.rules.issuers) issuer.tokens.keep_claims = true;
    state.logged_claims.add(read);
  }
  state.shadow = std::move(shadow);
}

ShadowVerdict judge_shadow(const HttpRequest& request, const GateAnswer& given, const State& state, std::span<const TagFact> tags,
                           TimePoint now) {
  if (state.shadow == nullptr || !can_be_judged(given)) return ShadowVerdict::not_judged;
  const Decision& decision = *given.decision;
  const HeaderScan headers = scan_headers(request, state.rules);
  const RequestFacts facts = original_facts(request, headers, given.endpoint, tags);
  RightsRules rules = rights_rules(state);
  rules.policy = state.shadow.get();
  rules.policy_expected = true;
  const Rights rights = decision.token != nullptr
                            ? rights_of_bearer(bearer_of(*decision.token), *decision.access, rules, facts, now, nullptr)
                            : rights_of_nobody(*decision.access, rules, facts, now, nullptr);
  const bool allows = !rights.refusal.has_value();
  if (allows == decision.allowed()) return ShadowVerdict::agrees;
  return allows ? ShadowVerdict::would_allow : ShadowVerdict::would_deny;
}

void ShadowReport::note(const HttpRequest& request, const GateAnswer& given, const State& state, std::span<const TagFact> tags,
                        std::string_view id, TimePoint now) {
  if (state.shadow == nullptr) return;
  const ShadowVerdict verdict = judge_shadow(request, given, state, tags, now);
  if (verdict != ShadowVerdict::would_allow && verdict != ShadowVerdict::would_deny) return;
  const bool to_allow = verdict == ShadowVerdict::would_allow;
  metrics_.count_shadow_disagreement(to_allow);
  if (!log_.wants(LogLevel::info) || !admit(now)) return;
  const Decision& decision = *given.decision;
  const std::string user = decision.token != nullptr ? escape_for_log(decision.token->identity.username) : std::string();
  log_.write(LogLevel::info, "the shadow policy disagrees",
             {{"id", id},
              {"direction", to_allow ? "deny_to_allow" : "allow_to_deny"},
              {"username", user},
              {"route", decision.access->route},
              {"repository", decision.access->repository},
              {"action", action_name(decision.access->action)}});
}

/// Whether there is room for another line in this second.
bool ShadowReport::admit(TimePoint now) noexcept {
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  std::int64_t before = second_.load(std::memory_order_relaxed);
  if (before != second && second_.compare_exchange_strong(before, second, std::memory_order_relaxed))
    lines_.store(0, std::memory_order_relaxed);
  return lines_.fetch_add(1, std::memory_order_relaxed) < kLinesPerSecond;
}

}  // namespace portcullis
