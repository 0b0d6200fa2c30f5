#include "tests/support/gate_fixture.h"

#include <cstdio>
#include <cstdlib>

#include "config/load.h"
#include "keystore/refresh/round.h"
#include "plugin/policies.h"

namespace portcullis::test {
namespace {

constexpr std::size_t kCachedTokens = 1000;

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "gate_fixture: %s\n", text.c_str());
  std::abort();
}

template <class T>
T must(Result<T> result, std::string_view what) {
  if (!result) fail(std::string(what) + ": " + std::string(reason_name(result.error().reason)) + ": " + result.error().detail);
  return std::move(result).value();
}

Config load(const std::string& text) {
  LoadedConfig loaded = load_config_text(text, "/etc/portcullis", {});
  if (!loaded.config) fail(format_findings(loaded.findings));
  return std::move(*loaded.config);
}

SourceState load_keys(const GateTexts& texts, const Config& config) {
  SourceState before;
  before.name = texts.cert ? "cert" : "file";
  before.kid_required = !texts.cert;
  before.max_stale = config.keys.max_stale;
  if (texts.keys.empty()) return before;
  Result<ParsedKeys> brought = texts.cert ? read_key_text(texts.keys, kNow) : read_secret(texts.keys, kNow);
  RoundOutcome round = finish_round(before, std::move(brought), 1, kNow);
  if (round.next.last_error) fail("keys: " + round.next.last_error->detail);
  return std::move(round.next);
}

State build(const GateTexts& texts) {
  State state;
  state.config = load(texts.config);
  state.rules = must(compile_rules(state.config, texts.markers, 1), "rules");
  state.source = load_keys(texts, state.config);
  Revocations revocations = texts.revocations.empty() ? Revocations() : must(Revocations::parse(texts.revocations), "revocations");
  state.revocations = std::make_shared<const Revocations>(std::move(revocations));
  state.config_generation = 1;
  CompiledPolicy policy = compile_access_control(state.config);
  if (state.config.access_control && policy.policy == nullptr) fail(format_findings(policy.findings));
  set_policy(state, std::move(policy.policy));
  return state;
}

GateTexts default_texts() {
  GateTexts texts;
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
  return texts;
}

GateQuestion question_with(HeaderList headers, std::optional<std::string_view> authorization) {
  GateQuestion question;
  question.headers = std::move(headers);
  if (authorization) question.with("Authorization", std::string(*authorization));
  return question;
}

GateQuestion post(std::string uri, std::string body) {
  GateQuestion question;
  question.method = "POST";
  question.uri = std::move(uri);
  question.headers.clear();
  question.has_body = !body.empty();
  question.body = std::move(body);
  return question;
}

std::string with_error(std::string challenge, std::string_view error, PublicText text) {
  return std::move(challenge) + ",error=\"" + std::string(error) + "\",error_description=\"" + std::string(public_text(text)) + "\"";
}

}  // namespace

Peer trusted_peer() { return tcp_peer({127, 0, 0, 1}); }

Peer tcp_peer(std::array<std::uint8_t, 4> address) {
  Peer peer;
  peer.address[10] = 0xff;
  peer.address[11] = 0xff;
  for (std::size_t i = 0; i < address.size(); ++i) peer.address[12 + i] = address[i];
  peer.text = "tcp";
  return peer;
}

Peer unix_peer(bool user_trusted) {
  Peer peer;
  peer.kind = Peer::Kind::unix_socket;
  peer.user_trusted = user_trusted;
  peer.text = "unix";
  return peer;
}

GateQuestion& GateQuestion::with(std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

GateQuestion nginx_asks(std::string_view method, std::string_view uri, std::optional<std::string_view> authorization) {
  return question_with({{"X-Original-Method", std::string(method)}, {"X-Original-URI", std::string(uri)}}, authorization);
}

GateQuestion forward_asks(std::string_view method, std::string_view uri, std::optional<std::string_view> authorization) {
  GateQuestion question =
      question_with({{"X-Forwarded-Method", std::string(method)}, {"X-Forwarded-Uri", std::string(uri)}}, authorization);
  question.uri = "/forward";
  return question;
}

GateQuestion envoy_asks(std::string_view method, std::string_view uri, std::optional<std::string_view> authorization) {
  GateQuestion question = question_with({}, authorization);
  question.method = std::string(method);
  question.uri = "/envoy" + std::string(uri);
  return question;
}

GateQuestion verify_asks(std::string body) { return post("/v1/verify", std::move(body)); }

GateQuestion introspect_asks(std::string body) { return post("/introspect", std::move(body)); }

std::string gate_config(std::string_view portcullis) {
  const bool own_proxy = portcullis.find("\"proxy\"") != std::string_view::npos;
  const bool own_tokens = portcullis.find("\"tokens\"") != std::string_view::npos;
  std::string text = R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}}},)";
  text += R"("portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"})";
  if (!own_proxy) text += R"(,"proxy":{"trusted":["127.0.0.1/32"]})";
  if (!own_tokens) text += R"(,"tokens":{"issuers":["any"],"audiences":["any"]})";
  if (!portcullis.empty()) text.append(",").append(portcullis);
  return text + "}}";
}

TestGate::TestGate(const GateTexts& texts) : state_(build(texts)), cache_(kCachedTokens) {}

TestGate::TestGate() : TestGate(default_texts()) {}

HttpRequest request_of(const GateQuestion& question) {
  HttpRequest request;
  request.method = question.method;
  request.raw_uri = question.uri;
  for (const auto& [name, value] : question.headers) request.headers.emplace_back(name, value);
  request.has_body = question.has_body;
  request.body = question.body;
  request.peer = question.peer ? &*question.peer : nullptr;
  return request;
}

GateAnswer TestGate::ask_with(const GateQuestion& question, TokenCache* cache) {
  return answer(request_of(question), state_, cache, kDecisionId, question.now);
}

GateAnswer TestGate::ask(const GateQuestion& question) { return ask_with(question, &cache_); }

GateAnswer TestGate::ask_uncached(const GateQuestion& question) { return ask_with(question, nullptr); }

std::string token_of(std::string_view payload) { return mint(payload, key_pair("ED25519"), "EdDSA", "k1"); }

std::string good_token(std::string_view repository, std::string_view actions, std::string_view extra) {
  return token_of(good_payload(kNow, repository, actions, extra));
}

std::string bearer(std::string_view token) { return "Bearer " + std::string(token); }

std::optional<std::string> header_of(const GateAnswer& answer, std::string_view name) {
  if (header_count(answer, name) != 1) return std::nullopt;
  for (const auto& [key, value] : answer.http.headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::size_t header_count(const GateAnswer& answer, std::string_view name) {
  std::size_t count = 0;
  for (const auto& header : answer.http.headers) count += header.first == name ? 1 : 0;
  return count;
}

Reason reason_of(const GateAnswer& answer) {
  if (!answer.decision) fail("the answer has no decision: " + describe(answer));
  return answer.decision->reason();
}

std::string describe(const GateAnswer& answer) {
  std::string text = std::to_string(answer.http.status);
  if (answer.decision) text += " " + std::string(reason_name(answer.decision->reason()));
  if (answer.decision && answer.decision->refusal) text += " (" + answer.decision->refusal->detail + ")";
  for (const auto& [name, value] : answer.http.headers) text.append("\n  ").append(name).append(": ").append(value);
  return text + "\n  " + answer.http.body;
}

std::string challenge_of(std::string_view scope) {
  return R"(Bearer realm="https://auth.example/token",service="registry.example",scope=")" + std::string(scope) + "\"";
}

std::string invalid_token_challenge_of(std::string_view scope) {
  return with_error(challenge_of(scope), "invalid_token", PublicText::token_invalid);
}

std::string expired_challenge_of(std::string_view scope) {
  return with_error(challenge_of(scope), "invalid_token", PublicText::token_expired);
}

std::string scope_challenge_of(std::string_view scope) {
  return with_error(challenge_of(scope), "insufficient_scope", PublicText::scope_too_small);
}

}  // namespace portcullis::test
