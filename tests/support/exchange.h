// Questions to `/zot/auth/token`, and gates that have it.
#pragma once

#include <string>
#include <string_view>

#include "base/codec/base64url.h"
#include "tests/support/gate_fixture.h"

namespace portcullis::test {

/// A configuration as `gate_config` makes it, with more members of `http.auth.bearer` (without a leading comma) and of `portcullis`.
inline std::string bearer_config(std::string_view bearer, std::string_view portcullis = {}) {
  std::string text = gate_config(portcullis);
  constexpr std::string_view place = R"("service":"registry.example")";
  return text.insert(text.find(place) + place.size(), "," + std::string(bearer));
}

/// Another token endpoint, that is asked for the service `other`.
inline constexpr std::string_view kUpstream =
    R"("upstreamTokenEndpoint":{"realm":"https://tokens.example/t?own=1&service=mine","service":"other"})";

/// A gate that knows the Ed25519 key `k1` and the issuer `https://ours`, and asks `kUpstream` about what is not ours.
inline GateTexts exchange_texts(std::string_view bearer = kUpstream) {
  GateTexts texts;
  texts.config = bearer_config(bearer, R"("tokens":{"issuers":["https://ours"],"audiences":["registry.example"]})");
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
  return texts;
}

/// A token that such a gate takes: of `k1`, issued ten seconds before `kNow` and good for `seconds` from then on.
inline std::string our_token(std::int64_t seconds = 300, std::string_view extra = {}) {
  std::string payload = R"({"iss":"https://ours","aud":"registry.example","sub":"alice","iat":)" + std::to_string(unix_seconds(kNow) - 10) +
                        R"(,"exp":)" + std::to_string(unix_seconds(kNow) + seconds) + R"(,"access":[])";
  if (!extra.empty()) payload.append(",").append(extra);
  return token_of(payload + "}");
}

/// A token of another issuer and another key.
inline std::string foreign_token() {
  return mint(R"({"iss":"https://theirs","aud":"x","sub":"bob"})", key_pair("ED25519", "second"), "EdDSA", "their-key");
}

/// `Basic` and the base64 of `user:password`.
inline std::string basic(std::string_view user, std::string_view password) {
  return "Basic " + base64_encode(std::string(user) + ":" + std::string(password));
}

/// `GET /zot/auth/token` with this Authorization, or without any.
inline GateQuestion exchange_asks(std::string_view authorization = {}, std::string_view query = {}) {
  GateQuestion question;
  question.uri = "/zot/auth/token" + std::string(query.empty() ? "" : "?") + std::string(query);
  question.headers.clear();
  if (!authorization.empty()) question.with("Authorization", std::string(authorization));
  return question;
}

/// `POST /zot/auth/token` with a form.
inline GateQuestion form_asks(std::string body, std::string_view type = "application/x-www-form-urlencoded") {
  GateQuestion question = exchange_asks();
  question.method = "POST";
  question.has_body = !body.empty();
  question.body = std::move(body);
  question.with("Content-Type", std::string(type));
  return question;
}

}  // namespace portcullis::test
