#include "policy/policy_tests.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/codec/json.h"
#include "base/codec/percent.h"
#include "policy/decide.h"
#include "verifier/timestamp.h"

namespace portcullis {
namespace {

constexpr JsonLimits kClaimsLimits{.bytes = 1024UL * 1024, .depth = 32, .members = 10'000};

Error unanswerable(std::string_view member, const std::string& message) {
  return {Reason::bad_request, std::string(member) + ": " + message};
}

/// Who asks, and what is known of the request; owns what the views of `Caller` and `RequestFacts` borrow.
class Asker {
 public:
  explicit Asker(const PolicyTestConfig& test) : test_(test) {
    if (test.claims) {
      if (const auto document = parse_json(*test.claims, kClaimsLimits); document.ok()) claims_ = cel::value_from_json(document->root());
    }
    if (test.user_agent) headers_[0] = {"User-Agent", *test.user_agent};
  }

  [[nodiscard]] bool is_nobody() const noexcept { return !test_.user && test_.groups.empty() && !test_.claims; }
  [[nodiscard]] Caller caller() const noexcept {
    return {.username = test_.user ? std::string_view(*test_.user) : std::string_view(),
            .groups = test_.groups,
            .claims = claims_ ? &*claims_ : nullptr};
  }
  /// The tags that `access` writes are all there, or all not.
  [[nodiscard]] RequestFacts facts(const Access& access) {
    tags_.clear();
    if (test_.tag_exists) {
      for (const std::string& tag : written_tags(access)) tags_.push_back({tag, *test_.tag_exists});
    }
    RequestFacts facts;
    facts.method = test_.method;
    facts.client = test_.client ? std::string_view(*test_.client) : std::string_view();
    facts.headers = std::span(headers_).first(test_.user_agent ? 1 : 0);
    facts.tags = tags_;
    return facts;
  }

 private:
  const PolicyTestConfig& test_;
  std::optional<cel::Value> claims_;
  std::array<std::pair<std::string_view, std::string_view>, 1> headers_;
  std::vector<TagFact> tags_;
};

/// As the gate maps what the policies say (plugin/rights.h).
Reason reason_of(const PolicyVerdict& verdict, const Caller& caller, bool nobody, bool strips_mount) {
  if (verdict.granted) return Reason::allowed;
  if (nobody) return Reason::token_missing;
  if (verdict.source_denied) return strips_mount ? Reason::allowed : Reason::mount_source_denied;
  return caller.username.empty() ? Reason::scope_insufficient : Reason::policy_denied;
}

std::string_view answer_name(bool allow) { return allow ? "allow" : "deny"; }

/// What the trace says of how the other answer would have come about.
std::string explanation(const Trace& trace, bool allowed) {
  const std::vector<TraceStep>& steps = trace.steps();
  const auto last = std::find_if(steps.rbegin(), steps.rend(), [&](const TraceStep& step) {
    return allowed ? step.passed && step.step != "access" && step.step != "pattern" && step.step != "route" : step.step == "flip";
  });
  return last == steps.rend() ? std::string() : ": " + last->detail;
}

std::optional<std::string> fault_of(const PolicyTestConfig& test, const Policy& policy, const PolicyTestContext& context) {
  const auto known = all_reasons();
  const bool reason_known =
      !test.reason || std::any_of(known.begin(), known.end(), [&](const ReasonRow& row) { return row.name == *test.reason; });
  if (!reason_known)
    return "reason: there is no reason called '" + escape_for_log(*test.reason) + "'; portcullis routes --reasons lists them";
  if (!test.at && reads_time(policy.fields())) return "at: must be given: a condition of the policies reads req.time";
  const Result<PolicyTestAnswer> answer = answer_policy_test(test, policy, context);
  if (!answer) return answer.error().detail;
  const bool allowed = answer->reason == Reason::allowed;
  const std::string got = std::string(answer_name(allowed)) + (allowed ? "" : " (" + std::string(reason_name(answer->reason)) + ")");
  if (allowed != test.allow) {
    return "expected " + std::string(answer_name(test.allow)) + ", and the policies say " + got + explanation(answer->trace, allowed);
  }
  if (!test.reason || *test.reason == reason_name(answer->reason)) return std::nullopt;
  return "expected the reason " + *test.reason + ", and it is " + std::string(reason_name(answer->reason));
}

}  // namespace

Result<PolicyTestAnswer> answer_policy_test(const PolicyTestConfig& test, const Policy& policy, const PolicyTestContext& context) {
  const std::optional<TimePoint> now = test.at ? parse_timestamp(*test.at) : std::optional(TimePoint{});
  if (!now) return unanswerable("at", "'" + escape_for_log(*test.at) + "' is no RFC 3339 time, such as 2026-03-01T12:00:00Z");
  PolicyTestAnswer answer;
  const Result<Access> access = requested_access(test.method, test.uri, context.extra_routes, context.route_limits);
  answer.trace.add("route", access.ok(), access.ok() ? std::string(access->route) : access.error().detail);
  if (!access) {
    answer.reason = access.error().reason;
    return answer;
  }
  Asker asker(test);
  const bool nobody = asker.is_nobody();
  if (nobody && (!policy.has_anonymous() || access->repository.empty())) {
    answer.reason = Reason::token_missing;
    return answer;
  }
  const Caller caller = asker.caller();
  const PolicyVerdict verdict = decide(policy, caller, *access, asker.facts(*access), *now, &answer.trace);
  answer.reason = reason_of(verdict, caller, nobody, context.strips_mount);
  return answer;
}

std::vector<Finding> run_policy_tests(std::span<const PolicyTestConfig> tests, const Policy& policy, const PolicyTestContext& context) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (auto fault = fault_of(tests[i], policy, context)) {
      findings.push_back({Severity::error, "portcullis.policyTests[" + std::to_string(i) + "]",
                          "policy test '" + escape_for_log(tests[i].name) + "': " + *std::move(fault)});
    }
  }
  return findings;
}

}  // namespace portcullis
