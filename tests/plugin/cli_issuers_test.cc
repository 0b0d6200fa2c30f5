// The subcommands and OIDC issuers: keys of files stand in for the network, and `keys` shows what each issuer has.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/codec/json.h"
#include "tests/support/command_line.h"
#include "tests/support/issuer_gate.h"
#include "tests/support/key_sets.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): every name of the fixture is used here

constexpr const char* kConfig = "/etc/portcullis/config.json";
constexpr const char* kJwks = "/etc/portcullis/jwks.json";
constexpr const char* kToken = "/tmp/token.jwt";
constexpr const char* kReplacement = "https://idp.example=/etc/portcullis/jwks.json";
constexpr JsonLimits kLimits{.bytes = 100'000, .depth = 12, .members = 1000};

class CliIssuers : public testing::Test {
 protected:
  CliIssuers() {
    put(kConfig, issuer_config({}));
    put(kJwks, R"({"keys":[)" + named_jwk(key_pair("ED25519"), "i1", "EdDSA") + "]}");
    put(kToken, issuer_token());
  }

  static std::string named_jwk(const KeyPair& key, std::string_view kid, std::string_view alg) {
    JwkOptions options;
    options.kid = kid;
    options.alg = alg;
    return key.public_jwk(options);
  }
  void put(const std::string& path, const std::string& text) { ASSERT_TRUE(world_.files.write(path, text, 0600).ok()); }

  Said run(std::vector<const char*> arguments) { return run_command(world_, std::move(arguments)); }
  Said verify(std::vector<const char*> more) {
    std::vector<const char*> arguments = {"verify", kConfig, "--token", kToken, "--uri", "/v2/team/app/tags/list"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }

  ChainWorld world_{{}};
};

TEST_F(CliIssuers, VerifyReadsAnIssuersKeysFromAFile) {
  const Said said = verify({"--oidc-keys", kReplacement});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out << said.err;
  EXPECT_TRUE(contains(said.out, "iss is that of oidc issuer https://idp.example")) << said.out;
  EXPECT_TRUE(contains(said.out, "https://idp.example/alice")) << said.out;
  EXPECT_TRUE(world_.http.asked().empty()) << "nobody is asked over the network";
}

TEST_F(CliIssuers, VerifyJsonSaysWhatKindOfKeysTookTheToken) {
  put(kConfig, issuer_config({.traditional = true}));
  put("/etc/portcullis/keys.json", secret_json({{"k1", &key_pair("ED25519", "second")}}));
  const auto source_of = [this](const std::string& token) {
    put(kToken, token);
    const auto document = parse_json(verify({"--oidc-keys", kReplacement, "--json"}).out, kLimits);
    EXPECT_TRUE(document.ok());
    return document.ok() ? std::string(document->root().get("source").string().value_or("-")) : "no JSON";
  };

  EXPECT_EQ(source_of(issuer_token()), "oidc");
  EXPECT_EQ(source_of(mint(R"({"iss":"https://ours","aud":"registry","exp":9999999999,"access":[]})", key_pair("ED25519", "second"),
                           "EdDSA", "k1")),
            "traditional");
  EXPECT_EQ(source_of(issuer_token(kIdp, key_pair("ED25519", "second"))), "-") << "nobody took it";
}

TEST_F(CliIssuers, CheckNamesTheSettingOfAnIssuersFileThatCannotBeRead) {
  put(kConfig, issuer_config({.issuers = issuer_entry(kIdp, R"("jwksFile":"absent.json")")}));

  const Said said = run({"check", kConfig});

  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(contains(said.out, "error: http.auth.bearer.oidc[0].jwksFile: ")) << said.out;
  EXPECT_TRUE(contains(said.out, "/etc/portcullis/absent.json: ")) << said.out;
}

TEST_F(CliIssuers, VerifySaysWhatStandsInForKeysThatComeOverTheNetwork) {
  const Said said = verify({});

  EXPECT_NE(said.status, ExitStatus::yes);
  EXPECT_TRUE(contains(said.err, "--oidc-keys https://idp.example=FILE")) << said.err;
  EXPECT_TRUE(world_.http.asked().empty());
}

TEST_F(CliIssuers, VerifyRefusesAFileThatNobodyWouldRead) {
  for (const char* wrong : {"https://idp.example/=/etc/portcullis/jwks.json", "/etc/portcullis/jwks.json", "https://idp.example=", "=x"}) {
    const Said said = verify({"--oidc-keys", wrong});
    EXPECT_EQ(said.status, ExitStatus::cannot_judge) << wrong;
    EXPECT_TRUE(contains(said.err, "--oidc-keys: ")) << said.err;
  }
  EXPECT_EQ(verify({"--oidc-keys", kReplacement, "--oidc-keys", kReplacement}).status, ExitStatus::cannot_judge);
}

TEST_F(CliIssuers, VerifyNamesAFileThatHoldsNoKeys) {
  for (const char* text : {"no JSON", R"({"keys":[]})"}) {
    put(kJwks, text);
    const Said said = verify({"--oidc-keys", kReplacement});
    EXPECT_NE(said.status, ExitStatus::yes);
    EXPECT_TRUE(contains(said.err, "no keys from /etc/portcullis/jwks.json: ")) << said.err;
  }
}

TEST_F(CliIssuers, KeysShowsThoseOfAFile) {
  put(kConfig, issuer_config({.issuers = issuer_entry(kIdp, R"("jwksFile":"jwks.json")")}));

  const Said said = run({"keys", kConfig});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out << said.err;
  EXPECT_TRUE(contains(said.out, "i1")) << said.out;
  EXPECT_TRUE(contains(said.out, "oidc:https://idp.example:/etc/portcullis/jwks.json")) << said.out;
}

TEST_F(CliIssuers, KeysAsksTheIssuerAsTheDaemonWould) {
  world_.http.answer(200, discovery_document());
  world_.http.answer(200, R"({"keys":[{"kty":"odd","kid":"x"},)" + named_jwk(key_pair("ED25519"), "i1", "EdDSA") + "]}");

  const Said said = run({"keys", kConfig});

  EXPECT_EQ(said.status, ExitStatus::no) << "a key was set aside";
  EXPECT_TRUE(contains(said.out, "oidc:https://idp.example\n")) << said.out;
  EXPECT_TRUE(contains(said.out, "set aside: x: ")) << said.out;
}

TEST_F(CliIssuers, KeysSaysWhyAnIssuerHasNone) {
  world_.http.answer(404, "");

  const Said said = run({"keys", kConfig});

  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(contains(said.out, "not loaded: oidc:https://idp.example: io_failed: ")) << said.out;
  EXPECT_TRUE(contains(said.out, "HTTP 404")) << said.out;
}

TEST_F(CliIssuers, KeysShowsTraditionalOnesBesideThemAndWhatGatesHaveSeen) {
  put(kConfig, issuer_config({.issuers = issuer_entry(kIdp, R"("jwksFile":"jwks.json")"), .traditional = true}));
  put("/etc/portcullis/keys.json", secret_json({{"i1", &key_pair("P-256")}}));
  world_.http.answer(200, R"({"sources":[{"name":"file","keys":[{"kid":"i1","uses":7}]},)"
                          R"({"name":"oidc:https://idp.example","keys":[{"kid":"i1","uses":9,"lastUsed":"2026-03-01T12:00:00Z"}]}]})");

  const Said said = run({"keys", kConfig, "--json", "--status", "127.0.0.1:9181"});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out << said.err;
  const auto document = parse_json(said.out, kLimits);
  ASSERT_TRUE(document.ok()) << said.out;
  const JsonView issuer = document->root().get("issuers").elements().at(0);
  EXPECT_EQ(document->root().get("source").string(), "file");
  EXPECT_EQ(document->root().get("keys").elements().at(0).get("uses").integer(), 7);
  EXPECT_EQ(issuer.get("source").string(), "oidc:https://idp.example");
  EXPECT_EQ(issuer.get("state").string(), "fresh");
  EXPECT_EQ(issuer.get("keys").elements().at(0).get("uses").integer(), 9) << "the same id, another source";
}

TEST_F(CliIssuers, CheckSaysThatItAsksNobodyOverTheNetwork) {
  const Said said = run({"check", kConfig});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out;
  EXPECT_TRUE(contains(said.out, "http.auth.bearer.oidc[0].issuer: this issuer's keys come over the network")) << said.out;
  EXPECT_TRUE(world_.http.asked().empty());
}

TEST_F(CliIssuers, CheckCountsTheirKeys) {
  put(kConfig, issuer_config({.issuers = issuer_entry(kIdp, R"("jwksFile":"jwks.json")")}));

  const Said said = run({"check", kConfig});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out;
  EXPECT_TRUE(contains(said.out, "1 key from OIDC issuers")) << said.out;
}

}  // namespace
}  // namespace portcullis
