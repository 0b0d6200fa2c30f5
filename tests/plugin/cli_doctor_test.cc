// `portcullis doctor`: each step of a login, where it fails, and what to do about it.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/cli/doctor_registry.h"
#include "plugin/cli/doctor_report.h"
#include "tests/plugin/doctor_world.h"

namespace portcullis {
namespace {

using test::contains;
using test::Doctor;
using test::kConfig;
using test::kExternal;
using test::kJump;

TEST_F(Doctor, PassesEveryStepOfARole) {
  EXPECT_EQ(run(), ExitStatus::yes) << out << err;

  EXPECT_EQ(aws.asked, (Steps{"identity", "role", "bare role", "password"}));
  for (const char* line : {
           "configuration\n  ok       /etc/portcullis/config.json: loads, with every file that it names\n",
           "keys\n  ok       portcullis.keys.file: 1 key from /etc/portcullis/keys.json\n",
           "AWS\n  ok       credential source: ",
           "\n123456789012.dkr.ecr.eu-west-1.amazonaws.com\n  ok       host name: account 123456789012 in eu-west-1\n",
           "  ok       credentials: found by the default chain, never ends\n",
           "  ok       identity: arn:aws:iam::444455556666:user/ada, says https://sts.eu-west-1.amazonaws.com\n",
           "  ok       role: arn:aws:iam::123456789012:role/pull, with its external id, ends 2026-03-01T13:00:00.000Z\n",
           "  ok       external id: the role cannot be assumed without it\n",
           "  ok       password: for user AWS, ends 2026-03-01T13:00:00.000Z\n",
           "all good, 0 warnings\n",
       }) {
    EXPECT_TRUE(contains(out, line)) << line << "in\n" << out;
  }
}

TEST_F(Doctor, SaysWhatToDoAboutARoleThatRefuses) {
  aws.codes["role"] = "AccessDenied";

  EXPECT_EQ(run(), ExitStatus::no);

  EXPECT_EQ(aws.asked, (Steps{"identity", "role"})) << "a denial is not repeated, and nothing is asked behind it";
  EXPECT_TRUE(contains(
      out, "  failed   role: cannot assume role arn:aws:iam::123456789012:role/pull in eu-west-1 with an external id: AccessDenied"))
      << out;
  EXPECT_TRUE(contains(out, "           -> let arn:aws:iam::444455556666:user/ada in by the trust policy")) << out;
  EXPECT_TRUE(contains(out, "  skipped  password: ")) << out;
  EXPECT_TRUE(contains(out, "1 step failed, 0 warnings\n")) << out;
}

TEST_F(Doctor, HasAdviceForEachCodeThatIsSeen) {
  const std::map<std::string, std::string> advice = {{"RegionDisabledException", "activate the region"},
                                                     {"ExpiredToken", "renew them there"},
                                                     {"ExpiredTokenException", "renew them there"},
                                                     {"InvalidClientTokenId", "aws credentials --explain"},
                                                     {"SignatureDoesNotMatch", "clock"},
                                                     {"AccessDenied", "trust policy"}};
  for (const auto& [code, words] : advice) {
    aws.codes["role"] = code;
    EXPECT_EQ(run(), ExitStatus::no);
    const std::size_t failed = out.find("  failed   role: ");
    ASSERT_NE(failed, std::string::npos) << out;
    EXPECT_TRUE(contains(out.substr(failed), code)) << out;
    EXPECT_TRUE(contains(out.substr(out.find("-> ", failed)), words)) << code << "\n" << out;
  }
}

TEST_F(Doctor, WarnsOfARoleThatDoesNotWantItsExternalId) {
  aws.codes.clear();

  EXPECT_EQ(run(), ExitStatus::yes);

  EXPECT_TRUE(contains(out, "  warning  external id: the role can be assumed without its external id\n")) << out;
  EXPECT_TRUE(contains(out, "sts:ExternalId")) << out;
  EXPECT_TRUE(contains(out, "all good, 1 warning\n")) << out;
}

TEST_F(Doctor, NeverTriesARoleWithoutAnExternalIdTwice) {
  aws.codes.clear();
  configure(R"("assumeRoleArn":"arn:aws:iam::123456789012:role/pull")");

  EXPECT_EQ(run(), ExitStatus::yes) << out;

  EXPECT_EQ(aws.asked, (Steps{"identity", "bare role", "password"}));
}

TEST_F(Doctor, TakesTheJumpRoleAsAStepOfItsOwn) {
  configure(kExternal, kJump);
  EXPECT_EQ(run(), ExitStatus::yes) << out;
  EXPECT_TRUE(contains(out, "  ok       jump role: arn:aws:iam::999999999999:role/jump, ends ")) << out;

  aws.codes["jump"] = "ExpiredToken";
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  failed   jump role: cannot assume role arn:aws:iam::999999999999:role/jump in eu-west-1")) << out;
  EXPECT_FALSE(contains(out, "  failed   role: ")) << out;
}

TEST_F(Doctor, NamesThePermissionThatAPasswordWants) {
  aws.codes["password"] = "AccessDeniedException";
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  failed   password: ")) << out;
  EXPECT_TRUE(contains(out, "ecr:GetAuthorizationToken")) << out;
}

TEST_F(Doctor, ShowsTheFirstLettersOfAnAccessKeyAlone) {
  configure(R"("accessKey":"AKIAIOSFODNN7EXAMPLE","secretKey":"canary-secret-key")");
  EXPECT_EQ(run(), ExitStatus::yes) << out;
  EXPECT_EQ(aws.asked, (Steps{"identity", "password"}));
  EXPECT_TRUE(contains(out, "  ok       credentials: access key AKIA[REDACTED], never ends\n")) << out;
  EXPECT_FALSE(contains(out, "IOSFODNN7")) << out;
  EXPECT_FALSE(contains(out, "credential source")) << "the chain is not what signs";
}

TEST_F(Doctor, TellsANameThatDoesNotResolveAtTheStepThatNeedsIt) {
  aws.down = {"identity"};
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  failed   identity: https://sts.eu-west-1.amazonaws.com does not say who this is: ")) << out;
  EXPECT_TRUE(contains(out, "could not resolve host")) << out;
}

TEST_F(Doctor, TellsWhereThereAreNoCredentials) {
  world.environment = FakeEnvironment({{"HOME", "/home"}, {"AWS_EC2_METADATA_DISABLED", "true"}});
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  failed   credential")) << out;
  EXPECT_TRUE(contains(out, "portcullis aws credentials --explain")) << out;
}

TEST_F(Doctor, ComparesTheClocks) {
  // kNow is 2026-03-01T12:00:00Z.
  aws.date = "Sun, 01 Mar 2026 12:01:00 GMT";
  EXPECT_EQ(run(), ExitStatus::yes) << out;
  EXPECT_TRUE(contains(out, "  ok       clock: 60 s behind sts.eu-west-1.amazonaws.com\n")) << out;
  aws.date = "Sun, 01 Mar 2026 11:58:59 GMT";
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  failed   clock: 61 s ahead of sts.eu-west-1.amazonaws.com\n")) << out;
  aws.date.clear();
  EXPECT_EQ(run(), ExitStatus::yes);
  EXPECT_TRUE(contains(out, "  skipped  clock: ")) << out;
}

TEST_F(Doctor, AsksARegistryItselfWhereItIsWanted) {
  EXPECT_EQ(run({"--reach"}), ExitStatus::yes) << out;
  EXPECT_TRUE(contains(out, "  ok       reach: https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/ answers 200 to the login\n"))
      << out;
  EXPECT_TRUE(aws.login.starts_with("Basic QVdTO")) << "user AWS";
  EXPECT_FALSE(contains(out, aws.login.substr(6)));
  aws.registry_status = 499;
  EXPECT_EQ(run({"--reach"}), ExitStatus::yes) << out;
  aws.registry_status = 500;
  EXPECT_EQ(run({"--reach"}), ExitStatus::no) << out;
  aws.down = {"registry"};
  EXPECT_EQ(run({"--reach"}), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  failed   reach: could not resolve host")) << out;
}

TEST_F(Doctor, FailsWhereTheRegistryRefusesTheLogin) {
  aws.registry_status = 401;
  for (const char* challenge : {"", "Basic realm=\"r\""}) {
    aws.challenge = challenge;
    EXPECT_EQ(run({"--reach"}), ExitStatus::no) << challenge;
    EXPECT_TRUE(contains(out, "/v2/ answers 401 to the login: it was refused\n           -> the user or the password is another there"))
        << out;
  }
  aws.challenge = "Bearer realm=\"https://auth.example/token\"";
  EXPECT_EQ(run({"--reach"}), ExitStatus::yes) << "it may be good for the realm";
  EXPECT_TRUE(contains(out, "  warning  reach: ")) << out;

  aws.codes["password"] = "AccessDeniedException";
  EXPECT_EQ(run({"--reach"}), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  ok       reach: https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/ answers 401\n"))
      << "nobody logs in: " << out;
  EXPECT_EQ(aws.login, "");
}

TEST_F(Doctor, ExaminesTheRegistriesThatAreNamed) {
  configure(R"("assumeRoleArn":"arn:aws:iam::123456789012:role/pull"},"other.example":{"username":"ada","passwordVariable":"PASSWORD")");
  EXPECT_EQ(run({"other.example"}), ExitStatus::no);
  EXPECT_TRUE(contains(out, "other.example\n  failed   password: the environment variable PASSWORD is not set\n")) << out;
  EXPECT_TRUE(aws.asked.empty());
  EXPECT_EQ(run({"nowhere.example"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(err, "has no 'nowhere.example'")) << err;

  EXPECT_TRUE(world.files.write(kConfig, test::gate_config(), 0600).ok());
  EXPECT_EQ(run({"other.example"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(err, "config.json has no portcullis.broker, and 'other.example'")) << err;
  EXPECT_TRUE(world.files.write(kConfig, test::gate_config(R"("workers":"many")"), 0600).ok());
  EXPECT_EQ(run({"other.example"}), ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(err, "portcullis.workers: ")) << err;
}

TEST_F(Doctor, SpeaksJson) {
  aws.codes["role"] = "AccessDenied";
  EXPECT_EQ(run({"--json"}), ExitStatus::no);
  EXPECT_TRUE(out.starts_with(R"({"ok":false,"steps":[{"part":"configuration")")) << out;
  EXPECT_TRUE(contains(out, R"("step":"role","result":"failed","code":"AccessDenied","detail":"cannot assume)")) << out;
}

TEST(DoctorReport, FindsTheCodeOfAwsInAMessage) {
  EXPECT_EQ(aws_code_in("cannot: AccessDenied (HTTP 403): no"), "AccessDenied");
  EXPECT_EQ(aws_code_in("AccessDenied (HTTP 403)"), "AccessDenied");
  EXPECT_EQ(aws_code_in(" (HTTP 403)"), "");
  EXPECT_EQ(aws_code_in("could not resolve host"), "");
  EXPECT_EQ(aws_code_in(""), "");
}

TEST_F(Doctor, SaysThatAPasswordHasEndedAlready) {
  aws.password_life = std::chrono::seconds(0);
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  failed   password: ")) << out;
  EXPECT_FALSE(contains(out, "  ok       password: ")) << out;
  aws.password_life = std::chrono::seconds(1);
  EXPECT_EQ(run(), ExitStatus::yes) << out;
}

TEST_F(Doctor, SaysWhereItCannotSeeWhetherTheExternalIdIsWanted) {
  aws.codes["bare role"] = "RegionDisabledException";
  EXPECT_EQ(run(), ExitStatus::yes) << out;
  EXPECT_TRUE(contains(out, "  skipped  external id: whether the role wants it could not be seen: ")) << out;
  EXPECT_TRUE(contains(out, "RegionDisabledException")) << out;
}

TEST_F(Doctor, DescribesThePublicRegistryAndFipsHosts) {
  const auto host_name = [this](const std::string& host) {
    EXPECT_TRUE(world.files.write(kConfig, test::gate_config(R"("broker":{"registries":{")" + host + R"(":{}}})"), 0600).ok());
    (void)run();
    const std::size_t at = out.find("  host name: ");
    return at == std::string::npos ? out : out.substr(at + 13, out.find('\n', at) - at - 13);
  };
  EXPECT_EQ(host_name("public.ecr.aws"), "the public registry of Amazon, asked in us-east-1");
  EXPECT_EQ(host_name("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com"), "account 123456789012 in us-gov-west-1, FIPS");
  EXPECT_EQ(host_name("123456789012.dkr.ecr.eu-west-1.amazonaws.com"), "account 123456789012 in eu-west-1");
}

TEST_F(Doctor, TakesARoleForArtifactoryStepByStep) {
  const auto configure_artifactory = [this](const std::string& more) {
    EXPECT_TRUE(world.files
                    .write(kConfig,
                           test::gate_config(R"("broker":{"registries":{"company.jfrog.io":{"artifactory":{"authType":"assumeRole",)"
                                             R"("assumeRoleArn":"arn:aws:iam::123456789012:role/pull")" +
                                             more + "}}}}"),
                           0600)
                    .ok());
  };
  configure_artifactory(R"(,"region":"*","tokenLife":"1h")");
  aws.codes["bare role"] = "AccessDenied";
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  failed   role: cannot assume role arn:aws:iam::123456789012:role/pull")) << out;
  EXPECT_TRUE(contains(out, "  skipped  exchange: there is no session to exchange\n")) << out;

  aws.codes.clear();
  EXPECT_EQ(run(), ExitStatus::no) << "Artifactory is not scripted";
  EXPECT_TRUE(contains(out, "  ok       role: arn:aws:iam::123456789012:role/pull, ends ")) << out;
  EXPECT_TRUE(contains(out, "  failed   exchange: ")) << out;
}

TEST_F(Doctor, ReachesArtifactoryWithTheAuthorityThatIsConfigured) {
  EXPECT_TRUE(world.files.write("/ca.pem", "x", 0600).ok());
  const std::string registries = R"("broker":{"registries":{"company.jfrog.io":{"artifactory":{"certificateAuthorityFile":"/ca.pem"}},)"
                                 R"("other.example":{"username":"ada","passwordVariable":"PASSWORD"}}})";
  EXPECT_TRUE(world.files.write(kConfig, test::gate_config(registries), 0600).ok());
  (void)run({"--reach"});
  EXPECT_EQ(aws.authorities.at("https://company.jfrog.io/v2/"), "/ca.pem");
  EXPECT_EQ(aws.authorities.at("https://other.example/v2/"), "the system's");
}

TEST_F(Doctor, TellsWarningsOfTheSharedFilesOfAws) {
  world.config("[default]\nnonsense\n");
  EXPECT_EQ(run(), ExitStatus::yes) << out;
  EXPECT_TRUE(contains(out, "  warning  credential source: config file, line 2")) << out;
  world.environment = FakeEnvironment({{"HOME", "/home"}, {"AWS_PROFILE", "gone"}});
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  failed   credential source: ")) << out;
}

}  // namespace
}  // namespace portcullis
