// Section 2E, continued: who issued a token, and for whom.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "config/load.h"
#include "tests/attacks/attack.h"

namespace portcullis::attacks {
namespace {

constexpr std::string_view kIssuers = R"("tokens":{"issuers":["https://idp.example/a","https://other.example"],"audiences":["any"]})";
constexpr std::string_view kAudiences = R"("tokens":{"issuers":["any"],"audiences":["registry.example"]})";

std::string token_with(std::string_view members) { return token_of(good_payload(kNow, "team/app", "pull", members)); }

TEST(Attacks2E, C9_MatchesIssuersWholeAndNotInPart) {
  TestGate gate = gate_configured(kIssuers);
  expect_token_allowed(gate, token_with(R"("iss":"https://idp.example/a")"));
  expect_token_allowed(gate, token_with(R"("iss":"https://other.example")"));

  for (const char* issuer : {"", "h", "http", "https://", "https://idp.example", "https://idp.example/", "https://idp.example/ab",
                             "https://idp.example/a/b", "xhttps://idp.example/a", "https://other.example.attacker.example", "any", "*"}) {
    expect_token_refused(gate, token_with(R"("iss":")" + std::string(issuer) + "\""), Reason::issuer_mismatch);
  }
}

TEST(Attacks2E, C10_ComparesIssuersByteForByte) {
  TestGate gate = gate_configured(kIssuers);

  for (const char* issuer : {"https://idp.example/a/", "https://IDP.example/a", "HTTPS://idp.example/a", "https://idp.example:443/a",
                             "https://idp.example/%61", "https://idp.example/./a", "https://idp.ex\xc3\xa1mple/a",
                             "https://u@idp.example/a", "https://idp.example/a?", "https://idp.example/a?x=1", "https://idp.example/a#",
                             "https://idp.example//a", " https://idp.example/a", "https://idp.example/a "}) {
    expect_token_refused(gate, token_with(R"("iss":")" + std::string(issuer) + "\""), Reason::issuer_mismatch);
  }
}

TEST(Attacks2E, C11_TakesNoIssuerButAText) {
  TestGate gate = gate_configured(kIssuers);

  expect_token_refused(gate, token_with(R"("jti":"1")"), Reason::issuer_mismatch);
  for (const char* value :
       {R"(["https://idp.example/a"])", R"(["https://idp.example/a","https://other.example"])", "7", "null", "true", "{}"}) {
    expect_token_refused(gate, token_with("\"iss\":" + std::string(value)), Reason::claim_invalid);
  }
}

TEST(Attacks2E, C13_WarnsWhereNoAudienceIsConfigured) {
  const LoadedConfig loaded = load_config_text(gate_config(R"("tokens":{"issuers":["any"]})"), "/etc/portcullis", {});

  // `check --strict` fails on it; ["any"] says that it is meant.
  EXPECT_TRUE(std::any_of(loaded.findings.begin(), loaded.findings.end(), [](const Finding& finding) {
    return finding.severity == Severity::warning && finding.path == "portcullis.tokens.audiences";
  })) << format_findings(loaded.findings);
}

TEST(Attacks2E, C14_RefusesATokenForAnotherService) {
  TestGate gate = gate_configured(kAudiences);

  expect_token_refused(gate, token_with(R"("aud":"mail.example")"), Reason::audience_mismatch);
  expect_token_refused(gate, token_with(R"("aud":["mail.example","wiki.example"])"), Reason::audience_mismatch);
  expect_token_allowed(gate, token_with(R"("aud":"registry.example")"));
}

TEST(Attacks2E, C15_MatchesAudiencesWholeAndLiterally) {
  TestGate gate = gate_configured(kAudiences);

  for (const char* audience : {"Registry.example", "REGISTRY.EXAMPLE", "registry.example/", "registry.exampl",
                               "registry.example.attacker.example", "registry", "*", "any", ".*", "registry.*"}) {
    expect_token_refused(gate, token_with(R"("aud":")" + std::string(audience) + "\""), Reason::audience_mismatch);
    expect_token_refused(gate, token_with(R"("aud":[")" + std::string(audience) + "\"]"), Reason::audience_mismatch);
  }
  expect_token_allowed(gate, token_with(R"("aud":["*","registry.example"])"));
  TestGate star = gate_configured(R"("tokens":{"issuers":["any"],"audiences":["*"]})");
  expect_token_refused(star, token_with(R"("aud":"registry.example")"), Reason::audience_mismatch);
  expect_token_allowed(star, token_with(R"("aud":"*")"));
}

}  // namespace
}  // namespace portcullis::attacks
