// `portcullis iam-policy`: exactly what a configuration needs.
#include <string>

#include <gtest/gtest.h>

#include "plugin/cli/command.h"
#include "tests/support/chain_world.h"
#include "tests/support/command_line.h"

namespace portcullis {
namespace {

using test::contains;
using test::Said;

constexpr const char* kConfig = "/etc/portcullis/config.json";

std::string config_with(const std::string& source) {
  return R"({"http":{"auth":{"bearer":{"realm":"https://auth.example.com","service":"registry",)" + source +
         R"(}}},"portcullis":{"tokens":{"issuers":["any"],"audiences":["any"]}}})";
}

std::string secret(const std::string& name, const std::string& more = "") {
  return config_with(R"("awsSecretsManager":{"region":"eu-west-1","secretName":")" + name + "\"" + more + "}");
}

Said run(const std::string& config, std::vector<const char*> arguments) {
  test::ChainWorld world;
  (void)world.files.write(kConfig, config, 0600);
  arguments.insert(arguments.begin(), {"iam-policy", kConfig});
  return test::run_command(world, std::move(arguments));
}

TEST(CliIamPolicy, AllowsOneActionOnOneSecret) {
  const Said said = run(secret("zot/keys"), {"--json"});
  EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
  EXPECT_EQ(said.out, R"({"permissions":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue",)"
                      R"("Resource":"arn:aws:secretsmanager:eu-west-1:*:secret:zot/keys-??????"}]}})"
                      "\n");
}

TEST(CliIamPolicy, TakesAFullArnAsItIsAndCompletesAPartialOne) {
  const std::string arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:keys";
  EXPECT_TRUE(contains(run(secret(arn + "-AbCd12"), {}).out, arn + "-AbCd12\""));
  EXPECT_TRUE(contains(run(secret(arn), {}).out, arn + "-??????\""));
}

TEST(CliIamPolicy, OfARoleHasThreePartsAndItsExternalId) {
  const std::string role = R"(,"roleArn":"arn:aws:iam::444455556666:role/keys","externalId":"portcullis-42")";
  const Said said = run(secret("zot/keys", role), {"--principal", "arn:aws:iam::111122223333:role/gate"});
  EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
  EXPECT_TRUE(contains(said.out, R"("Action":"sts:AssumeRole","Resource":"arn:aws:iam::444455556666:role/keys")")) << said.out;
  EXPECT_TRUE(contains(said.out, "arn:aws:secretsmanager:eu-west-1:444455556666:secret:zot/keys-??????")) << said.out;
  EXPECT_TRUE(contains(
      said.out,
      R"("Principal":{"AWS":"arn:aws:iam::111122223333:role/gate"},"Condition":{"StringEquals":{"sts:ExternalId":"portcullis-42"}})"))
      << said.out;
}

TEST(CliIamPolicy, TrustsNobodyWhereNobodyWasNamed) {
  const Said said = run(secret("zot/keys", R"(,"roleArn":"arn:aws:iam::444455556666:role/keys")"), {"--json"});
  EXPECT_TRUE(contains(said.out, "REPLACE-WITH-THE-ARN")) << said.out;
}

TEST(CliIamPolicy, SaysThatNothingIsNeededAndWhatDoesNotLoad) {
  const Said none = run(config_with(R"("cert":"/etc/portcullis/cert.pem")"), {});
  EXPECT_EQ(none.out, "This configuration asks nothing of AWS.\n") << none.err;
  const Said bad = run("{}", {});
  EXPECT_EQ(bad.status, ExitStatus::cannot_judge);
  EXPECT_TRUE(bad.out.empty());
}

std::string broker(const std::string& section) {
  return R"({"http":{"auth":{"bearer":{"realm":"https://auth.example.com","service":"registry"}}},)"
         R"("portcullis":{"keys":{"file":"keys.json"},"tokens":{"issuers":["any"],"audiences":["any"]},"broker":)" +
         section + "}}";
}

TEST(CliIamPolicy, OfTheBrokerIsTheRoleTheExternalIdAndTheRepositories) {
  const Said said = run(broker(R"({"registries":{"111122223333.dkr.ecr.eu-west-1.amazonaws.com":)"
                               R"({"assumeRoleArn":"arn:aws:iam::111122223333:role/pull","externalId":"external-1"}}})"),
                        {"--json", "--principal", "arn:aws:iam::444455556666:role/portcullis"});
  EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
  EXPECT_EQ(said.out, R"({"brokerPermissions":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],)"
                      R"("Resource":["arn:aws:iam::111122223333:role/pull"]}]},"brokerRoles":{"arn:aws:iam::111122223333:role/pull":)"
                      R"({"trust":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
                      R"("Principal":{"AWS":"arn:aws:iam::444455556666:role/portcullis"},)"
                      R"("Condition":{"StringEquals":{"sts:ExternalId":"external-1"}}}]},)"
                      R"("permissions":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:GetAuthorizationToken"],)"
                      R"("Resource":["*"]},{"Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer",)"
                      R"("ecr:BatchGetImage"],"Resource":["arn:aws:ecr:eu-west-1:111122223333:repository/*"]}]}}}})"
                      "\n");
}

TEST(CliIamPolicy, ARoleBehindAJumpRoleTrustsThatOne) {
  const Said said =
      run(broker(R"({"jumpRoleArn":"arn:aws:iam::444455556666:role/jump","registries":)"
                 R"({"111122223333.dkr.ecr.eu-west-1.amazonaws.com":{"assumeRoleArn":"arn:aws:iam::111122223333:role/pull"}}})"),
          {"--push", "--principal", "arn:aws:iam::444455556666:role/portcullis"});
  EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
  EXPECT_TRUE(contains(said.out, R"(for the broker:
{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["arn:aws:iam::444455556666:role/jump"]}]})"));
  EXPECT_TRUE(contains(said.out, R"(trust policy of arn:aws:iam::111122223333:role/pull:
{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::444455556666:role/jump"}}]})"));
  EXPECT_TRUE(contains(said.out, "ecr:PutImage"));
}

TEST(CliIamPolicy, ASessionOfARoleStandsForItsRole) {
  const std::string role = R"(,"roleArn":"arn:aws-cn:iam::222233334444:role/reader")";
  const Said said = run(secret("zot/keys", role), {"--principal", "arn:aws-cn:sts::111122223333:assumed-role/gate/i-0123456789abcdef0"});
  EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
  EXPECT_TRUE(contains(said.out, R"("Principal":{"AWS":"arn:aws-cn:iam::111122223333:role/gate"})")) << said.out;
  EXPECT_TRUE(contains(said.err, "--principal is one session of a role")) << said.err;
}

TEST(CliIamPolicy, APrincipalIsAnArnWithAnAccount) {
  for (const char* good :
       {"arn:aws:iam::111122223333:role/team/gate", "arn:aws:iam::111122223333:user/gate", "arn:aws:iam::111122223333:root"}) {
    const Said said = run(secret("zot/keys"), {"--principal", good});
    EXPECT_EQ(said.status, ExitStatus::yes) << good;
    EXPECT_EQ(said.err, "") << good;
  }
  for (const char* bad : {"gate", "*", "", "arn:aws:iam:::role/gate", "111122223333"}) {
    const Said said = run(secret("zot/keys"), {"--principal", bad});
    EXPECT_EQ(said.status, ExitStatus::cannot_judge) << bad;
    EXPECT_TRUE(contains(said.err, "such as arn:aws:iam::111122223333:role/portcullis")) << said.err;
    EXPECT_EQ(said.out, "") << bad;
  }
}

TEST(CliIamPolicy, ARoleForArtifactoryMayAskHowLongItsSessionsLast) {
  const Said said = run(broker(R"({"registries":{"company.jfrog.io":{"artifactory":{"authType":"assumeRole",)"
                               R"("assumeRoleArn":"arn:aws:iam::111122223333:role/app"}}}})"),
                        {});
  EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
  EXPECT_TRUE(contains(said.out, R"("Action":["iam:GetRole"],"Resource":["arn:aws:iam::111122223333:role/app"])")) << said.out;
}

TEST(CliIamPolicy, ARoleOfTwoArtifactoriesMayAskWhereOneOfThemNeedsIt) {
  const std::string role = R"("authType":"assumeRole","assumeRoleArn":"arn:aws:iam::111122223333:role/app")";
  const auto with = [&role](const std::string& first, const std::string& second) {
    const Said said = run(broker(R"({"registries":{"a.jfrog.io":{"artifactory":{)" + role + first + R"(}},"b.jfrog.io":{"artifactory":{)" +
                                 role + second + "}}}}"),
                          {});
    EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
    return contains(said.out, R"("Action":["iam:GetRole"],"Resource":["arn:aws:iam::111122223333:role/app"])");
  };
  const std::string life = R"(,"tokenLife":"1h")";
  EXPECT_TRUE(with("", life));
  EXPECT_TRUE(with(life, ""));
  EXPECT_TRUE(with("", ""));
  EXPECT_FALSE(with(life, life)) << "nothing has to be asked";
}

TEST(CliIamPolicy, ThePublicRegistryHasPermissionsOfItsOwn) {
  const Said said = run(broker(R"({"registries":{"public.ecr.aws":{}}})"), {"--json"});
  EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
  EXPECT_TRUE(contains(said.out, R"("Action":["ecr-public:GetAuthorizationToken","sts:GetServiceBearerToken"],"Resource":["*"])"))
      << said.out;
  EXPECT_FALSE(contains(said.out, "ecr:")) << said.out;
}

TEST(CliIamPolicy, AnAccessKeyOfSomebodysIsNotOurs) {
  const Said said = run(broker(R"({"registries":{"111122223333.dkr.ecr.eu-west-1.amazonaws.com":)"
                               R"({"accessKey":"AKIAIOSFODNN7EXAMPLE","secretKey":"canary"}}})"),
                        {});
  EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
  EXPECT_EQ(said.out, "This configuration asks nothing of AWS.\n");
}

TEST(CliIamPolicy, ARoleOfACallerIsAssumedWithAnExternalIdAndItsPermissionsAreHis) {
  const Said said = run(broker(R"({"registries":{"111122223333.dkr.ecr.eu-west-1.amazonaws.com":{}},)"
                               R"("callerRoles":["arn:aws:iam::777788889999:role/theirs"]})"),
                        {"--json", "--principal", "arn:aws:iam::444455556666:role/portcullis"});
  EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
  EXPECT_TRUE(contains(said.out, R"("Action":["sts:AssumeRole"],"Resource":["arn:aws:iam::777788889999:role/theirs"])")) << said.out;
  EXPECT_TRUE(contains(said.out, R"("arn:aws:iam::777788889999:role/theirs":{"trust":)")) << said.out;
  EXPECT_TRUE(contains(said.out, R"("sts:ExternalId":"REPLACE-WITH-YOUR-EXTERNAL-ID")")) << said.out;
  EXPECT_TRUE(contains(said.out, "arn:aws:ecr:eu-west-1:111122223333:repository/*")) << "ours without a role: " << said.out;
}

TEST(CliIamPolicy, TheJumpRoleComesFirstWithItsOwnExternalId) {
  const Said said =
      run(broker(R"({"jumpRoleArn":"arn:aws:iam::444455556666:role/jump","jumpExternalId":"jump-42","registries":)"
                 R"({"111122223333.dkr.ecr.eu-west-1.amazonaws.com":{"assumeRoleArn":"arn:aws:iam::111122223333:role/pull"}}})"),
          {"--json", "--principal", "arn:aws:iam::444455556666:role/portcullis"});
  EXPECT_EQ(said.status, ExitStatus::yes) << said.err;
  EXPECT_LT(said.out.find(R"("arn:aws:iam::444455556666:role/jump":{"trust")"),
            said.out.find(R"("arn:aws:iam::111122223333:role/pull":{"trust")"))
      << said.out;
  EXPECT_TRUE(contains(said.out, R"("sts:ExternalId":"jump-42")")) << said.out;
  EXPECT_TRUE(contains(said.out, R"("Action":["sts:AssumeRole"],"Resource":["arn:aws:iam::111122223333:role/pull"])")) << said.out;
}

}  // namespace
}  // namespace portcullis
