// `http.auth.bearer.oidc[]`, with the faults that zot finds only when it starts.
#include <array>

#include "config/read/sections.h"
#include "config/url.h"
#include "keystore/algorithm.h"
#include "keystore/certificate.h"

namespace portcullis {
namespace {

constexpr std::string_view kAuthorityFile = "certificateAuthorityFile";
constexpr std::array<std::string_view, 5> kOnlineKeys = {"discoveryURL", "discoveryTokenFile", "jwksHosts", "certificateAuthority",
                                                         kAuthorityFile};

std::string indexed(std::string_view name, std::size_t index) { return std::string(name) + "[" + std::to_string(index) + "]: "; }

constexpr std::string_view kWellKnown = "/.well-known/openid-configuration";

/// https, or http on this host: whoever stands between us and an issuer could give us any key.
bool is_secure(const std::optional<HttpUrl>& url) { return url && (url->https || url->loopback()); }

std::string read_issuer_url(Section& issuer) {
  const auto text = issuer.required_text("issuer", "issuer is required");
  if (!text) return {};
  if (!is_secure(parse_http_url(*text))) {
    issuer.error("issuer", "must be an absolute https URL, or http on this host");
  } else if (text->find_first_of("?#") != std::string::npos) {
    issuer.error("issuer", "must have no query and no fragment (OpenID Connect Discovery 1.0 section 2)");
  } else if (text->ends_with(kWellKnown)) {
    issuer.error("issuer", "is the URL of the discovery document; the issuer is what stands before " + std::string(kWellKnown));
  }
  return *text;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> read_audiences(Section& issuer) {
  const auto written = issuer.texts("audiences");
  if (issuer.present() && (!issuer.has("audiences") || (written && written->empty())))
    issuer.error("audiences", "at least one audience must be specified");
  std::vector<std::string> audiences;
  for (const std::string& each : written.value_or(std::vector<std::string>{})) {
    std::string audience = trimmed(each);
    if (audience.empty()) issuer.error("audiences", indexed("audience", audiences.size()) + "audience is empty");
    audiences.push_back(std::move(audience));
  }
  return audiences;
}

void check_pem(Section& issuer, std::string_view name, std::string_view pem) {
  if (const auto good = check_authorities(pem); !good)
    issuer.error(name, "failed to append certificate authority PEM: " + good.error().detail);
}

void read_authority(Section& issuer, OidcIssuerConfig& config) {
  config.certificate_authority = issuer.lines("certificateAuthority");
  config.certificate_authority_file = issuer.file(kAuthorityFile);
  if (issuer.has("certificateAuthority") && issuer.has(kAuthorityFile))
    issuer.error(kAuthorityFile, "only one of certificateAuthority or certificateAuthorityFile can be set");
  if (config.certificate_authority) check_pem(issuer, "certificateAuthority", *config.certificate_authority);
  const Files* files = issuer.context().files;
  if (!config.certificate_authority_file || files == nullptr) return;
  const auto pem = files->read(*config.certificate_authority_file, defaults::kAuthorityBytes);
  if (!pem) {
    issuer.error(kAuthorityFile, "failed to read certificate authority file: " + pem.error().detail);
  } else {
    check_pem(issuer, kAuthorityFile, *pem);
  }
}

void read_algorithms(Section& issuer, OidcIssuerConfig& config) {
  config.algorithms = issuer.texts("algorithms").value_or(std::vector<std::string>{});
  if (issuer.is_empty_list("algorithms")) issuer.error("algorithms", "names no algorithm; leave it out for those that discovery lists");
  for (const std::string& name : config.algorithms) {
    if (algorithm_from_name(name)) continue;
    std::string known;
    for (const Algorithm one : all_algorithms()) known.append(known.empty() ? "" : ", ").append(algorithm_name(one));
    issuer.error("algorithms", in_quotes(name) + " is not one of " + known);
  }
}

void read_hosts(Section& issuer, OidcIssuerConfig& config) {
  config.jwks_hosts = issuer.texts("jwksHosts").value_or(std::vector<std::string>{});
  for (const std::string& host : config.jwks_hosts) {
    if (host.find_first_of("/?#") != std::string::npos || !parse_http_url("https://" + host))
      issuer.error("jwksHosts", in_quotes(host) + " is no host; write keys.example.com, or keys.example.com:8443");
  }
}

/// Files instead of the network: then nobody is discovered.
void check_offline(Section& issuer) {
  if (!issuer.has("jwksFile")) return;
  for (const std::string_view name : kOnlineKeys)
    if (issuer.has(name)) issuer.warning(name, "is not used: the keys come from jwksFile");
}

std::string read_prefix(Section& issuer, std::string_view name) {
  const auto text = issuer.text(name);
  if (text && text->size() > defaults::kPrefixBytes)
    issuer.error(name, "must have at most " + std::to_string(defaults::kPrefixBytes) + " bytes");
  return text.value_or("");
}

}  // namespace

OidcIssuerConfig read_oidc_issuer(Section& issuer) {
  OidcIssuerConfig config;
  config.issuer = read_issuer_url(issuer);
  config.audiences = read_audiences(issuer);
  issuer.object("claimMapping", [&](Section& mapping) { read_claim_mapping(mapping, config.claim_mapping); });
  read_authority(issuer, config);
  config.skip_issuer_verification = issuer.boolean("skipIssuerVerification").value_or(false);
  config.discovery_url = issuer.text("discoveryURL");
  if (config.discovery_url && !is_secure(parse_http_url(*config.discovery_url)))
    issuer.error("discoveryURL", "must be an absolute https URL, or http on this host");
  if (config.discovery_url && *config.discovery_url == config.issuer)
    issuer.error("discoveryURL", "is the issuer itself; it is the URL of the document, which ends in /.well-known/openid-configuration");
  config.discovery_token_file = issuer.file("discoveryTokenFile");
  config.jwks_file = issuer.file("jwksFile");
  read_algorithms(issuer, config);
  read_hosts(issuer, config);
  check_offline(issuer);
  config.username_prefix = read_prefix(issuer, "usernamePrefix");
  config.groups_prefix = read_prefix(issuer, "groupsPrefix");
  const Duration interval = issuer.duration("refreshInterval", defaults::kIssuerIntervalBounds).value_or(defaults::kRefreshInterval);
  config.refresh_interval = interval;
  config.required = issuer.boolean("required");
  return config;
}

}  // namespace portcullis
