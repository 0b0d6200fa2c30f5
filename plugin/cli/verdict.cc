#include "plugin/cli/verdict.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "base/report/log.h"
#include "plugin/authorize.h"
#include "plugin/cli/paint.h"
#include "policy/decide.h"
#include "policy/route.h"

namespace portcullis {
namespace {

std::string needs_text(const Access& access) {
  std::string text;
  for (const Need& need : access.needs) {
    if (!text.empty()) text += ' ';
    text.append(need.type).append(":").append(need.name).append(":").append(need.action);
  }
  return text.empty() ? "a valid token" : text;
}

void refuse_with(Verdict& verdict, const Error& error) {
  verdict.reason = error.reason;
  verdict.detail = error.detail;
}

/// The tags that `access` writes: all of them there, or none, as the question says.
std::vector<TagFact> tag_facts(const Question& question, const Result<Access>& access) {
  std::vector<TagFact> facts;
  if (!question.tag_exists || !access.ok()) return facts;
  for (const std::string& tag : written_tags(*access)) facts.push_back({tag, *question.tag_exists});
  return facts;
}

/// A request line, or a repository and an action instead of one.
void judge_access(const Question& question, const State& state, TimePoint now, Verdict& verdict) {
  const Result<Access> access = question.uri.empty()
                                    ? asked_access(question.repository, question.action)
                                    : requested_access(question.method, question.uri, state.rules.extra_routes, state.rules.route_limits);
  const std::vector<TagFact> tags = tag_facts(question, access);
  const std::array<std::pair<std::string_view, std::string_view>, 1> headers = {{{"User-Agent", question.user_agent}}};
  RequestFacts facts;
  facts.client = question.client;
  facts.headers = std::span(headers).first(question.user_agent.empty() ? 0 : 1);
  facts.tags = tags;
  const AuthRequest request{
      .method = question.method, .uri = question.uri, .token = question.token, .client = question.client, .facts = facts};
  const Decision decision = question.uri.empty()
                                ? authorize_access(access, question.token, state, nullptr, now, &verdict.trace, nullptr, facts)
                                : authorize(request, state, nullptr, now, &verdict.trace);
  verdict.token = decision.token;
  if (decision.access) verdict.needs = needs_text(*decision.access);
  if (decision.refusal) refuse_with(verdict, *decision.refusal);
}

void write_token(JsonWriter& json, const VerifiedToken& token) {
  json.key("subject").string(token.subject).key("username").string(token.identity.username).key("groups").begin_array();
  for (const std::string& group : token.identity.groups) json.string(group);
  json.end_array().key("issuer").string(token.issuer).key("kid").string(token.key_id);
  json.key("alg").string(algorithm_name(token.algorithm)).key("expires");
  if (token.expires) {
    json.integer(token.expires->time_since_epoch().count());
  } else {
    json.null();
  }
  json.key("access").begin_array();
  if (token.access) {
    for (const AccessEntry& entry : *token.access) {
      json.begin_object().key("type").string(entry.type).key("name").string(entry.name).key("actions").begin_array();
      for (const std::string& action : entry.actions) json.string(action);
      json.end_array().end_object();
    }
  }
  json.end_array().key("source").string(token.source == 0 ? "traditional" : "oidc");
}

/// What the operator or the client has to do about the first step that failed.
std::string mending(const Verdict& verdict) {
  std::string text(reason_row(verdict.reason).meaning);
  const bool scope = verdict.reason == Reason::scope_insufficient || verdict.reason == Reason::mount_source_denied;
  if (scope) text += " A token that grants " + verdict.needs + " would be let in.";
  if (!verdict.flip().empty()) text.append(" By the policies ").append(verdict.flip()).append(".");
  return text;
}

/// Steps of the search for a rule that grants: one that does not is no fault yet.
bool is_search(std::string_view step) {
  constexpr std::array<std::string_view, 5> kSearch = {"pattern", "policy", "default_policy", "admin_policy", "anonymous_policy"};
  return std::find(kSearch.begin(), kSearch.end(), step) != kSearch.end();
}

/// What stands before a step: good, what refuses, looked at in passing, or what would mend it.
std::string step_mark(const CommandContext& context, const TraceStep& step, bool allowed) {
  if (step.step == "flip") return paint(context, Colour::yellow, "  mend  ");
  if (step.passed) return paint(context, Colour::green, "  ok    ");
  return allowed || is_search(step.step) ? paint(context, Colour::faint, "  -     ") : paint(context, Colour::red, "  FAIL  ");
}

std::string asked_text(const Question& question) {
  if (!question.uri.empty()) return escape_for_log(question.method) + " " + escape_for_log(question.uri);
  if (!question.repository.empty()) return escape_for_log(question.action) + " " + escape_for_log(question.repository);
  return "the token";
}

/// Why a source has no keys. The daemon's own steps are shown to clients, and say nothing of its files; here it is the operator who asks.
std::string cause_of(const std::string& step, const State& state) {
  for (std::size_t i = 0; i <= state.issuers.sources().size(); ++i) {
    const SourceState& source = state.source_at(i);
    if (!source.last_error || step != "source " + source.name + " is " + std::string(freshness_name(Freshness::empty))) continue;
    const Error& error = *source.last_error;
    return "nothing loaded from source " + source.name + ": " +
           (error.detail.empty() ? std::string(reason_row(error.reason).meaning) : error.detail);
  }
  return step;
}

Trace with_causes(const Trace& trace, const State& state) {
  Trace told;
  for (const TraceStep& step : trace.steps())
    told.add(step.step, step.passed, step.step == "keys" && !step.passed ? cause_of(step.detail, state) : step.detail);
  return told;
}

}  // namespace

std::string_view Verdict::flip() const noexcept {
  // Of several rights the first that was refused is told: the others were not asked for its sake.
  for (const TraceStep& step : trace.steps()) {
    if (step.step == "flip" && reason != Reason::allowed) return step.detail;
  }
  return {};
}

Verdict judge(const Question& question, const State& state, TimePoint now) {
  const bool access_asked = !question.uri.empty() || !question.repository.empty();
  Verdict verdict{.access_asked = access_asked, .reason = Reason::allowed, .detail = {}, .needs = {}, .token = nullptr, .trace = {}};
  if (access_asked) {
    judge_access(question, state, now, verdict);
    verdict.trace = with_causes(verdict.trace, state);
    return verdict;
  }
  if (!question.token) {
    refuse_with(verdict, {Reason::token_missing, "no bearer token was sent"});
    return verdict;
  }
  const Result<CheckedToken> checked = check_token(*question.token, state, nullptr, now, &verdict.trace);
  if (checked.ok()) {
    verdict.token = checked->token;
  } else {
    refuse_with(verdict, checked.error());
    verdict.trace = with_causes(verdict.trace, state);
  }
  return verdict;
}

ExitStatus status_of(Reason reason) noexcept {
  switch (reason_row(reason).outcome) {
    case Outcome::allow: return ExitStatus::yes;
    case Outcome::challenge:
    case Outcome::forbid: return ExitStatus::no;
    case Outcome::unavailable:
    case Outcome::fault: return ExitStatus::cannot_judge;
  }
  std::abort();
}

std::string verdict_text(const CommandContext& context, const Question& question, const Verdict& verdict) {
  const bool allowed = verdict.reason == Reason::allowed;
  std::string out = allowed                                       ? paint(context, Colour::green, "allow")
                    : status_of(verdict.reason) == ExitStatus::no ? paint(context, Colour::red, "deny")
                                                                  : paint(context, Colour::yellow, "cannot judge");
  out += ": " + asked_text(question) + "\n";
  if (!verdict.needs.empty()) out += "needs: " + verdict.needs + "\n";
  if (verdict.token) {
    const VerifiedToken& token = *verdict.token;
    out += "user: " + (token.identity.username.empty() ? "-" : escape_for_log(token.identity.username)) + ", key " +
           (token.key_id.empty() ? "-" : escape_for_log(token.key_id)) + ", " + std::string(algorithm_name(token.algorithm)) +
           ", expires " + (token.expires ? to_rfc3339(TimePoint(*token.expires)) : "never") + "\n";
  }
  std::string steps;
  for (const TraceStep& step : verdict.trace.steps()) {
    steps += step_mark(context, step, allowed);
    steps += step.step;
    if (!step.detail.empty()) steps += ": " + step.detail;
    steps += '\n';
  }
  if (!steps.empty()) out += "steps:\n" + steps;
  if (allowed) return out;
  out += "reason: " + std::string(reason_name(verdict.reason));
  if (!verdict.detail.empty()) out += ": " + verdict.detail;
  return out + "\nto mend: " + mending(verdict) + "\n";
}

std::string verdict_json(const Verdict& verdict) {
  JsonWriter json;
  json.begin_object().key("active").boolean(verdict.token != nullptr);
  if (verdict.access_asked) json.key("decision").string(verdict.reason == Reason::allowed ? "allow" : "deny");
  json.key("reason").string(reason_name(verdict.reason)).key("detail").string(verdict.detail);
  json.key("meaning").string(reason_row(verdict.reason).meaning);
  if (!verdict.needs.empty()) json.key("needs").string(verdict.needs);
  if (!verdict.flip().empty()) json.key("flip").string(verdict.flip());
  if (verdict.token) write_token(json, *verdict.token);
  json.key("trace").begin_array();
  for (const TraceStep& step : verdict.trace.steps()) {
    json.begin_object().key("step").string(step.step).key("passed").boolean(step.passed).key("detail").string(step.detail).end_object();
  }
  json.end_array().end_object();
  return std::move(json).text() + "\n";
}

}  // namespace portcullis
