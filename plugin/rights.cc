#include "plugin/rights.h"

#include <string>
#include <utility>

#include "policy/access_claim.h"
#include "policy/decide.h"

namespace portcullis {
namespace {

bool is_traditional(const VerifiedToken& token) noexcept { return token.source == 0; }

/// Whether the `access` claim has a say. An empty claim has one, and grants nothing.
bool claim_decides(const Bearer& bearer, const RightsRules& rules) noexcept {
  if (!bearer.traditional) return false;
  switch (rules.access_claim) {
    case AccessClaimRule::required: return true;
    case AccessClaimRule::optional: return bearer.has_access_claim;
    case AccessClaimRule::ignored: return false;
  }
  return true;
}

bool policy_decides(const Bearer& bearer, const RightsRules& rules) noexcept {
  return rules.policy != nullptr && (!bearer.traditional || rules.policy_enforced);
}

Result<void> check_claim(const Bearer& bearer, const Access& access, TimePoint now, Trace* trace) {
  return bearer.token == nullptr ? bearer.claim : check_access_claim(*bearer.token, access, now, trace);
}

Error policy_refusal(const PolicyVerdict& verdict, const Policy& policy, std::string_view username) {
  std::string detail = verdict.rule.kind == RuleRef::Kind::none ? "no policy grants it" : "denied by " + policy.path_of(verdict.rule);
  // Who has no name is not known: a better token could help.
  if (username.empty()) return {Reason::scope_insufficient, std::move(detail) + ", and the token names no user"};
  return {Reason::policy_denied, std::move(detail)};
}

/// A mount whose source may not be read is never 403: containerd and podman break on it.
Rights without_source(Rights rights, const RightsRules& rules) {
  rights.drop_mount = rules.strips_mount;
  rights.refusal.reset();
  if (!rights.drop_mount) rights.refusal = Error{Reason::mount_source_denied, "the source of the mount may not be read"};
  return rights;
}

Rights refused(Error error) {
  Rights rights;
  rights.refusal = std::move(error);
  return rights;
}

}  // namespace

RightsRules rights_rules(const State& state) noexcept {
  return {.policy = state.policy.get(),
          .policy_expected = state.config.access_control != nullptr,
          .access_claim = state.rules.access_claim,
          .policy_enforced = state.rules.policy_enforced,
          .strips_mount = state.rules.strips_mount,
          .tag_lookup = state.rules.tag_lookup};
}

Bearer bearer_of(const VerifiedToken& token) noexcept {
  Bearer bearer;
  bearer.traditional = is_traditional(token);
  bearer.caller = {.username = token.identity.username,
                   .groups = token.identity.groups,
                   .claims = !bearer.traditional && token.claims ? &*token.claims : nullptr};
  bearer.has_access_claim = token.access.has_value();
  bearer.token = &token;
  return bearer;
}

Rights rights_of_bearer(const Bearer& bearer, const Access& access, const RightsRules& rules, const RequestFacts& facts, TimePoint now,
                        Trace* trace) {
  const bool by_claim = claim_decides(bearer, rules);
  const bool by_policy = policy_decides(bearer, rules);
  if (rules.policy == nullptr && rules.policy_expected) return refused({Reason::internal_error, "the policies were not compiled"});
  if (!by_claim && !by_policy) return refused({Reason::policy_denied, "neither an access claim nor a policy speaks for this token"});
  Rights rights;
  rights.refusal.reset();
  bool source_denied = false;
  if (by_claim) {
    auto claim = check_claim(bearer, access, now, trace);
    source_denied = !claim && claim.error().reason == Reason::mount_source_denied;
    if (!claim && !source_denied) return refused(claim.error());
  }
  if (by_policy) {
    const PolicyVerdict verdict = decide(*rules.policy, bearer.caller, access, facts, now, trace);
    rights.rule = verdict.rule;
    rights.message = verdict.message;
    rights.wants_tags = verdict.wants_tags && rules.tag_lookup;
    source_denied = source_denied || verdict.source_denied;
    if (!verdict.granted && !verdict.source_denied) {
      rights.refusal = policy_refusal(verdict, *rules.policy, bearer.caller.username);
      return rights;
    }
  }
  return source_denied ? without_source(std::move(rights), rules) : rights;
}

Rights rights_of(const VerifiedToken& token, const Access& access, const State& state, const RequestFacts& facts, TimePoint now,
                 Trace* trace) {
  return rights_of_bearer(bearer_of(token), access, rights_rules(state), facts, now, trace);
}

Rights rights_of_nobody(const Access& access, const RightsRules& rules, const RequestFacts& facts, TimePoint now, Trace* trace) {
  Rights rights = refused({Reason::token_missing, "no bearer token was sent"});
  if (rules.policy == nullptr || !rules.policy->has_anonymous() || access.repository.empty()) return rights;
  const PolicyVerdict verdict = decide(*rules.policy, {}, access, facts, now, trace);
  rights.rule = verdict.rule;
  rights.message = verdict.message;
  rights.wants_tags = verdict.wants_tags && rules.tag_lookup;
  if (verdict.granted) rights.refusal.reset();
  return rights;
}

}  // namespace portcullis
