#include "keystore/refresh/discovery.h"

#include <algorithm>

#include "base/codec/percent.h"
#include "config/url.h"

namespace portcullis {
namespace {

constexpr std::string_view kWellKnown = "/.well-known/openid-configuration";
constexpr std::size_t kMostUrlBytes = 2048;

Error invalid(std::string what) { return {Reason::discovery_invalid, "discovery document: " + std::move(what)}; }

bool same_text(std::string_view left, std::string_view right) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [&](char a, char b) { return lower(a) == lower(b); });
}

bool same_place(const HttpUrl& left, const std::optional<HttpUrl>& right) noexcept {
  return right && left.port == right->port && same_text(left.host, right->host);
}

bool is_allowed(const HttpUrl& url, const DiscoveryRules& rules) {
  if (same_place(url, parse_http_url(rules.issuer))) return true;
  if (rules.discovery_url && same_place(url, parse_http_url(*rules.discovery_url))) return true;
  return std::any_of(rules.jwks_hosts.begin(), rules.jwks_hosts.end(),
                     [&url](const std::string& host) { return same_place(url, parse_http_url("https://" + host)); });
}

std::string place_of(const HttpUrl& url) {
  const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  return url.port == 443 ? host : host + ":" + std::to_string(url.port);
}

Result<std::string> read_jwks_uri(JsonView document, const DiscoveryRules& rules) {
  const auto text = document.get("jwks_uri").string();
  if (!text) return invalid("`jwks_uri` is " + std::string(document.get("jwks_uri").type_name()) + ", not a string");
  const auto url = text->size() <= kMostUrlBytes ? parse_http_url(*text) : std::nullopt;
  if (!url || text->find('#') != std::string_view::npos)
    return invalid("`jwks_uri` " + escape_for_log(*text) + " is no http or https URL without user and fragment");
  if (!url->https && !url->loopback()) return invalid("`jwks_uri` " + escape_for_log(*text) + " is not https");
  if (!is_allowed(*url, rules)) {
    return invalid("`jwks_uri` stands on " + escape_for_log(place_of(*url)) + ", another host or port than the issuer's: if it may, name " +
                   "it in jwksHosts");
  }
  return std::string(*text);
}

Result<std::optional<AlgorithmSet>> read_algorithms(JsonView document) {
  const JsonView member = document.get("id_token_signing_alg_values_supported");
  if (!member.exists() || member.is_null() || (member.is_array() && member.size() == 0)) return std::optional<AlgorithmSet>();
  if (!member.is_array()) return invalid("`id_token_signing_alg_values_supported` is no list");
  std::vector<std::string> names;
  for (const JsonView element : member.elements()) {
    const auto name = element.string();
    if (!name) return invalid("`id_token_signing_alg_values_supported` holds " + std::string(element.type_name()) + ", not texts alone");
    names.emplace_back(*name);
  }
  return std::optional<AlgorithmSet>(algorithms_named(names));
}

}  // namespace

std::string discovery_location(const DiscoveryRules& rules) {
  if (rules.discovery_url) return *rules.discovery_url;
  std::string_view base = rules.issuer;
  if (base.ends_with('/')) base.remove_suffix(1);
  return std::string(base).append(kWellKnown);
}

Result<Discovery> read_discovery(std::string_view json, const DiscoveryRules& rules) {
  const Result<JsonDocument> document = parse_json(json, kDiscoveryLimits);
  if (!document) return invalid(document.error().detail);
  const JsonView root = document->root();
  if (!root.is_object()) return invalid("it is " + std::string(root.type_name()) + ", not an object");
  const auto issuer = root.get("issuer").string();
  if (!issuer) return invalid("`issuer` is " + std::string(root.get("issuer").type_name()) + ", not a string");
  if (*issuer != rules.issuer)
    return invalid("its `issuer` is " + escape_for_log(*issuer) + ", not " + escape_for_log(rules.issuer) + " (each byte counts)");
  Result<std::string> jwks_uri = read_jwks_uri(root, rules);
  if (!jwks_uri) return jwks_uri.error();
  const auto algorithms = read_algorithms(root);
  if (!algorithms) return algorithms.error();
  return Discovery{std::move(*jwks_uri), *algorithms};
}

AlgorithmSet algorithms_named(const std::vector<std::string>& names) {
  AlgorithmSet set;
  for (const std::string& name : names) {
    const auto algorithm = algorithm_from_name(name);
    if (!algorithm) continue;
    set.insert(*algorithm);
    if (*algorithm == Algorithm::eddsa) set.insert(Algorithm::ed25519);
    if (*algorithm == Algorithm::ed25519) set.insert(Algorithm::eddsa);
  }
  return set;
}

}  // namespace portcullis
