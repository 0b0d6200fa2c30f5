#include "aws/providers/sso_token.h"

#include <utility>

#include "aws/dates.h"
#include "aws/providers/answer.h"
#include "base/codec/json.h"
#include "base/codec/json_writer.h"
#include "base/digest.h"
#include "base/report/log.h"

namespace portcullis {
namespace {

constexpr std::int64_t kYear = 366L * 86'400;  ///< in seconds: no token lives longer
constexpr JsonLimits kFileLimits{.bytes = 64UL * 1024, .depth = 8, .members = 200};

Error failed(const char* what) { return {Reason::io_failed, what}; }

Secret secret_of(JsonView object, const char* name) { return Secret(std::string(object.get(name).string().value_or(""))); }

/// Old tools wrote `2020-06-17T10:02:08UTC`.
std::optional<TimePoint> time_of(JsonView object, const char* name) {
  const auto text = object.get(name).string();
  if (!text) return std::nullopt;
  if (text->ends_with("UTC")) return parse_rfc3339(std::string(text->substr(0, text->size() - 3)) + "Z");
  return parse_rfc3339(*text);
}

/// `2026-11-22T06:41:23Z`, as the other tools that share the file write it.
std::string whole_seconds(TimePoint time) { return to_rfc3339(time).substr(0, 19) + "Z"; }

}  // namespace

std::string sso_cache_path(std::string_view home, std::string_view session_or_url) {
  return std::string(home) + "/.aws/sso/cache/" + sha1_hex(session_or_url) + ".json";
}

Result<SsoToken> read_sso_token(std::string_view text) {
  const auto json = parse_json(text, kFileLimits);
  if (!json || !json->root().is_object()) return failed("the cached SSO token is no JSON object");
  const JsonView root = json->root();
  SsoToken token;
  token.access_token = secret_of(root, "accessToken");
  if (token.access_token.empty()) return failed("the cached SSO token has no accessToken");
  const auto expires = time_of(root, "expiresAt");
  if (!expires) return failed("the cached SSO token has no expiresAt that can be read");
  token.expires = *expires;
  token.refresh_token = secret_of(root, "refreshToken");
  token.client_id = root.get("clientId").string().value_or("");
  token.client_secret = secret_of(root, "clientSecret");
  token.registration_expires = time_of(root, "registrationExpiresAt");
  return token;
}

std::string renewed_sso_file(std::string_view text, const RefreshedToken& token) {
  const auto json = parse_json(text, kFileLimits);
  JsonWriter out;
  out.begin_object();
  if (json) {
    for (const auto& [name, value] : json->root().members()) {
      const bool replaced = name == "accessToken" || name == "expiresAt" || (name == "refreshToken" && !token.refresh_token.empty());
      if (!replaced) out.key(name).raw(value.dump());
    }
  }
  out.key("accessToken").string(token.access_token.reveal()).key("expiresAt").string(whole_seconds(token.expires));
  if (!token.refresh_token.empty()) out.key("refreshToken").string(token.refresh_token.reveal());
  out.end_object();
  return std::move(out).text();
}

Result<RefreshedToken> read_created_token(std::string_view text, TimePoint now) {
  const auto json = parse_json(text, kFileLimits);
  if (!json) return failed("CreateToken answered no JSON");
  const auto seconds = json->root().get("expiresIn").integer();
  RefreshedToken token;
  token.access_token = secret_of(json->root(), "accessToken");
  if (token.access_token.empty() || !seconds || *seconds <= 0 || *seconds > kYear)
    return failed("CreateToken answered without accessToken and expiresIn");
  token.expires = now + std::chrono::seconds(*seconds);
  token.refresh_token = secret_of(json->root(), "refreshToken");
  return token;
}

}  // namespace portcullis
