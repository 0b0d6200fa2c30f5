#include "plugin/decisions/replay.h"

#include <utility>

#include "plugin/http/client_address.h"
#include "policy/cel/value.h"

namespace portcullis {
namespace {

/// A logged question was within the limits once; rebuilt it may be a little longer.
constexpr RouteLimits kLimits{.uri_bytes = 64UL * 1024};
/// Stands for an upload's own id, which no policy sees.
constexpr std::string_view kUploadId = "replayed";

/// Puts `value` in the place of `name` in a route's pattern.
void fill_in(std::string& path, std::string_view name, std::string_view value) {
  const std::size_t at = path.find(name);
  if (at != std::string::npos) path.replace(at, name.size(), value);
}

void add_parameter(std::string& uri, std::string_view name, std::string_view value) {
  uri.append(1, uri.find('?') == std::string::npos ? '?' : '&').append(name).append(1, '=').append(value);
}

/// A request line that is read as the logged one was.
std::string uri_of(const LoggedDecision& logged) {
  if (logged.route == "extra") return std::string(logged.path);
  std::string uri(logged.route.substr(0, logged.route.find('?')));
  const bool upload = uri.find("/blobs/uploads/") != std::string::npos;
  const bool mount = logged.route.find("?mount=") != std::string_view::npos;
  fill_in(uri, "<name>", logged.repository);
  fill_in(uri, "<reference>", logged.reference);
  fill_in(uri, "<digest>", logged.reference);
  fill_in(uri, "<id>", kUploadId);
  if (upload && !logged.reference.empty()) add_parameter(uri, mount ? "mount" : "digest", logged.reference);
  if (logged.mount_source) add_parameter(uri, "from", *logged.mount_source);
  if (logged.reference.find(':') != std::string_view::npos && !upload)
    for (const std::string_view tag : logged.tags) add_parameter(uri, "tag", tag);
  return uri;
}

/// Whether a refusal for this reason says something of rights. The others are decided before anybody looks at a policy.
bool is_about_rights(Reason reason) noexcept {
  return reason == Reason::allowed || reason == Reason::scope_insufficient || reason == Reason::mount_source_denied ||
         reason == Reason::policy_denied || reason == Reason::token_missing;
}

Result<void> claim_of(ScopeFact scope) {
  switch (scope) {
    case ScopeFact::granted: return {};
    case ScopeFact::source_denied: return Error{Reason::mount_source_denied, "as logged"};
    case ScopeFact::not_asked:
    case ScopeFact::absent:
    case ScopeFact::insufficient: break;
  }
  return Error{Reason::scope_insufficient, "as logged"};
}

}  // namespace

Result<Access> logged_access(const LoggedDecision& logged, const GateRules& rules) {
  if (logged.route == "the question") return asked_access(logged.repository, logged.action == "create_or_update" ? "push" : logged.action);
  return requested_access(logged.method, uri_of(logged), rules.extra_routes, kLimits);
}

Replay::Replay(const State& state)
    : state_(state), rules_(rights_rules(state)), claims_(state.policy ? claims_read_by(*state.policy) : LoggedClaims{}) {}

void Replay::count(std::string_view why, std::uint64_t weight) {
  const auto found = unjudged_.find(why);
  if (found != unjudged_.end())
    found->second += weight;
  else
    unjudged_.emplace(why, weight);
}

/// Empty where it can be judged.
std::string_view Replay::why_unjudged(const LoggedDecision& logged) const {
  if (!is_about_rights(logged.reason)) return reason_name(logged.reason);
  if (logged.route.empty()) return "no_question";
  if (logged.proof == Proof::none) return reason_name(logged.reason);
  if (logged.cut) return "cut";
  const bool issuer = logged.proof == Proof::token && logged.scope == ScopeFact::not_asked;
  if (issuer && !claims_.are_in(logged.claims, logged.absent_claims)) return "claims_not_logged";
  return {};
}

Rights Replay::judge(const LoggedDecision& logged, const Access& access) {
  headers_ = {{"User-Agent", logged.user_agent}};
  if (!logged.forwarded_for.empty()) headers_.emplace_back("X-Forwarded-For", logged.forwarded_for);
  tags_.clear();
  for (const std::string_view tag : logged.existing_tags) tags_.push_back({std::string(tag), true});
  for (const std::string_view tag : logged.missing_tags) tags_.push_back({std::string(tag), false});
  const RequestFacts facts{.method = logged.method,
                           .client = client_address(logged.client),  // the line has what the proxy wrote
                           .peer = logged.peer,
                           .scheme = logged.tls ? std::string_view("https") : std::string_view("http"),
                           .headers = headers_,
                           .tags = tags_};
  if (logged.proof == Proof::anonymous) return rights_of_nobody(access, rules_, facts, logged.time, nullptr);
  groups_.assign(logged.groups.begin(), logged.groups.end());
  std::optional<cel::Value> claims;
  if (logged.claims.exists()) claims = cel::value_from_json(logged.claims);
  const Bearer bearer{.caller = {.username = logged.username, .groups = groups_, .claims = claims ? &*claims : nullptr},
                      .traditional = logged.scope != ScopeFact::not_asked,
                      .has_access_claim = logged.scope != ScopeFact::absent,
                      .token = nullptr,
                      .claim = claim_of(logged.scope)};
  return rights_of_bearer(bearer, access, rules_, facts, logged.time, nullptr);
}

void Replay::add(const LoggedDecision& logged) {
  if (const std::string_view why = why_unjudged(logged); !why.empty()) return count(why, logged.weight);
  const auto access = logged_access(logged, state_.rules);
  if (!access) return count(reason_name(access.error().reason), logged.weight);
  const Rights rights = judge(logged, *access);
  judged_ += logged.weight;
  const bool allowed = !rights.refusal.has_value();
  if (allowed == logged.allowed()) return;
  const bool known = logged.proof == Proof::token;
  ReplayChange& change = changes_[{.to_allow = allowed,
                                   .username = std::string(known ? logged.username : std::string_view()),
                                   .repository = std::string(logged.repository),
                                   .action = std::string(logged.action)}];
  change.count += logged.weight;
  change.before = logged.reason;
  change.after = allowed ? Reason::allowed : rights.refusal->reason;
  change.rule = rules_.policy != nullptr ? rules_.policy->path_of(rights.rule) : std::string();
}

std::uint64_t Replay::changed(bool to_allow) const noexcept {
  std::uint64_t sum = 0;
  for (const auto& [key, change] : changes_)
    if (key.to_allow == to_allow) sum += change.count;
  return sum;
}

}  // namespace portcullis
