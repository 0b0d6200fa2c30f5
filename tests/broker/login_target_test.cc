// The identity that a login is kept under: one for what may be shared, two for everything else.
#include <gtest/gtest.h>

#include "broker/login_target.h"
#include "tests/broker/broker_world.h"

namespace portcullis::test {
namespace {

Sha256 key_of(const RegistryLoginConfig& registry, const BrokerConfig& config = {},
              const std::optional<std::string>& policy = std::nullopt) {
  return login_target(std::make_shared<const BrokerConfig>(config), std::make_shared<const RegistryLoginConfig>(registry), policy).key;
}

RegistryLoginConfig keys_of(const std::string& id, const std::string& secret) {
  RegistryLoginConfig registry = key_login();
  auto& identity = std::get<EcrLoginConfig>(registry.login).identity;
  identity.access_key = id;
  identity.secret_key = std::make_shared<const Secret>(secret);
  return registry;
}

TEST(LoginTarget, SharesOnePasswordAmongTheRegistriesOfARegion) {
  EXPECT_EQ(key_of(role_login("id", kEcr)), key_of(role_login("id", "210987654321.dkr.ecr.eu-west-1.amazonaws.com")));
}

TEST(LoginTarget, TellsRolesExternalIdsRegionsAndPoliciesApart) {
  const Sha256 one = key_of(role_login("id"));
  EXPECT_NE(one, key_of(role_login("id", kEcr, "arn:aws:iam::123456789012:role/other")));
  EXPECT_NE(one, key_of(role_login("di")));
  EXPECT_NE(one, key_of(role_login()));
  EXPECT_NE(one, key_of(role_login("id", "123456789012.dkr.ecr.us-west-2.amazonaws.com")));
  EXPECT_NE(one, key_of(role_login("id", "123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com")));
  EXPECT_NE(one, key_of(role_login("id"), {}, "{}"));
  EXPECT_NE(key_of(role_login("id"), {}, "{}"), key_of(role_login("id"), {}, "{ }"));
}

TEST(LoginTarget, TellsPublicAndPrivateOfOneRegionApart) {
  EXPECT_NE(key_of(role_login("id", "public.ecr.aws")), key_of(role_login("id", "123456789012.dkr.ecr.us-east-1.amazonaws.com")));
}

TEST(LoginTarget, TellsKeysAndTheirSecretsApart) {
  EXPECT_EQ(key_of(keys_of("AKIA", "s")), key_of(keys_of("AKIA", "s")));
  EXPECT_NE(key_of(keys_of("AKIA", "s")), key_of(keys_of("AKIA", "t")));
  EXPECT_NE(key_of(keys_of("AKIA", "s")), key_of(keys_of("AKIB", "s")));
  EXPECT_NE(key_of(keys_of("AKIAs", "")), key_of(keys_of("AKIA", "s")));
}

TEST(LoginTarget, TellsJumpRolesApartWhereARoleIsAssumed) {
  BrokerConfig jump;
  jump.jump_role = kJumpRole;
  EXPECT_NE(key_of(role_login("id")), key_of(role_login("id"), jump));
  EXPECT_EQ(key_of(key_login()), key_of(key_login(), jump));
}

TEST(LoginTarget, TellsHostsOfOtherKindsApart) {
  StaticLoginConfig plain;
  plain.username = "u";
  plain.password_file = "/p";
  EXPECT_NE(key_of({.host = "a.example", .login = plain}), key_of({.host = "b.example", .login = plain}));
  ArtifactoryLoginConfig artifactory;
  EXPECT_NE(key_of({.host = "a.example", .login = artifactory}), key_of({.host = "b.example", .login = artifactory}));
  ArtifactoryLoginConfig scoped;
  scoped.scope = "s";
  EXPECT_NE(key_of({.host = "a.example", .login = artifactory}), key_of({.host = "a.example", .login = scoped}));
}

TEST(LoginTarget, NeverMistakesOneMemberForAnother) {
  StaticLoginConfig file;
  file.username = "u";
  file.password_file = "x";
  StaticLoginConfig variable;
  variable.username = "u";
  variable.password_variable = "x";
  EXPECT_NE(key_of({.host = "a.example", .login = file}), key_of({.host = "a.example", .login = variable}));
}

}  // namespace
}  // namespace portcullis::test
