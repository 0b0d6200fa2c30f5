#include "aws/sts.h"

#include <algorithm>

#include "aws/dates.h"
#include "aws/xml.h"

namespace portcullis {
namespace {

/// STS API reference, AssumeRole: `Policy`.
constexpr std::size_t kPolicyBytes = 2048;

bool is_word(char c, std::string_view more) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || more.find(c) != std::string_view::npos;
}

bool all_words(std::string_view text, std::string_view more) noexcept {
  return std::all_of(text.begin(), text.end(), [more](char c) { return is_word(c, more); });
}

/// An application/x-www-form-urlencoded body.
class Form {
 public:
  Form& add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += name;
    text_ += '=';
    text_ += uri_encode(value, true);
    return *this;
  }
  Form& add(std::string_view name, std::optional<std::chrono::seconds> value) {
    return value ? add(name, std::to_string(value->count())) : *this;
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

AwsCall query_call(Form form) {
  return {.content_type = "application/x-www-form-urlencoded; charset=utf-8", .headers = {}, .body = std::move(form).text()};
}

std::string text_below(const XmlElement& root, std::string_view name) {
  const XmlElement* found = root.find_deep(name);
  return found == nullptr ? std::string() : found->text;
}

AwsError unreadable(std::string what) { return {.status = 0, .code = {}, .message = std::move(what), .kind = AwsErrorKind::other}; }

StsOutcome read_credentials(const AwsOutcome& outcome) {
  if (!outcome.ok()) return {std::nullopt, outcome.error};
  const auto xml = parse_xml(outcome.answer->body);
  if (!xml) return {std::nullopt, unreadable("STS answered what is no XML: " + xml.error().detail)};
  const XmlElement* element = xml->find_deep("Credentials");
  if (element == nullptr) return {std::nullopt, unreadable("STS answered without credentials")};
  AwsCredentials credentials;
  credentials.access_key_id = text_below(*element, "AccessKeyId");
  credentials.secret_access_key = Secret(text_below(*element, "SecretAccessKey"));
  credentials.session_token = Secret(text_below(*element, "SessionToken"));
  credentials.expires = parse_aws_time(text_below(*element, "Expiration"));
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() || credentials.session_token.empty() ||
      !credentials.expires) {
    return {std::nullopt, unreadable("STS answered credentials that lack a member")};
  }
  const std::string arn = text_below(*xml, "Arn");  // arn:aws:sts::123456789012:assumed-role/…
  std::size_t place = 0;
  for (int colon = 0; colon < 4 && place != std::string::npos; ++colon) place = arn.find(':', place == 0 ? 0 : place + 1);
  if (place != std::string::npos && place + 13 <= arn.size()) credentials.account_id = arn.substr(place + 1, 12);
  return {std::move(credentials), {}};
}

}  // namespace

StsOutcome assume_role(AwsClient& sts, const AssumeRoleRequest& request) {
  Form form;
  form.add("Action", "AssumeRole")
      .add("Version", "2011-06-15")
      .add("RoleArn", request.role_arn)
      .add("RoleSessionName", request.session_name);
  if (request.external_id) form.add("ExternalId", *request.external_id);
  form.add("DurationSeconds", request.duration);
  if (request.policy) form.add("Policy", *request.policy);
  return read_credentials(sts.send(query_call(std::move(form))));
}

StsOutcome assume_role_with_web_identity(AwsClient& sts, const WebIdentityRequest& request) {
  Form form;
  form.add("Action", "AssumeRoleWithWebIdentity").add("Version", "2011-06-15").add("RoleArn", request.role_arn);
  form.add("RoleSessionName", request.session_name)
      .add("WebIdentityToken", request.token.reveal())
      .add("DurationSeconds", request.duration);
  AwsCall call = query_call(std::move(form));
  StsOutcome outcome = read_credentials(sts.send(call, "InvalidIdentityToken"));
  wipe(call.body);
  return outcome;
}

Result<CallerIdentity> get_caller_identity(AwsClient& sts) {
  Form form;
  form.add("Action", "GetCallerIdentity").add("Version", "2011-06-15");
  const AwsOutcome outcome = sts.send(query_call(std::move(form)));
  if (!outcome.ok()) return Error{Reason::io_failed, describe(outcome.error)};
  const auto xml = parse_xml(outcome.answer->body);
  if (!xml) return Error{Reason::io_failed, "STS answered what is no XML: " + xml.error().detail};
  CallerIdentity identity{text_below(*xml, "Account"), text_below(*xml, "Arn"), text_below(*xml, "UserId")};
  if (identity.account.empty() || identity.arn.empty()) return Error{Reason::io_failed, "STS answered without an account or an ARN"};
  return identity;
}

Result<void> check_assume_role(const AssumeRoleRequest& request) {
  if (!is_role_arn(request.role_arn)) return Error{Reason::bad_request, "the role ARN must look like arn:aws:iam::123456789012:role/name"};
  if (request.session_name.size() < 2 || request.session_name.size() > 64 || !all_words(request.session_name, "+=,.@-")) {
    return Error{Reason::bad_request, "the session name must have 2 to 64 characters of A-Z a-z 0-9 _ + = , . @ -"};
  }
  if (request.external_id && !is_external_id(*request.external_id)) {
    return Error{Reason::bad_request, "the external id must have 2 to 1224 characters of A-Z a-z 0-9 _ + = , . @ : / -"};
  }
  if (request.duration && (request.duration->count() < 900 || request.duration->count() > 43'200)) {
    return Error{Reason::bad_request, "the duration of a role session must be 15m to 12h"};
  }
  if (request.policy && (request.policy->empty() || request.policy->size() > kPolicyBytes)) {
    return Error{Reason::bad_request, "a session policy must have 1 to 2048 bytes"};
  }
  return {};
}

bool is_external_id(std::string_view text) noexcept { return text.size() >= 2 && text.size() <= 1224 && all_words(text, "+=,.@:/-"); }

bool is_role_arn(std::string_view text) noexcept {
  if (text.size() < 20 || text.size() > 2048 || !text.starts_with("arn:aws")) return false;
  const std::size_t service = text.find(":iam::");
  if (service == std::string_view::npos) return false;
  const std::string_view partition = text.substr(4, service - 4);
  const std::string_view account = text.substr(service + 6, 12);
  const std::string_view rest = text.substr(std::min(service + 18, text.size()));
  return std::all_of(partition.begin(), partition.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; }) &&
         account.size() == 12 && std::all_of(account.begin(), account.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         rest.starts_with(":role/") && rest.size() > 6 && !rest.ends_with('/') && all_words(rest.substr(6), "+=,.@-/");
}

}  // namespace portcullis
