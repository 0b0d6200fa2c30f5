// Whose refusal is told, and which keys are asked: an OIDC issuer that skips verification of the issuer beside traditional keys.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/token_check.h"
#include "tests/support/issuer_gate.h"
#include "tests/support/key_sets.h"
#include "tests/support/printing.h"

namespace portcullis {
namespace {

using namespace test;                  // NOLINT(google-build-using-namespace): every name of the fixture is used here
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

using Sources = std::vector<std::size_t>;

constexpr std::string_view kSkips = R"("skipIssuerVerification":true)";
constexpr std::size_t kTraditional = 0;
constexpr std::size_t kSkipper = 1;

/// What came of a token.
struct Said {
  Result<CheckedToken> checked;
  std::optional<std::size_t> judge;
  Deferral deferral;

  [[nodiscard]] Reason reason() const { return checked ? Reason::allowed : checked.error().reason; }
};

/// An issuer that skips verification, whose key is `i1`, beside the traditional key `k1` of the issuer `https://ours`.
class TokenCheck : public testing::Test {
 protected:
  TokenCheck() { gate_.shows(jwks_json({{"i1", &issuers_key()}})); }

  static const KeyPair& issuers_key() { return key_pair("ED25519"); }
  static const KeyPair& traditional_key() { return key_pair("ED25519", "second"); }
  State& state() { return gate_.gate().state(); }

  Said check(std::string_view token, TimePoint now = kNow) {
    std::optional<std::size_t> judge;
    Deferral deferral;
    Result<CheckedToken> checked = check_token(token, state(), nullptr, now, nullptr, &deferral, &judge);
    return {std::move(checked), judge, deferral};
  }

  /// A token of `issuer` that ends `seconds` from now.
  static std::string payload(std::string_view issuer, std::string_view audience = "registry", int seconds = 60) {
    return R"({"iss":")" + std::string(issuer) + R"(","sub":"alice","aud":")" + std::string(audience) + R"(","exp":)" +
           std::to_string(unix_seconds(kNow) + seconds) + "}";
  }
  static std::string token(const KeyPair& key, std::string_view kid, const std::string& payload) {
    return mint(payload, key, "EdDSA", kid);
  }
  static std::string unnamed(const KeyPair& key, const std::string& payload) { return mint(R"({"alg":"EdDSA"})", payload, key, "EdDSA"); }

  IssuerGate gate_{{.issuers = issuer_entry(kIdp, kSkips), .traditional = true}};
};

TEST_F(TokenCheck, IsOfWhicheverSourceHasTheKey) {
  const Said by_issuer = check(token(issuers_key(), "i1", payload("https://nobody")));
  ASSERT_EQ(by_issuer.reason(), Reason::allowed);
  EXPECT_EQ(by_issuer.checked->token->source, kSkipper);
  EXPECT_EQ(by_issuer.judge, kSkipper);

  const Said by_traditional = check(token(traditional_key(), "k1", payload("https://ours")));
  ASSERT_EQ(by_traditional.reason(), Reason::allowed);
  EXPECT_EQ(by_traditional.checked->token->source, kTraditional);
  EXPECT_EQ(by_traditional.judge, kTraditional);
}

TEST_F(TokenCheck, TakesTheSkippersWordFirstWhereBothHaveTheKey) {
  gate_.shows(jwks_json({{"k1", &traditional_key()}}));
  const Said said = check(token(traditional_key(), "k1", payload("https://ours")));
  ASSERT_EQ(said.reason(), Reason::allowed);
  EXPECT_EQ(said.checked->token->source, kSkipper);
}

TEST_F(TokenCheck, TellsTheRefusalOfWhoHasTheKey) {
  const Said by_issuer = check(token(issuers_key(), "i1", payload("https://nobody", "registry", -60)));
  EXPECT_EQ(by_issuer.reason(), Reason::token_expired);
  EXPECT_EQ(by_issuer.judge, kSkipper);

  const Said by_traditional = check(token(traditional_key(), "k1", payload("https://ours", "other")));
  EXPECT_EQ(by_traditional.reason(), Reason::audience_mismatch);
  EXPECT_EQ(by_traditional.judge, kTraditional);
}

TEST_F(TokenCheck, TellsTheTraditionalRefusalWhereBothHaveTheKey) {
  gate_.shows(jwks_json({{"k1", &traditional_key()}}));
  const Said said = check(token(traditional_key(), "k1", payload("https://nobody", "other")));
  EXPECT_EQ(said.reason(), Reason::issuer_mismatch) << "the issuer's own refusal is the audience: it looks at no issuer";
  EXPECT_EQ(said.judge, kTraditional);
}

TEST_F(TokenCheck, TellsTheTraditionalRefusalWhereNobodyHasTheKey) {
  const Said said = check(token(issuers_key(), "unknown", payload("https://nobody")));
  EXPECT_EQ(said.reason(), Reason::key_unknown);
  EXPECT_EQ(said.judge, kTraditional);
  EXPECT_EQ(said.deferral.lacking, (Sources{kSkipper, kTraditional})) << "either may bring it";
}

TEST_F(TokenCheck, TellsTheRefusalOfTheOnlyKeyThatATokenWithoutAKeyIdCanMean) {
  const Said good = check(unnamed(issuers_key(), payload("https://nobody")));
  EXPECT_EQ(good.reason(), Reason::allowed);
  const Said stranger = check(unnamed(key_pair("ED25519", "third"), payload("https://nobody")));
  EXPECT_EQ(stranger.reason(), Reason::bad_signature) << "not that traditional keys want a kid";
  EXPECT_EQ(stranger.judge, kSkipper);

  gate_.shows(jwks_json({{"i1", &issuers_key()}, {"i2", &key_pair("ED25519", "third")}}));
  const Said either = check(unnamed(issuers_key(), payload("https://nobody")));
  EXPECT_EQ(either.reason(), Reason::kid_missing);
  EXPECT_EQ(either.judge, kTraditional);
}

class TokenCheckWithoutIssuersKeys : public TokenCheck {
 protected:
  TokenCheckWithoutIssuersKeys() {
    SourceState empty;
    empty.name = "idp";
    empty.max_stale = 1h;
    state().issuers = IssuerKeys({empty});
  }
};

TEST_F(TokenCheckWithoutIssuersKeys, RefusesNobodyForASourceThatCouldNotLook) {
  const Said said = check(token(issuers_key(), "i1", payload("https://nobody")));
  EXPECT_EQ(said.reason(), Reason::keys_not_loaded) << "no 401: the key may be the issuer's";
  EXPECT_EQ(said.judge, kSkipper);
  EXPECT_EQ(said.deferral.lacking, (Sources{kSkipper, kTraditional}));
}

TEST_F(TokenCheckWithoutIssuersKeys, LeavesTheTokensOfTraditionalKeysAlone) {
  EXPECT_EQ(check(token(traditional_key(), "k1", payload("https://ours"))).reason(), Reason::allowed);
  const Said expired = check(token(traditional_key(), "k1", payload("https://ours", "registry", -60)));
  EXPECT_EQ(expired.reason(), Reason::token_expired);
  EXPECT_EQ(expired.judge, kTraditional);
}

TEST_F(TokenCheck, RefusesNobodyWhereTheTraditionalKeysCouldNotLook) {
  state().source.keys = nullptr;
  state().source.last_success.reset();
  EXPECT_EQ(check(token(issuers_key(), "i1", payload("https://nobody"))).reason(), Reason::allowed);
  for (const std::string& tried :
       {token(issuers_key(), "unknown", payload("https://nobody")), token(issuers_key(), "i1", payload("https://nobody", "other"))}) {
    const Said said = check(tried);
    EXPECT_EQ(said.reason(), Reason::keys_not_loaded);
    EXPECT_EQ(said.judge, kTraditional);
  }
}

TEST_F(TokenCheck, TellsTheSkippersRefusalWhereNobodyStandsBesideIt) {
  state().traditional = false;
  const Said said = check(token(issuers_key(), "unknown", payload("https://nobody")));
  EXPECT_EQ(said.reason(), Reason::key_unknown);
  EXPECT_EQ(said.judge, kSkipper);
  EXPECT_EQ(said.deferral.lacking, Sources{kSkipper});
}

TEST_F(TokenCheck, UsesTheKeysOfASkipperUntilTheyAreTooOld) {
  const std::string good = token(issuers_key(), "i1", payload("https://nobody", "registry", 10'000'000));
  const Milliseconds most = gate_.source().max_stale;
  state().source.last_success = kNow + most;  // the traditional keys stay fresh
  EXPECT_EQ(check(good, kNow + most).reason(), Reason::allowed);
  const Said late = check(good, kNow + most + 1ms);
  EXPECT_EQ(late.reason(), Reason::keys_stale);
  EXPECT_EQ(late.judge, kSkipper);
}

TEST_F(TokenCheck, PutsOffTheCostlyKeyOfEither) {
  gate_.shows(jwks_json({{"i1", &key_pair("P-384")}}), discovery_document(kIdp, R"(["ES384"])"));
  const std::string costly = mint(payload("https://nobody"), key_pair("P-384"), "ES384", "i1");
  const Said said = check(costly);
  EXPECT_TRUE(said.deferral.wanted);
  EXPECT_EQ(said.reason(), Reason::overloaded);
  EXPECT_EQ(said.judge, kSkipper);
  EXPECT_TRUE(said.deferral.lacking.empty()) << "nobody else was asked";
  EXPECT_TRUE(check_token(costly, state(), nullptr, kNow, nullptr));

  const std::string cheap = mint(payload("https://nobody"), issuers_key(), "EdDSA", "i1");
  EXPECT_FALSE(check(cheap).deferral.wanted) << "the key serves no such algorithm: its signature is never checked";
  EXPECT_FALSE(check(token(traditional_key(), "k1", payload("https://ours"))).deferral.wanted);
}

TEST_F(TokenCheck, PutsOffACostlyTraditionalKeyBehindTheSkipper) {
  state().source.keys = std::make_shared<const KeySet>(key_set({{"k1", &key_pair("P-384")}}));
  const Said said = check(mint(payload("https://ours"), key_pair("P-384"), "ES384", "k1"));
  EXPECT_TRUE(said.deferral.wanted);
  EXPECT_EQ(said.reason(), Reason::overloaded);
  EXPECT_EQ(said.judge, kTraditional);
}

std::optional<TraceStep> source_step(const State& state, std::string_view token) {
  Trace trace;
  static_cast<void>(check_token(token, state, nullptr, kNow, &trace));
  for (const TraceStep& step : trace.steps())
    if (step.step == "source") return step;
  return std::nullopt;
}

TEST_F(TokenCheck, TracesWhoseTokenItIs) {
  const std::string nobodys = token(issuers_key(), "i1", payload("https://nobody"));
  const auto beside = source_step(state(), nobodys);
  ASSERT_TRUE(beside.has_value());
  EXPECT_TRUE(beside->passed);
  EXPECT_EQ(beside->detail, "no configured oidc issuer owns the token's iss");

  IssuerGate alone({.issuers = issuer_entry(kIdp, kSkips)});
  EXPECT_TRUE(source_step(alone.gate().state(), nobodys)->passed) << "the issuer that skips verification tries it";
  IssuerGate owner_beside({.traditional = true});
  EXPECT_TRUE(source_step(owner_beside.gate().state(), nobodys)->passed) << "the traditional keys try it";
  IssuerGate owner;
  EXPECT_FALSE(source_step(owner.gate().state(), nobodys)->passed) << "nobody tries it";
  const auto owned = source_step(owner.gate().state(), token(issuers_key(), "i1", payload(kIdp)));
  EXPECT_TRUE(owned->passed);
  EXPECT_EQ(owned->detail, "iss is that of oidc issuer https://idp.example");
  EXPECT_FALSE(source_step(TestGate().state(), nobodys).has_value()) << "without issuers there is nothing to choose";
}

TEST_F(TokenCheck, HasNoJudgeWhereNoSourceMayJudge) {
  IssuerGate owner;
  std::optional<std::size_t> judge;
  const auto checked =
      check_token(token(issuers_key(), "i1", payload("https://nobody")), owner.gate().state(), nullptr, kNow, nullptr, nullptr, &judge);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason, Reason::issuer_mismatch);
  EXPECT_EQ(judge, std::nullopt);
}

}  // namespace
}  // namespace portcullis
