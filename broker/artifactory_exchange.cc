#include "broker/artifactory_exchange.h"

#include <algorithm>
#include <utility>

#include "aws/canonical_request.h"
#include "aws/endpoint.h"
#include "aws/sigv4.h"
#include "base/codec/base64url.h"
#include "base/codec/json.h"
#include "base/codec/json_writer.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr JsonLimits kAnswerLimits{.bytes = 256UL * 1024, .depth = 8, .members = 200};
constexpr std::string_view kQuestion = "Action=GetCallerIdentity&Version=2011-06-15";
constexpr std::string_view kScheme = "https://";
constexpr std::size_t kUserBytes = 1024;
constexpr std::size_t kLongestPart = 40;
constexpr std::int64_t kLongestLife = 10LL * 365 * 24 * 3600;
constexpr std::chrono::milliseconds kTimeout(10'000);

Error failed(std::string why) { return {Reason::io_failed, std::move(why)}; }

std::string without_slashes(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// Redirects are never followed by any `HttpTransport`: they would carry the signed question to somebody else.
OutgoingRequest post(std::string url, std::string body) {
  OutgoingRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.body = std::move(body);
  request.timeout = kTimeout;
  request.body_limit = kAnswerLimits.bytes;
  request.reachable = ReachableHosts::with_loopback;
  return request;
}

/// The host of the global endpoint, where no region is known, or the region's.
Result<std::string> sts_host(const std::optional<std::string>& region) {
  const auto endpoint = resolve_endpoint({.service = AwsService::sts, .region = region.value_or("aws-global"), .configured_url = {}});
  if (!endpoint) return endpoint.error();
  return endpoint->url.substr(kScheme.size());
}

/// A name that can be the user of Basic credentials (RFC 7617 section 2).
bool is_user(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kUserBytes &&
         std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7f && c != ':'; });
}

/// The user in the subject of Artifactory's own access tokens: `jfac@01abc/users/ada`, `jfrt@…/users/ada`.
std::string user_of_token(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return {};
  const auto payload = base64url_decode(token.substr(first + 1, second - first - 1));
  if (!payload) return {};
  const auto claims = parse_json(*payload, kAnswerLimits);
  const auto subject = claims ? claims->root().get("sub").string() : std::nullopt;
  constexpr std::string_view kUsers = "/users/";
  const std::size_t place = subject ? subject->rfind(kUsers) : std::string_view::npos;
  return place == std::string_view::npos ? std::string() : std::string(subject->substr(place + kUsers.size()));
}

/// What tokens, signatures and session tokens are written with.
bool is_of_credential(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("._~+/=%-").find(c) != std::string_view::npos;
}

/// Whether one of its parts between slashes is longer than any that people write.
bool may_be_credential(std::string_view word) noexcept {
  for (;;) {
    const std::size_t slash = word.find('/');
    if (std::min(slash, word.size()) > kLongestPart) return true;
    if (slash == std::string_view::npos) return false;
    word.remove_prefix(slash + 1);
  }
}

/// A server may repeat what it was sent: our log must not.
std::string without_credentials(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_of_credential);
    const std::string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    out += may_be_credential(word) ? std::string_view("[REDACTED]") : word;
    text.remove_prefix(word.size());
    if (text.empty()) break;
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

/// What Artifactory says in any of its forms: `{"errors":[{"message"}]}`, `{"error_description"}`, `{"error"}`, `{"message"}`.
std::string said(const std::string& body) {
  const auto json = parse_json(body, kAnswerLimits);
  if (!json) return {};
  const JsonView root = json->root();
  for (const JsonView one : root.get("errors").elements()) {
    if (const auto text = one.get("message").string()) return escape_for_log(without_credentials(*text));
  }
  for (const char* name : {"error_description", "error", "message"}) {
    if (const auto text = root.get(name).string()) return escape_for_log(without_credentials(*text));
  }
  return {};
}

std::string_view advice(int status, bool oidc, bool audience) noexcept {
  if (audience)
    return "; the audience must be the one that Artifactory's OIDC provider expects: compare oidcAudience with its configuration";
  if (status >= 300 && status < 400) {
    return "; it redirects, which is not followed, because whoever receives the signed question can repeat it: "
           "write the address behind the redirect into `url`";
  }
  if (status == 404)
    return oidc ? "; check `oidcProvider`, and that this Artifactory has OIDC (7.65 or newer)"
                : "; check `url`, and that this Artifactory is on an edition and version with AWS role exchange";
  if (status == 400) return "; the request was not understood: check `tokenLife` and `scope` against what this Artifactory allows";
  if (status == 401 || status == 403) {
    return oidc ? "; check the provider's name, the issuer and the identity mappings in Artifactory, and that the token has not expired"
                : "; Artifactory does not say why: check that the role is bound to a user "
                  "(PUT /access/api/v1/aws/iam_role with its ARN without a path), `region`, and the clock of this host";
  }
  return "";
}

}  // namespace

Result<OutgoingRequest> aws_exchange_request(const ArtifactoryExchange& exchange, const AwsCredentials& credentials, TimePoint now) {
  const auto host = sts_host(exchange.region);
  if (!host) return host.error();
  const UnsignedRequest question{.method = "GET", .path = "/", .query = std::string(kQuestion), .headers = {{"Host", *host}}, .body = {}};
  const auto answer = sign_v4a(question, credentials, {.region = exchange.region.value_or("*"), .service = "sts", .time = now});
  if (!answer) return answer.error();
  JsonWriter body;
  body.begin_object().key("expires_in").integer(exchange.life.count());
  if (exchange.scope) body.key("scope").string(*exchange.scope);
  std::string url = without_slashes(exchange.base_url) + "/access/api/v1/aws/token";
  if (exchange.region) url += "?region=" + uri_encode(*exchange.region, true);
  OutgoingRequest request = post(std::move(url), std::move(body.end_object()).text());
  for (const auto& [name, value] : answer->request.headers) {
    if (name != "Host") request.headers.emplace_back(name, value);
  }
  return request;
}

OutgoingRequest oidc_exchange_request(const ArtifactoryExchange& exchange, const OidcSubject& subject) {
  JsonWriter body;
  body.begin_object().key("grant_type").string("urn:ietf:params:oauth:grant-type:token-exchange");
  body.key("subject_token_type").string("urn:ietf:params:oauth:token-type:id_token").key("subject_token").string(subject.token);
  body.key("provider_name").string(subject.provider).key("provider_type").string("Generic OpenID Connect");
  if (subject.audience) body.key("audience").string(*subject.audience);
  if (exchange.scope) body.key("scope").string(*exchange.scope);
  return post(without_slashes(exchange.base_url) + "/access/api/v1/oidc/token", std::move(body.end_object()).text());
}

Result<ArtifactoryToken> read_exchange_answer(std::string_view body, std::chrono::seconds asked) {
  const auto json = parse_json(body, kAnswerLimits);
  if (!json) return failed("the answer is " + json.error().detail);
  const JsonView root = json->root();
  const auto token = root.get("access_token").string();
  if (!token || token->empty()) return failed("the answer has no access_token");
  if (std::any_of(token->begin(), token->end(), [](char c) { return c <= ' ' || c > '~'; })) {
    return failed("the answer's access_token is no token");
  }
  ArtifactoryToken read{
      .user = std::string(root.get("username").string().value_or("")), .token = Secret(std::string(*token)), .life = asked};
  if (read.user.empty()) read.user = user_of_token(*token);
  if (!is_user(read.user)) return failed("neither the answer nor its token names a user");
  const JsonView life = root.get("expires_in");
  if (life.exists() && !life.is_null()) {
    const auto seconds = life.integer();
    if (!seconds || *seconds < 0) return failed("the answer's expires_in is no number of seconds");
    // 0 is a token without an end; it is renewed all the same.
    if (*seconds > 0) read.life = std::chrono::seconds(std::min(*seconds, kLongestLife));
  }
  return read;
}

std::string explain_refusal(const IncomingAnswer& answer, std::string_view who, bool oidc) {
  const std::string text = said(answer.body);
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const bool audience = oidc && lower.find("audience") != std::string::npos;
  std::string out = "the exchange of " + escape_for_log(who) + " was answered with HTTP " + std::to_string(answer.status);
  if (!text.empty()) out += " (" + text + ")";
  return out.append(advice(answer.status, oidc, audience));
}

std::string_view role_name_of(std::string_view arn) noexcept {
  constexpr std::string_view kAssumed = ":assumed-role/";
  if (const std::size_t place = arn.find(kAssumed); place != std::string_view::npos) {
    const std::string_view rest = arn.substr(place + kAssumed.size());
    return rest.substr(0, rest.find('/'));
  }
  if (arn.find(":role/") == std::string_view::npos) return {};
  return arn.substr(arn.rfind('/') + 1);
}

}  // namespace portcullis
