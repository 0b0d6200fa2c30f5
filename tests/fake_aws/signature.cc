#include "tests/fake_aws/signature.h"

#include <algorithm>
#include <optional>

#include "aws/sigv4.h"
#include "base/digest.h"
#include "base/secret.h"
#include "tests/fake_aws/mint.h"
#include "tests/support/signature_check.h"

namespace portcullis::fake_aws {
namespace {

constexpr std::string_view kHmac = "AWS4-HMAC-SHA256";
constexpr std::string_view kEcdsa = "AWS4-ECDSA-P256-SHA256";
constexpr std::chrono::minutes kMostSkew(5);

using Verdict = std::variant<Signed, BadSignature>;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return std::string(text);
}

/// The header in its parts.
struct Authorization {
  std::string algorithm;
  std::string key_id;
  std::string day;
  std::string region;  ///< empty for SigV4A
  std::string service;
  std::vector<std::string> signed_headers;
  std::string signature;
  TimePoint time;
  std::string date;
};

BadSignature incomplete(std::string message) { return {SignatureFault::incomplete, std::move(message)}; }
BadSignature mismatch(std::string message) { return {SignatureFault::mismatch, std::move(message)}; }

std::optional<BadSignature> read_scope(std::string_view credential, Authorization& out) {
  const auto parts = split(credential, '/');
  const std::size_t expected = out.algorithm == kEcdsa ? 4 : 5;
  if (parts.size() != expected) {
    return incomplete("Credential must have exactly " + std::to_string(expected) +
                      " slash-delimited elements, e.g. keyid/date/region/service/term, got '" + std::string(credential) + "'");
  }
  if (parts.back() != "aws4_request")
    return mismatch("Credential should be scoped with a valid terminator: 'aws4_request', not '" + parts.back() + "'.");
  out.key_id = parts[0];
  out.day = parts[1];
  out.region = expected == 5 ? parts[2] : "";
  out.service = parts[expected - 2];
  return std::nullopt;
}

std::optional<BadSignature> read_authorization(const Request& request, Authorization& out) {
  const auto headers = request.all("authorization");
  if (headers.empty()) return BadSignature{SignatureFault::missing, "Request is missing Authentication Token"};
  if (headers.size() > 1) return incomplete("Authorization stands more than once.");
  const std::size_t blank = headers[0].find(' ');
  out.algorithm = headers[0].substr(0, blank);
  if (blank == std::string::npos || (out.algorithm != kHmac && out.algorithm != kEcdsa))
    return incomplete("Unsupported AWS 'algorithm': '" + out.algorithm + "'.");
  std::map<std::string, std::string> parameters;
  for (const std::string& piece : split(std::string_view(headers[0]).substr(blank + 1), ',')) {
    const std::size_t equals = piece.find('=');
    if (equals != std::string::npos) parameters[trimmed(piece.substr(0, equals))] = trimmed(piece.substr(equals + 1));
  }
  std::string missing;
  for (const char* name : {"Credential", "Signature", "SignedHeaders"}) {
    if (parameters[name].empty()) missing += std::string("Authorization header requires '") + name + "' parameter. ";
  }
  const auto date = request.one("x-amz-date");
  if (!date) missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  if (!missing.empty()) return incomplete(missing);
  if (!read_amz_date(*date, out.time)) return incomplete("Date must be in ISO-8601 'basic format'. Got '" + *date + "'.");
  out.date = *date;
  out.signature = parameters["Signature"];
  out.signed_headers = split(parameters["SignedHeaders"], ';');
  return read_scope(parameters["Credential"], out);
}

bool is_signed(const Authorization& given, std::string_view name) {
  return std::find(given.signed_headers.begin(), given.signed_headers.end(), name) != given.signed_headers.end();
}

std::optional<BadSignature> check_scope(const Authorization& given, const SigningRules& rules) {
  if (given.service != rules.service) return mismatch("Credential should be scoped to correct service: '" + rules.service + "'.");
  if (given.algorithm == kHmac && std::find(rules.regions.begin(), rules.regions.end(), given.region) == rules.regions.end()) {
    return mismatch("Credential should be scoped to a valid region, not '" + given.region + "'.");
  }
  if (given.day != given.date.substr(0, 8)) {
    return mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" + given.day + "' != '" +
                    given.date.substr(0, 8) + "', from '" + given.date + "'.");
  }
  for (const std::string_view name : {"host", "x-amz-date"}) {
    if (!is_signed(given, name)) return mismatch("'" + std::string(name) + "' must be a 'SignedHeader' in the AWS Authorization.");
  }
  if (given.algorithm == kEcdsa && !is_signed(given, "x-amz-region-set"))
    return mismatch("'x-amz-region-set' must be a 'SignedHeader' in the AWS Authorization.");
  return std::nullopt;
}

std::optional<BadSignature> check_time(const Authorization& given, TimePoint now) {
  if (given.time < now - kMostSkew) {
    return mismatch("Signature expired: " + given.date + " is now earlier than " + amz_date(now - kMostSkew) + " (" + amz_date(now) +
                    " - 5 min.)");
  }
  if (given.time > now + kMostSkew) {
    return mismatch("Signature not yet current: " + given.date + " is still later than " + amz_date(now + kMostSkew) + " (" +
                    amz_date(now) + " + 5 min.)");
  }
  return std::nullopt;
}

/// What the sender signed: the signed headers alone. The signer adds date, session token and region set by itself.
UnsignedRequest signed_part(const Request& request, const Authorization& given, bool ecdsa) {
  UnsignedRequest part{.method = request.method, .path = request.path, .query = request.query, .headers = {}, .body = request.body};
  for (const auto& [name, value] : request.headers) {
    const std::string key = lower_case(name);
    if (key == "x-amz-date" || key == "x-amz-security-token" || (ecdsa && key == "x-amz-region-set")) continue;
    if (is_signed(given, key)) part.headers.emplace_back(name, value);
  }
  return part;
}

bool matches(const Request& request, const Authorization& given, const AccessKey& key) {
  const bool ecdsa = given.algorithm == kEcdsa;
  const AwsCredentials credentials{.access_key_id = given.key_id,
                                   .secret_access_key = Secret(key.secret),
                                   .session_token = Secret(key.session_token),
                                   .expires = std::nullopt,
                                   .account_id = std::nullopt};
  SigningContext context{
      .region = ecdsa ? request.one("x-amz-region-set").value_or("") : given.region, .service = given.service, .time = given.time};
  context.omit_session_token = !is_signed(given, "x-amz-security-token");
  const UnsignedRequest part = signed_part(request, given, ecdsa);
  if (!ecdsa) return equal_in_constant_time(sign_v4(part, credentials, context).signature, given.signature);
  const std::string scope = given.day + "/" + given.service + "/aws4_request";
  const auto canonical = canonical_request(part, credentials, context, {.name = kEcdsa, .scope = scope, .region_set = true});
  const std::string text = std::string(kEcdsa) + "\n" + given.date + "\n" + scope + "\n" + to_hex(sha256(canonical.text));
  const auto point = sigv4a_public_point(credentials);
  return point.ok() && p256_verifies(*point, text, given.signature);
}

}  // namespace

std::string claimed_key(const Request& request) {
  const std::string header = request.one("authorization").value_or("");
  const std::size_t start = header.find("Credential=");
  if (start == std::string::npos) return {};
  const std::size_t from = start + std::string_view("Credential=").size();
  return header.substr(from, header.find('/', from) - from);
}

Verdict check_signature(const Request& request, const SigningRules& rules, const std::map<std::string, AccessKey>& keys) {
  Authorization given;
  if (auto fault = read_authorization(request, given)) return *fault;
  const auto key = keys.find(given.key_id);
  const std::string token = request.one("x-amz-security-token").value_or("");
  if (key == keys.end() || request.all("x-amz-security-token").size() > 1 || !equal_in_constant_time(token, key->second.session_token)) {
    return BadSignature{SignatureFault::unknown_key, "The security token included in the request is invalid."};
  }
  if (auto fault = check_scope(given, rules)) return *fault;
  if (auto fault = check_time(given, rules.now)) return *fault;
  if (!matches(request, given, key->second)) {
    return mismatch(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
        "method. Consult the "
        "service documentation for details.");
  }
  if (key->second.expires && rules.now >= *key->second.expires) {
    return BadSignature{SignatureFault::expired, "The security token included in the request is expired"};
  }
  return Signed{.principal = key->second.principal,
                .region = given.algorithm == kEcdsa ? request.one("x-amz-region-set").value_or("") : given.region};
}

}  // namespace portcullis::fake_aws
