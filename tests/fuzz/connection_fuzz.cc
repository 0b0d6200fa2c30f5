// Fuzzes a connection: several requests, one after another, to one gate with one token cache. No request may change what a later one gets,
// and nothing opens but for the one good token. Requests are separated by a line `---`: method and URI, header lines, and behind an empty
// line the body.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "keystore/key_text.h"
#include "plugin/gate.h"
#include "plugin/http/header_scan.h"

namespace {

using namespace portcullis;

constexpr TimePoint kNow{std::chrono::seconds(1772366400)};
constexpr std::size_t kRequests = 16;

/// Nobody has the private half any more.
constexpr std::string_view kJwks =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"j2Fkm3AoS7EAC8zhMwS22KLoNsePA-HvMHmJyMhPR6o","kid":"k1"}]})";
/// `sub` alice, good until the year 9999, pull and push on team/app.
constexpr std::string_view kGoodToken =
    "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0."
    "eyJzdWIiOiJhbGljZSIsImV4cCI6MjUzNDAyMzAwNzk5LCJhY2Nlc3MiOlt7InR5cGUiOiJyZXBvc2l0b3J5"
    "IiwibmFtZSI6InRlYW0vYXBwIiwiYWN0aW9ucyI6WyJwdWxsIiwicHVzaCJdfV19.PBZbSNnIMAVSG8N_V8pbSR1XGpn4OagweRLRse-"
    "iUqH8OZ2TeI6vP4HALz56GZa1hS7j1_"
    "VZdcR7e-tdu1cICQ";

void require(bool holds) {
  if (!holds) std::abort();
}

State make_state() {
  State state;
  state.config.bearer.realm = "https://auth.example/token";
  state.config.bearer.service = "registry.example";
  state.config.proxy.trusted.push_back({.bytes = {}, .prefix = 0});
  state.config.proxy.client_address = "X-Real-IP";
  state.config.limits.token_bytes = 16384;
  state.config.limits.uri_bytes = 4096;
  auto rules = compile_rules(state.config, {}, 1);
  require(rules.ok());
  state.rules = std::move(rules).value();
  state.source.name = "file";
  state.source.max_stale = std::chrono::hours(24);
  state.source = finish_round(state.source, read_jwks(kJwks, ""), 1, kNow).next;
  require(state.source.keys != nullptr);
  state.revocations = std::make_shared<const Revocations>();
  return state;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// Reads one request; `$TOKEN` as the value of a header stands for the good token's Bearer header, so that the fuzzer finds it.
HttpRequest read(std::string_view text, const Peer& peer, std::string_view good_header) {
  HttpRequest request;
  request.peer = &peer;
  std::string_view first = take_line(text);
  const std::size_t blank = first.find(' ');
  request.method = first.substr(0, blank);
  request.raw_uri = blank == std::string_view::npos ? std::string_view() : first.substr(blank + 1);
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    const std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    request.headers.emplace_back(line.substr(0, colon), value == "$TOKEN" ? good_header : value);
  }
  request.body = text;
  request.has_body = !text.empty();
  return request;
}

std::size_t count(const HttpAnswer& answer, std::string_view name) {
  std::size_t found = 0;
  for (const auto& header : answer.headers) found += header.first == name ? 1 : 0;
  return found;
}

void check(const HttpRequest& request, const GateAnswer& given) {
  const HttpAnswer& http = given.http;
  require(count(http, "WWW-Authenticate") == (http.status == 401 ? 1U : 0U));
  require(count(http, "Retry-After") == (http.status == 503 ? 1U : 0U));
  for (const char* name : {"Cache-Control", "Docker-Distribution-Api-Version", "X-Portcullis-Decision", "X-Portcullis-Id"})
    require(count(http, name) == 1);
  std::size_t bytes = 0;
  for (const auto& [name, value] : http.headers) {
    bytes += name.size() + value.size() + 4;
    for (const char c : value) require(c >= ' ' && c <= '~');
  }
  require(bytes < 4000);
  const bool proxied = given.endpoint == Endpoint::auth || given.endpoint == Endpoint::forward || given.endpoint == Endpoint::envoy;
  if (http.status != 200 || !proxied) return;
  require(given.decision && given.decision->allowed() && given.decision->token != nullptr && !request.has_body);
  std::size_t credentials = 0;
  for (const auto& [name, value] : request.headers) {
    if (same_header_name(name, "Authorization") && value.ends_with(kGoodToken)) ++credentials;
  }
  require(credentials == 1);
  const std::string& repository = given.decision->access->repository;
  require(repository.empty() || repository == "team/app");
}

bool same(const GateAnswer& left, const GateAnswer& right) {
  return left.http.status == right.http.status && left.http.body == right.http.body && left.http.headers == right.http.headers;
}

HttpRequest known_request(const Peer& peer, std::string_view authorization) {
  HttpRequest request;
  request.method = "GET";
  request.raw_uri = "/auth";
  request.headers = {{"X-Original-URI", "/v2/team/app/tags/list"}, {"X-Original-Method", "GET"}, {"Authorization", authorization}};
  request.peer = &peer;
  return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const State kState = make_state();
  static const std::string kGoodHeader = "Bearer " + std::string(kGoodToken);
  TokenCache cache(16);
  const Peer peer;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (std::size_t i = 0; i < kRequests && !rest.empty(); ++i) {
    constexpr std::string_view kSeparator = "\n---\n";
    const std::size_t end = rest.find(kSeparator);
    const HttpRequest request = read(rest.substr(0, end), peer, kGoodHeader);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + kSeparator.size());
    const GateAnswer given = answer(request, kState, &cache, "id", kNow);
    check(request, given);
    require(same(given, answer(request, kState, nullptr, "id", kNow)));
    require(same(given, answer(request, kState, &cache, "id", kNow)));
  }
  require(answer(known_request(peer, kGoodHeader), kState, &cache, "id", kNow).http.status == 200);
  require(answer(known_request(peer, "Bearer a.b.c"), kState, &cache, "id", kNow).http.status == 401);
  return 0;
}
