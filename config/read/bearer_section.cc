// `http.auth.bearer`: the challenge, the one key of `cert`, and zot's other sources of keys.
#include <algorithm>

#include "config/read/sections.h"
#include "config/url.h"

namespace portcullis {
namespace {

constexpr std::string_view kExclusive = "cannot configure both cert and AWS Secrets Manager for bearer authentication";

/// A realm or service travels in a quoted-string of a header (RFC 9110 section 5.6.4): printable ASCII, and not too much of it.
std::string challenge_text(Section& bearer, std::string_view name, std::size_t most) {
  const auto text = bearer.required_text(
      name, std::string(name) + " must be specified: without it there is no challenge, and clients never fetch a token");
  if (!text) return {};
  const bool printable = std::all_of(text->begin(), text->end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!printable) bearer.error(name, "must be printable ASCII: it travels in a header");
  if (text->size() > most) bearer.error(name, "must have at most " + std::to_string(most) + " bytes: it travels in a header");
  return *text;
}

void check_upstream_realm(Section& upstream, const std::string& realm, bool insecure) {
  const auto url = parse_http_url(realm);
  const bool absolute = realm.find("://") != std::string::npos;
  if (!absolute) {
    upstream.error("realm", "upstreamTokenEndpoint.realm must be an absolute URL");
  } else if (!url || (!url->https && !insecure)) {
    upstream.error("realm", "upstreamTokenEndpoint.realm must use https unless upstreamTokenEndpoint.allowInsecureHttp is true");
  } else if (!url->https) {
    upstream.warning("allowInsecureHttp",
                     "upstreamTokenEndpoint.allowInsecureHttp is enabled; token endpoint credentials may be sent over plaintext HTTP");
  }
  if (realm.find('#') != std::string::npos) upstream.error("realm", "must have no fragment: what stands behind # is never sent");
}

void read_upstream(Section& upstream, std::optional<UpstreamTokenEndpointConfig>& config) {
  const auto realm = upstream.text("realm");
  const auto service = upstream.text("service");
  const bool insecure = upstream.boolean("allowInsecureHttp").value_or(false);
  if (!upstream.present()) return;
  const bool has_realm = upstream.has("realm");
  if (has_realm != upstream.has("service") || (!has_realm && !service)) {
    upstream.context().report.error(upstream.path(),
                                    "upstreamTokenEndpoint.realm and upstreamTokenEndpoint.service must be configured together");
  }
  if (!realm) return;
  check_upstream_realm(upstream, *realm, insecure);
  if (service) config = {.realm = *realm, .service = *service, .allow_insecure_http = insecure};
}

}  // namespace

void read_bearer(Section& bearer, Draft& draft) {
  BearerConfig& config = draft.config.bearer;
  draft.has_bearer = bearer.present();
  draft.has_cert = bearer.has("cert");
  draft.has_aws = bearer.has("awsSecretsManager");
  draft.has_oidc = bearer.has("oidc");
  if (draft.has_cert && draft.has_aws) bearer.error("awsSecretsManager", std::string(kExclusive));
  config.realm = challenge_text(bearer, "realm", defaults::kRealmBytes);
  config.service = challenge_text(bearer, "service", defaults::kServiceBytes);
  if (!config.realm.empty() && !parse_http_url(config.realm)) {
    bearer.warning("realm",
                   "is no http or https URL: docker and containerd fetch their tokens from it, and cannot from " + in_quotes(config.realm));
  }
  config.cert = bearer.file("cert");
  bearer.object("upstreamTokenEndpoint", [&](Section& upstream) {
    read_upstream(upstream, config.upstream);
    if (config.upstream && config.upstream->realm == config.realm)
      upstream.error("realm", "is http.auth.bearer.realm itself: requests would go round in circles; name the other token endpoint");
  });
  bearer.object("awsSecretsManager", [&](Section& aws) { read_secrets_manager(aws, draft); });
  bearer.objects("oidc", [&](Section& issuer, std::size_t) { config.oidc.push_back(read_oidc_issuer(issuer)); });
}

}  // namespace portcullis
