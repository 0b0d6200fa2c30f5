#include "plugin/decisions/recorder.h"

#include <vector>

#include "plugin/decisions/logged_claims.h"
#include "plugin/decisions/original.h"
#include "plugin/http/header_scan.h"
#include "policy/access_claim.h"

namespace portcullis {
namespace {

/// Hex digits of a digest that tell configurations apart.
constexpr std::size_t kDigestDigits = 16;

/// One pass over all headers: what the gate reads, and what only conditions read and this log. A name that is no token is none of them.
HeaderScan record_headers(const HttpRequest& request, const GateRules& rules, DecisionRecord& record, RecordScratch& scratch) {
  HeaderScan headers;
  scratch.forwarded_for.clear();
  for (const auto& [name, value] : request.headers) {
    note_fact(headers, name, value, rules);
    if (same_header_name(name, "user-agent")) record.set(RecordText::user_agent, value);
    if (!same_header_name(name, "x-forwarded-for")) continue;
    if (!scratch.forwarded_for.empty()) scratch.forwarded_for += ", ";
    scratch.forwarded_for += value;
  }
  record.set(RecordText::forwarded_for, scratch.forwarded_for);
  return headers;
}

void record_access(const Access& access, DecisionRecord& record, RecordScratch& scratch) {
  record.kind = access.kind;
  record.route = access.route;
  record.action = access.action;
  record.set(RecordText::repository, access.repository);
  record.set(RecordText::reference, access.reference);
  if (access.mount_source) record.set(RecordText::mount_source, *access.mount_source);
  record.has_mount_source = access.mount_source.has_value();
  if (access.tags.empty()) return;
  record.set_whole(RecordText::tags, pack_list(access.tags, scratch.tags));
}

void record_tags(std::span<const TagFact> tags, DecisionRecord& record, RecordScratch& scratch) {
  std::vector<std::string> existing;
  std::vector<std::string> missing;
  for (const TagFact& tag : tags) (tag.exists ? existing : missing).push_back(tag.tag);
  record.set_whole(RecordText::existing_tags, pack_list(existing, scratch.existing_tags));
  record.set_whole(RecordText::missing_tags, pack_list(missing, scratch.missing_tags));
}

void record_claims(const cel::Value& claims, const LoggedClaims& wanted, DecisionRecord& record, RecordScratch& scratch) {
  std::vector<std::string> absent;
  scratch.claims = pick_claims(claims, wanted, absent);
  record.set_whole(RecordText::claims, scratch.claims);
  record.set_whole(RecordText::absent_claims, pack_list(absent, scratch.absent_claims));
}

/// What the token's own claim says, whether or not the configuration asks it.
ScopeFact scope_of(const VerifiedToken& token, const Access& access, TimePoint now) {
  if (!token.access) return ScopeFact::absent;
  const auto claim = check_access_claim(token, access, now, nullptr);
  if (claim) return ScopeFact::granted;
  return claim.error().reason == Reason::mount_source_denied ? ScopeFact::source_denied : ScopeFact::insufficient;
}

void record_token(const VerifiedToken& token, const State& state, DecisionRecord& record, RecordScratch& scratch) {
  record.proof = Proof::token;
  record.key_generation = token.key_generation;
  record.set(RecordText::subject, token.subject);
  record.set(RecordText::username, token.identity.username);
  record.set(RecordText::issuer, token.issuer);
  record.set(RecordText::kid, token.key_id);
  record.set_whole(RecordText::groups, pack_list(token.identity.groups, scratch.groups));
  if (token.claims && !state.logged_claims.none()) record_claims(*token.claims, state.logged_claims, record, scratch);
}

/// A rule's place is a text that takes time to make; one rule decides again and again.
void record_rule(const RuleRef& rule, const State& state, DecisionRecord& record, RecordScratch& scratch) {
  if (rule.kind == RuleRef::Kind::none || state.policy == nullptr) return;
  if (scratch.rule_generation != state.config_generation || scratch.rule != rule) {
    scratch.rule_path = state.policy->path_of(rule);
    scratch.rule_generation = state.config_generation;  // only now: a path that could not be made is not remembered
    scratch.rule = rule;
  }
  record.set(RecordText::rule, scratch.rule_path);
}

}  // namespace

DecisionRecord record_decision(const HttpRequest& request, const GateAnswer& given, const State& state, std::span<const TagFact> tags,
                               TimePoint now, RecordScratch& scratch) {
  DecisionRecord record;
  record.time = now;
  const Decision& decision = *given.decision;
  const HeaderScan headers = record_headers(request, state.rules, record, scratch);
  const OriginalRequest original = original_request(request, headers, given.endpoint);
  record.endpoint = given.endpoint;
  record.reason = decision.reason();
  record.tls = same_header_name(only_value(headers[Fact::scheme]), "https");
  if (request.peer != nullptr) record.set(RecordText::peer, request.peer->text);
  record.set(RecordText::client, only_value(headers[Fact::client_address]));
  record.set(RecordText::method, original.method);
  if (decision.access) record_access(*decision.access, record, scratch);
  if (!tags.empty()) record_tags(tags, record, scratch);
  if (!decision.access || decision.access->kind == RouteKind::extra) {
    record.set(RecordText::path, original.uri.substr(0, original.uri.find('?')));
  }
  if (decision.token != nullptr) {
    record_token(*decision.token, state, record, scratch);
    if (decision.access && decision.token->source == 0) record.scope = scope_of(*decision.token, *decision.access, now);
  } else if (decision.anonymous || decision.reason() == Reason::token_missing) {
    record.proof = Proof::anonymous;
  }
  record_rule(decision.rule, state, record, scratch);
  record.set(RecordText::policy_digest, std::string_view(state.config.policy_digest).substr(0, kDigestDigits));
  record.set(RecordText::config_digest, std::string_view(state.config.digest).substr(0, kDigestDigits));
  return record;
}

}  // namespace portcullis
