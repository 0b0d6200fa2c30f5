#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

constexpr std::string_view kAny = R"("issuers":["any"],"audiences":["any"])";

LoadedConfig with(const std::string& members) { return load({.tokens = std::string(kAny) + "," + members}); }
LoadedConfig mapping(const std::string& members) { return with(R"("claimMapping":{)" + members + "}"); }

TEST(Tokens, WarnsWhereIssuersOrAudiencesAreNotChecked) {
  const LoadedConfig silent = load({.tokens = ""});
  const LoadedConfig empty = load({.tokens = R"("issuers":[],"audiences":[])"});

  for (const LoadedConfig* loaded : {&silent, &empty}) {
    EXPECT_TRUE(loads(*loaded));
    EXPECT_TRUE(warns(*loaded, "portcullis.tokens.issuers", "[\"any\"]"));
    EXPECT_TRUE(warns(*loaded, "portcullis.tokens.audiences", "[\"any\"]"));
  }
}

TEST(Tokens, AnyIsAnAnswerAndChecksNothing) {
  const LoadedConfig loaded = load({.tokens = std::string(kAny)});

  ASSERT_TRUE(loads(loaded));
  EXPECT_TRUE(loaded.findings.empty());
  EXPECT_TRUE(loaded.config->tokens.issuers.empty());
  EXPECT_TRUE(loaded.config->tokens.audiences.empty());
}

TEST(Tokens, AnyStandsAlone) {
  EXPECT_TRUE(refuses(load({.tokens = R"("issuers":["any","https://i"])"}), "portcullis.tokens.issuers", "stands alone"));
  EXPECT_TRUE(refuses(load({.tokens = R"("audiences":["a","any"])"}), "portcullis.tokens.audiences", "stands alone"));
}

TEST(Tokens, ReadsIssuersAndAudiences) {
  const LoadedConfig loaded = load({.tokens = R"("issuers":"https://i","audiences":["a","b"])"});

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->tokens.issuers, std::vector<std::string>{"https://i"});
  EXPECT_EQ(loaded.config->tokens.audiences, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(refuses(load({.tokens = R"("issuers":[""])"}), "portcullis.tokens.issuers[0]", "must not be empty"));
}

TEST(Tokens, WarnsOfTokensWithoutExpiry) {
  const LoadedConfig loaded = with(R"("requireExpiry":false)");

  ASSERT_TRUE(loads(loaded));
  EXPECT_FALSE(loaded.config->tokens.require_expiry);
  EXPECT_TRUE(warns(loaded, "portcullis.tokens.requireExpiry"));
}

TEST(Tokens, BoundsTimesAtBothEdges) {
  EXPECT_EQ(with(R"("leeway":"0s")").config->tokens.leeway, Duration{0});
  EXPECT_EQ(with(R"("leeway":"5m")").config->tokens.leeway, std::chrono::minutes(5));
  EXPECT_TRUE(refuses(with(R"("leeway":"300001ms")"), "portcullis.tokens.leeway", "from 0s to 5m"));
  EXPECT_TRUE(refuses(with(R"("leeway":"-1ms")"), "portcullis.tokens.leeway"));
  EXPECT_EQ(with(R"("maxLifetime":"1s")").config->tokens.max_lifetime, std::chrono::seconds(1));
  EXPECT_EQ(with(R"("maxLifetime":"87600h")").config->tokens.max_lifetime, std::chrono::hours(87600));
  EXPECT_TRUE(refuses(with(R"("maxLifetime":"999ms")"), "portcullis.tokens.maxLifetime"));
  EXPECT_TRUE(refuses(with(R"("maxLifetime":"87600h1ms")"), "portcullis.tokens.maxLifetime"));
  EXPECT_EQ(with(R"("maxLifetime":null)").config->tokens.max_lifetime, std::nullopt);
}

TEST(Tokens, AnAccessClaimThatNeedNotGrantWantsAccessControl) {
  EXPECT_TRUE(loads(with(R"("accessClaim":"required")")));
  EXPECT_TRUE(refuses(with(R"("accessClaim":"optional")"), "portcullis.tokens.accessClaim", "without http.accessControl"));
  EXPECT_TRUE(refuses(with(R"("accessClaim":"ignored")"), "portcullis.tokens.accessClaim", "without http.accessControl"));
  EXPECT_TRUE(refuses(with(R"("accessClaim":"requierd")"), "portcullis.tokens.accessClaim", "did you mean \"required\"?"));
}

TEST(Tokens, SomethingHasToSpeakForAToken) {
  const auto both = [](const std::string& tokens) {
    return load({.http = R"("accessControl":{},)", .tokens = Sample{}.tokens + "," + tokens});
  };
  EXPECT_TRUE(loads(both(R"("accessClaim":"ignored","policy":"enforced")")));
  EXPECT_TRUE(loads(both(R"("accessClaim":"required","policy":"ignored")")));
  EXPECT_TRUE(refuses(both(R"("accessClaim":"ignored","policy":"ignored")"), "portcullis.tokens.policy", "every valid token"));
  EXPECT_TRUE(refuses(both(R"("accessClaim":"optional","policy":"ignored")"), "portcullis.tokens.policy", "every valid token"));
}

TEST(Tokens, TakesBothPolicies) {
  EXPECT_TRUE(with(R"("policy":"enforced")").config->tokens.policy_enforced);
  EXPECT_FALSE(with(R"("policy":"ignored")").config->tokens.policy_enforced);
  EXPECT_TRUE(refuses(with(R"("policy":"off")"), "portcullis.tokens.policy"));
}

TEST(Tokens, ReadsTypesAsTheyAreCompared) {
  EXPECT_EQ(with(R"("types":["JWT","application/at+jwt"])").config->tokens.types, (std::vector<std::string>{"jwt", "at+jwt"}));
  EXPECT_TRUE(refuses(with(R"("types":"application/")"), "portcullis.tokens.types", "names no type"));
  EXPECT_TRUE(refuses(with(R"("types":[])"), "portcullis.tokens.types", "names no type; leave it out where typ is not looked at"));
}

TEST(Tokens, ReadsPrefixesAndRevocations) {
  const LoadedConfig loaded = with(R"("usernamePrefix":"jwt:","groupsPrefix":"jwt:","revocations":"revoked.json")");

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->tokens.username_prefix, "jwt:");
  EXPECT_EQ(loaded.config->tokens.groups_prefix, "jwt:");
  EXPECT_EQ(loaded.config->tokens.revocations, "/etc/portcullis/revoked.json");
  EXPECT_TRUE(loads(with(R"("usernamePrefix":")" + std::string(128, 'p') + "\"")));
  EXPECT_TRUE(refuses(with(R"("usernamePrefix":")" + std::string(129, 'p') + "\""), "portcullis.tokens.usernamePrefix", "128"));
}

TEST(TokensClaimMapping, IsReadAsThatOfAnIssuer) {
  const LoadedConfig loaded = mapping(R"j("username":"claims.preferred_username","groups":"claims.?groups.orValue([])")j");

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->tokens.claim_mapping.username, "claims.preferred_username");
  EXPECT_EQ(loaded.config->tokens.claim_mapping.groups, "claims.?groups.orValue([])");
  EXPECT_TRUE(refuses(mapping(R"("username":"claim.sub")"), "portcullis.tokens.claimMapping.username", "undeclared reference to 'claim'"));
}

}  // namespace
}  // namespace portcullis
