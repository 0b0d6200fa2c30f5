// Security Token Service: AssumeRole by trust policy and external id, GetCallerIdentity (API version 2011-06-15).
#include <algorithm>
#include <charconv>

#include "tests/fake_aws/mint.h"
#include "tests/fake_aws/services.h"

namespace portcullis::fake_aws {
namespace {

constexpr std::int64_t kShortestSession = 900;
constexpr std::int64_t kLongestSession = 43200;
constexpr std::int64_t kLongestChained = 3600;
constexpr std::size_t kLongestPolicy = 2048;
constexpr std::string_view kSessionLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";
constexpr std::string_view kExternalLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@:/-";

Refusal invalid(std::string_view value, std::string_view member, std::string_view constraint) {
  return {400, "ValidationError",
          "1 validation error detected: Value '" + std::string(value) + "' at '" + std::string(member) +
              "' failed to satisfy constraint: " + std::string(constraint)};
}

std::optional<Refusal> check_text(const Form& input, std::string_view name, std::string_view member, std::size_t most,
                                  std::string_view letters, bool needed) {
  const auto text = input.get(name);
  if (!text) return needed ? std::optional(invalid("null", member, "Member must not be null")) : std::nullopt;
  if (text->size() < 2) return invalid(*text, member, "Member must have length greater than or equal to 2");
  if (text->size() > most) return invalid(*text, member, "Member must have length less than or equal to " + std::to_string(most));
  if (text->find_first_not_of(letters) != std::string::npos)
    return invalid(*text, member, "Member must satisfy regular expression pattern");
  return std::nullopt;
}

bool is_trusted(const Principal& principal, const Trust& trust, const World& world) {
  return std::any_of(trust.principals.begin(), trust.principals.end(), [&](const std::string& entry) {
    return entry == "*" || entry == principal.arn || (!principal.role_arn.empty() && entry == principal.role_arn) ||
           entry == principal.account || entry == "arn:" + world.partition + ":iam::" + principal.account + ":root";
  });
}

bool may_assume(const Principal& principal, const Role& role, const std::optional<std::string>& external_id, const World& world) {
  if (!matches_any(principal.allow, "sts:AssumeRole")) return false;
  return std::any_of(role.trust.begin(), role.trust.end(), [&](const Trust& trust) {
    return trust.provider.empty() && is_trusted(principal, trust, world) && (!trust.external_id || trust.external_id == external_id);
  });
}

/// A session may do what both the role and the policy allow. Resources and denies of the policy are for a test to read: no operation of
/// this cloud has a resource that they could speak of.
std::optional<Refusal> limit(Role& role, const std::string& policy) {
  if (policy.size() > kLongestPolicy)
    return Refusal{400, "PackedPolicyTooLarge", "Packed policy consumes more than 100% of allotted space"};
  const auto document = parse_json(policy, {.bytes = kLongestPolicy, .depth = 8, .members = 1000});
  if (!document || document->root().get("Version").string() != "2012-10-17" || document->root().get("Statement").elements().empty()) {
    return Refusal{400, "MalformedPolicyDocument", "Syntax errors in policy."};
  }
  std::vector<std::string> both;
  for (const JsonView statement : document->root().get("Statement").elements()) {
    if (statement.get("Effect").string() != "Allow") continue;
    for (const JsonView action : statement.get("Action").elements())
      if (const auto name = action.string(); name && matches_any(role.allow, *name)) both.emplace_back(*name);
  }
  role.allow = std::move(both);
  return std::nullopt;
}

Outcome refused(Refusal refusal) { return {.refusal = std::move(refusal), .json = {}, .xml = {}}; }

Outcome assume_role(World& world, const Caller& caller, const Form& input) {
  if (const auto other = input.other_than({"Action", "Version", "RoleArn", "RoleSessionName", "ExternalId", "DurationSeconds", "Policy"})) {
    return Outcome::refused(501, "NotImplemented", "this cloud does not evaluate " + *other);
  }
  const std::string arn = input.get("RoleArn").value_or("");
  if (arn.size() < 20) return refused(invalid(arn, "roleArn", "Member must have length greater than or equal to 20"));
  if (!arn.starts_with("arn:")) return Outcome::refused(400, "ValidationError", arn + " is invalid");
  if (auto fault = check_text(input, "RoleSessionName", "roleSessionName", 64, kSessionLetters, true)) return refused(*fault);
  if (auto fault = check_text(input, "ExternalId", "externalId", 1224, kExternalLetters, false)) return refused(*fault);
  const Role* role = world.find_role(arn);
  if (role == nullptr || role->arn != arn || !may_assume(caller.principal, *role, input.get("ExternalId"), world)) {
    return refused(access_denied("User: " + caller.principal.arn + " is not authorized to perform: sts:AssumeRole on resource: " + arn,
                                 Protocol::query));
  }
  std::chrono::seconds life{};
  if (auto fault = read_duration(input, role, !caller.principal.role_arn.empty(), life)) return refused(*fault);
  Role limited = *role;
  if (const auto policy = input.get("Policy")) {
    if (auto fault = limit(limited, *policy)) return refused(*fault);
    world.session_policies.push_back(*policy);
  }
  return session_answer(world, limited, *input.get("RoleSessionName"), life, {});
}

Outcome get_caller_identity(World& /*world*/, const Caller& caller, const Form& /*input*/) {
  return {.refusal = std::nullopt,
          .json = {},
          .xml = branch(
              "", {leaf("Arn", caller.principal.arn), leaf("UserId", caller.principal.id), leaf("Account", caller.principal.account)})};
}

}  // namespace

std::optional<std::string> Form::get(std::string_view name) const {
  const auto found = std::find_if(values_.begin(), values_.end(), [&](const auto& value) { return value.first == name; });
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> Form::other_than(std::initializer_list<std::string_view> known) const {
  const auto found = std::find_if(values_.begin(), values_.end(),
                                  [&](const auto& value) { return std::find(known.begin(), known.end(), value.first) == known.end(); });
  return found == values_.end() ? std::nullopt : std::optional(found->first);
}

std::optional<Refusal> read_duration(const Form& input, const Role* role, bool chained, std::chrono::seconds& life) {
  std::int64_t seconds = 3600;
  if (const auto text = input.get("DurationSeconds")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (error != std::errc{} || end != text->data() + text->size()) return Refusal{400, "MalformedInput", "DurationSeconds is no number"};
    if (seconds < kShortestSession) return invalid(*text, "durationSeconds", "Member must have value greater than or equal to 900");
    if (seconds > kLongestSession) return invalid(*text, "durationSeconds", "Member must have value less than or equal to 43200");
  }
  if (chained && seconds > kLongestChained) {
    return Refusal{400, "ValidationError",
                   "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"};
  }
  if (role != nullptr && std::chrono::seconds(seconds) > role->longest_session) {
    return Refusal{400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."};
  }
  life = std::chrono::seconds(seconds);
  return std::nullopt;
}

Outcome session_answer(World& world, const Role& role, std::string_view session_name, std::chrono::seconds life,
                       std::vector<XmlElement> more) {
  const std::string id = world.open_session(role, session_name, life);
  const AccessKey& key = world.keys.at(id);
  XmlElement result =
      branch("", {branch("Credentials", {leaf("AccessKeyId", id), leaf("SecretAccessKey", key.secret),
                                         leaf("SessionToken", key.session_token), leaf("Expiration", iso_time(*key.expires))}),
                  branch("AssumedRoleUser", {leaf("AssumedRoleId", key.principal.id), leaf("Arn", key.principal.arn)})});
  for (XmlElement& element : more) result.children.push_back(std::move(element));
  return {.refusal = std::nullopt, .json = {}, .xml = std::move(result)};
}

std::vector<Operation> sts_operations() {
  return {
      {.service = "sts", .name = "AssumeRole", .protocol = Protocol::query, .is_signed = true, .json = nullptr, .query = &assume_role},
      {.service = "sts",
       .name = "GetCallerIdentity",
       .protocol = Protocol::query,
       .is_signed = true,
       .json = nullptr,
       .query = &get_caller_identity},
      {.service = "sts",
       .name = "AssumeRoleWithWebIdentity",
       .protocol = Protocol::query,
       .is_signed = false,
       .json = nullptr,
       .query = &assume_role_with_web_identity},
  };
}

}  // namespace portcullis::fake_aws
