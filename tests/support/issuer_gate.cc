#include "tests/support/issuer_gate.h"

#include <utility>

#include "keystore/refresh/oidc_source.h"
#include "keystore/refresh/round.h"

namespace portcullis::test {
namespace {

GateTexts gate_texts(const IssuerTexts& texts) {
  GateTexts gate;
  gate.config = issuer_config(texts);
  if (texts.traditional) gate.keys = secret_json({{"k1", &key_pair("ED25519", "second")}});
  return gate;
}

}  // namespace

std::string issuer_entry(std::string_view issuer, std::string_view more) {
  std::string text = R"({"issuer":")" + std::string(issuer) + R"(","audiences":["registry"])";
  if (!more.empty()) text.append(",").append(more);
  return text + "}";
}

std::string discovery_document(std::string_view issuer, std::string_view algorithms) {
  std::string text = R"({"issuer":")" + std::string(issuer) + R"(","jwks_uri":")" + std::string(issuer) + R"(/keys")";
  if (!algorithms.empty()) text.append(R"(,"id_token_signing_alg_values_supported":)").append(algorithms);
  return text + "}";
}

std::string issuer_token(std::string_view issuer, const KeyPair& key, std::string_view kid, std::string_view extra) {
  std::string payload = R"({"iss":")" + std::string(issuer) + R"(","sub":"alice","aud":"registry","iat":)" +
                        std::to_string(unix_seconds(kNow)) + R"(,"exp":)" + std::to_string(unix_seconds(kNow) + 300);
  if (!extra.empty()) payload.append(",").append(extra);
  return mint(payload + "}", key, "EdDSA", kid);
}

std::string issuer_token_of(std::string_view payload, const KeyPair& key) { return mint(payload, key, "EdDSA", "i1"); }

std::string issuer_config(const IssuerTexts& texts) {
  std::string text =
      R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example","oidc":[)" + texts.issuers + "]}}";
  if (!texts.access_control.empty()) text += R"(,"accessControl":{)" + texts.access_control + "}";
  text += R"(},"portcullis":{"listen":["127.0.0.1:0"],"proxy":{"trusted":["127.0.0.1/32"]})";
  if (texts.traditional)
    text += R"(,"keys":{"file":"keys.json"},"tokens":{"issuers":["https://ours"],"audiences":["registry"],"policy":"ignored"})";
  return text + "}}";
}

IssuerGate::IssuerGate(const IssuerTexts& texts) : gate_(gate_texts(texts)) {
  gate_.state().traditional = texts.traditional;
  std::vector<SourceState> states;
  for (const OidcIssuerConfig& issuer : gate_.state().config.bearer.oidc) {
    SourceState& state = states.emplace_back();
    state.name = issuer_source_name(issuer);
    state.max_stale = gate_.state().config.keys.max_stale;
    sources_.push_back(make_oidc_source(&networks_.emplace_back(), files_, issuer));
  }
  gate_.state().issuers = IssuerKeys(std::move(states));
}

void IssuerGate::round(std::size_t index, TimePoint now) {
  std::vector<SourceState> states = gate_.state().issuers.sources();
  states.at(index) = finish_round(states.at(index), sources_.at(index)->fetch(now), ++generation_, now).next;
  gate_.state().issuers = IssuerKeys(std::move(states));
}

void IssuerGate::shows(const std::string& jwks, const std::string& document, std::size_t index) {
  forget(index);
  network(index).answer(200, document);
  network(index).answer(200, jwks);
  round(index);
}

void IssuerGate::forget(std::size_t index) {
  sources_.at(index) = make_oidc_source(&networks_.at(index), files_, gate_.state().config.bearer.oidc.at(index));
}

std::string IssuerGate::fault(std::size_t index) { return source(index).last_error ? source(index).last_error->detail : std::string(); }

GateAnswer IssuerGate::ask(std::string_view token, std::string_view uri, std::string_view method, TimePoint now) {
  GateQuestion question = nginx_asks(method, uri, bearer(token));
  question.now = now;
  return gate_.ask(question);
}

}  // namespace portcullis::test
