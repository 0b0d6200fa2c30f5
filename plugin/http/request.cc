#include "plugin/http/request.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/address.h"
#include "plugin/http/basic_credential.h"
#include "plugin/http/client_address.h"
#include "plugin/http/credential.h"
#include "plugin/http/header_scan.h"

namespace portcullis {
namespace {

constexpr std::string_view kEnvoyPrefix = "/envoy";
/// What an authority may hold here: a host or address and a port.
constexpr std::string_view kAuthority = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:[]";
/// Every header that states the original URI or method.
constexpr std::array kStatements = {Fact::original_uri, Fact::original_url, Fact::original_method, Fact::forwarded_uri,
                                    Fact::forwarded_method};

std::string_view path_of(std::string_view raw_uri) noexcept { return raw_uri.substr(0, raw_uri.find('?')); }

Result<void> check_marker(const FactValue& marker, const GateRules& rules) {
  if (rules.markers.empty()) return {};
  if (marker.count > 1) return Error{Reason::header_ambiguous, "X-Portcullis-Marker arrived twice"};
  // Every line is compared, so that time does not tell which one was near.
  bool known = false;
  for (const Secret& line : rules.markers) {
    if (equal_in_constant_time(line.reveal(), marker.value)) known = true;
  }
  if (marker.count == 0 || !known) return Error{Reason::marker_wrong, "X-Portcullis-Marker is missing or wrong"};
  return {};
}

/// The facts that one way of asking reads; every other statement of the URI or the method must be absent.
struct FactNames {
  std::optional<Fact> uri;
  std::optional<Fact> method;
};

FactNames facts_of(Endpoint endpoint, const GateRules& rules) noexcept {
  switch (endpoint) {
    case Endpoint::auth: return {rules.original_url ? Fact::original_url : Fact::original_uri, Fact::original_method};
    case Endpoint::forward: return {Fact::forwarded_uri, Fact::forwarded_method};
    case Endpoint::envoy:
    case Endpoint::verify:
    case Endpoint::introspect:
    case Endpoint::exchange:
    case Endpoint::credentials:
    case Endpoint::unknown: return {};
  }
  return {};
}

const char* missing_header(Fact fact) noexcept {
  if (fact == Fact::original_uri) return "the proxy sent no X-Original-URI";
  if (fact == Fact::original_url) return "the proxy sent no X-Original-URL";
  if (fact == Fact::original_method) return "the proxy sent no X-Original-Method";
  return fact == Fact::forwarded_uri ? "the proxy sent no X-Forwarded-Uri" : "the proxy sent no X-Forwarded-Method";
}

/// Exactly one of each configured fact, none of the alternatives: a client's own copy must not pass for the proxy's.
Result<void> check_facts(const HeaderScan& scan, const FactNames& names) {
  for (const Fact fact : kStatements) {
    const bool expected = fact == names.uri || fact == names.method;
    if (scan[fact].count > (expected ? 1U : 0U)) return Error{Reason::header_ambiguous, "the URI or the method is stated more than once"};
  }
  if (scan[Fact::client_address].count > 1) return Error{Reason::header_ambiguous, "the client's address is stated more than once"};
  if (scan[Fact::scheme].count > 1) return Error{Reason::header_ambiguous, "the scheme is stated more than once"};
  if (names.uri && scan[*names.uri].value.empty()) return Error{Reason::request_incomplete, missing_header(*names.uri)};
  if (names.method && scan[*names.method].value.empty()) return Error{Reason::request_incomplete, missing_header(*names.method)};
  return {};
}

/// `https://registry.example:443/v2/…?…` to path and query (RFC 3986 section 3). User information in the authority is refused: it hides the
/// host.
Result<std::string_view> uri_of_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::string_view name = url.substr(0, scheme);
  if (scheme == std::string_view::npos || !(same_header_name(name, "http") || same_header_name(name, "https"))) {
    return Error{Reason::header_invalid, "X-Original-URL does not begin with http:// or https://"};
  }
  const std::string_view rest = url.substr(scheme + 3);
  const std::size_t slash = rest.find('/');
  const std::string_view authority = rest.substr(0, slash);
  if (authority.empty() || slash == std::string_view::npos || authority.find_first_not_of(kAuthority) != std::string_view::npos) {
    return Error{Reason::header_invalid, "X-Original-URL is not scheme://authority/path"};
  }
  return rest.substr(slash);
}

Result<AuthRequest> read_facts(const HttpRequest& request, Endpoint endpoint, const HeaderScan& scan, const FactNames& names) {
  AuthRequest read;
  read.client = client_address(scan[Fact::client_address].value);
  read.facts = {.method = {},
                .client = read.client,
                .peer = request.peer->text,
                .scheme = scan[Fact::scheme].value,
                .headers = request.headers,
                .tags = {}};
  if (endpoint == Endpoint::envoy) {
    read.method = request.method;
    read.uri = request.raw_uri.substr(kEnvoyPrefix.size());
    return read;
  }
  if (!names.uri || !names.method) return Error{Reason::internal_error, "this endpoint asks about no other request"};
  read.method = scan[*names.method].value;
  read.uri = scan[*names.uri].value;
  if (*names.uri != Fact::original_url) return read;
  const auto uri = uri_of_url(read.uri);
  if (!uri) return uri.error();
  read.uri = *uri;
  return read;
}

}  // namespace

bool is_trusted(const Peer* peer, const GateRules& rules) noexcept {
  if (peer == nullptr) return false;
  switch (peer->kind) {
    case Peer::Kind::unix_socket: return peer->user_trusted;
    case Peer::Kind::tcp:
      return std::any_of(rules.trusted.begin(), rules.trusted.end(),
                         [&](const AddressRange& range) { return contains(range, peer->address); });
  }
  return false;
}

Endpoint endpoint_of(std::string_view method, std::string_view raw_uri) noexcept {
  const std::string_view path = path_of(raw_uri);
  if (path == "/auth" && (method == "GET" || method == "HEAD")) return Endpoint::auth;
  if (path == "/forward") return Endpoint::forward;
  if (path.starts_with(kEnvoyPrefix) && path.substr(kEnvoyPrefix.size()).starts_with('/')) return Endpoint::envoy;
  if (path == "/v1/verify" && method == "POST") return Endpoint::verify;
  if (path == "/introspect" && method == "POST") return Endpoint::introspect;
  if (path == "/v1/credentials" && method == "POST") return Endpoint::credentials;
  if (path == "/zot/auth/token" && (method == "GET" || method == "POST" || method == "OPTIONS")) return Endpoint::exchange;
  return Endpoint::unknown;
}

std::string_view allowed_methods(std::string_view raw_uri) noexcept {
  const std::string_view path = path_of(raw_uri);
  if (path == "/auth") return "GET, HEAD";
  if (path == "/v1/verify" || path == "/v1/credentials" || path == "/introspect") return "POST";
  if (path == "/zot/auth/token") return "GET, POST, OPTIONS";
  return {};
}

std::string_view endpoint_name(Endpoint endpoint) noexcept {
  switch (endpoint) {
    case Endpoint::auth: return "auth";
    case Endpoint::forward: return "forward";
    case Endpoint::envoy: return "envoy";
    case Endpoint::verify: return "verify";
    case Endpoint::introspect: return "introspect";
    case Endpoint::exchange: return "exchange";
    case Endpoint::credentials: return "credentials";
    case Endpoint::unknown: return "unknown";
  }
  return "unknown";
}

Result<void> check_peer(const HttpRequest& request, const GateRules& rules) {
  if (!is_trusted(request.peer, rules)) return Error{Reason::peer_untrusted, "the peer is not trusted"};
  if (rules.markers.empty()) return {};
  return check_marker(scan_headers(request, rules)[Fact::marker], rules);
}

Result<AuthRequest> read_request(const HttpRequest& request, Endpoint endpoint, const GateRules& rules, AuthRequest& partial,
                                 Secret& password) {
  if (!is_trusted(request.peer, rules)) return Error{Reason::peer_untrusted, "the peer is not trusted"};
  const HeaderScan scan = scan_headers(request, rules);
  auto good = check_marker(scan[Fact::marker], rules);
  if (!good) return good.error();
  if (!scan.names_are_tokens) return Error{Reason::header_invalid, "a header's name is not a token"};
  const FactNames names = facts_of(endpoint, rules);
  good = check_facts(scan, names);
  if (!good) return good.error();
  if (request.has_body) return Error{Reason::body_not_allowed, "the question has a body"};
  auto read = read_facts(request, endpoint, scan, names);
  if (!read) return read;
  partial = *read;
  const FactValue& authorization = scan[Fact::authorization];
  auto token = rules.basic_tokens ? read_bearer_or_basic(authorization, password) : read_credential(authorization);
  if (!token) return std::move(token).error();
  read->token = *token;
  return read;
}

Result<std::optional<std::string_view>> bearer_token(const HttpRequest& request) {
  FactValue authorization;
  for (const auto& [name, value] : request.headers) {
    if (same_header_name(name, "authorization") && authorization.count++ == 0) authorization.value = value;
  }
  return read_credential(authorization);
}

}  // namespace portcullis
