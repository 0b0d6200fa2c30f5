// The choice of a source: published profile chains, order, and each rule of profiles.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "aws/chain_plan.h"
#include "base/codec/json.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using std::chrono::seconds;
using test::ChainWorld;
using test::contains;
using test::Variables;

std::string published_cases() {
  const char* folder = std::getenv("PORTCULLIS_VECTORS");
  std::ifstream file(std::string(folder == nullptr ? "" : folder) + "/aws-credentials/assume-role-tests.json");
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

SharedConfig config_of(JsonView input) {
  SharedConfig config;
  for (const auto& [name, properties] : input.get("profiles").members()) {
    Properties& own = config.files.profiles[std::string(name)];
    for (const auto& [key, value] : properties.members()) own[std::string(key)] = value.string().value_or("");
  }
  for (const auto& [name, properties] : input.get("sso_sessions").members()) {
    for (const auto& [key, value] : properties.members())
      config.files.sso_sessions[std::string(name)][std::string(key)] = value.string().value_or("");
  }
  config.profile = input.get("selected_profile").string().value_or("");
  config.profile_origin = ProfileOrigin::option;
  return config;
}

/// The plan in the notation of the published cases.
std::vector<std::string> steps_of(const ChainPlan& plan, const SharedConfig& config) {
  std::vector<std::string> steps;
  const auto member = [](const char* name, const std::optional<std::string>& value) {
    return value ? std::string(" ") + name + "=" + *value : "";
  };
  if (const auto* keys = std::get_if<ProfileKeys>(&plan.base)) {
    const Properties& own = *config.find(keys->profile);
    steps.push_back("AccessKey access_key_id=" + own.at("aws_access_key_id") + " secret_access_key=" + own.at("aws_secret_access_key"));
  } else if (const auto* web = std::get_if<WebIdentityRole>(&plan.base)) {
    steps.push_back("WebIdentityToken role_arn=" + web->role_arn + member("role_session_name", web->session_name) +
                    " web_identity_token_file=" + web->token_file);
  } else if (const auto* sso = std::get_if<SsoRole>(&plan.base)) {
    steps.push_back("Sso sso_region=" + sso->region + member("sso_session", sso->session) + " sso_start_url=" + sso->start_url);
  } else {
    steps.push_back(describe(plan.base));
  }
  for (const RoleStep& role : plan.roles) {
    steps.push_back("AssumeRole" + member("external_id", role.external_id) + " role_arn=" + role.role_arn +
                    member("role_session_name", role.session_name));
  }
  return steps;
}

std::vector<std::string> steps_of(JsonView chain) {
  std::vector<std::string> steps;
  for (const JsonView step : chain.elements()) {
    const auto [kind, members] = step.members().at(0);
    std::map<std::string, std::string> sorted;
    for (const auto& [name, value] : members.members()) sorted[std::string(name)] = value.string().value_or("");
    std::string text(kind);
    for (const auto& [name, value] : sorted) text += " " + name + "=" + value;
    steps.push_back(text);
  }
  return steps;
}

TEST(PublishedProfileChains, Agree) {
  const std::string text = published_cases();
  if (text.empty()) GTEST_SKIP() << "published cases are not here: set PORTCULLIS_VECTORS";
  const auto json = parse_json(text, {.bytes = 1'000'000, .depth = 16, .members = 10'000});
  ASSERT_TRUE(json.ok());
  for (const JsonView one : json->root().elements()) {
    SCOPED_TRACE(one.dump());
    const SharedConfig config = config_of(one.get("input"));
    const FakeEnvironment environment(Variables{{"AWS_EC2_METADATA_DISABLED", "true"}});
    const auto plan = plan_chain(config, environment);
    if (one.get("output").get("Error").exists()) {
      // A profile without credentials is no error of its own here: the chain goes on, to the instance at the end.
      const bool instance = plan.ok() && std::holds_alternative<InstanceRole>(plan->base);
      EXPECT_TRUE(!plan.ok() || instance);
      continue;
    }
    ASSERT_TRUE(plan.ok()) << plan.error().detail;
    EXPECT_EQ(steps_of(*plan, config), steps_of(one.get("output").get("ProfileChain")));
  }
}

std::string said(ChainWorld& world, const SharedConfigOptions& options = {}) {
  const auto plan = world.plan(options);
  return plan.ok() ? "planned: " + describe(plan->base) : plan.error().detail;
}

constexpr const char* kKeys = "aws_access_key_id = AKID\naws_secret_access_key = SECRET\n";

TEST(ChainOrder, IsEnvironmentKeysWebIdentityProfileContainerInstance) {
  const std::string profile = std::string("[default]\n") + kKeys;
  Variables all{{"AWS_ACCESS_KEY_ID", "A"},
                {"AWS_SECRET_ACCESS_KEY", "S"},
                {"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"},
                {"AWS_ROLE_ARN", "arn:r"},
                {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/x"}};
  ChainWorld first(all);
  first.config(profile);
  EXPECT_TRUE(std::holds_alternative<EnvironmentKeys>(first.plan()->base));
  all.erase("AWS_SECRET_ACCESS_KEY");
  ChainWorld second(all);
  second.config(profile);
  EXPECT_TRUE(std::holds_alternative<WebIdentityRole>(second.plan()->base));
  all.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  ChainWorld third(all);
  third.config(profile);
  EXPECT_TRUE(std::holds_alternative<ProfileKeys>(third.plan()->base));
  ChainWorld fourth(all);
  EXPECT_TRUE(std::holds_alternative<ContainerEndpoint>(fourth.plan()->base));
  all.erase("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  ChainWorld fifth(all);
  EXPECT_TRUE(std::holds_alternative<InstanceRole>(fifth.plan()->base));
}

TEST(ChainOrder, AProfileByOptionBeatsTheEnvironment) {
  ChainWorld world(
      Variables{{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_ARN", "r"}});
  world.config(std::string("[profile dev]\n") + kKeys);
  EXPECT_TRUE(std::holds_alternative<ProfileKeys>(world.plan({.profile = "dev", .region = {}})->base));
}

TEST(ChainOrder, ListsEverySourceWithTheReasonWhyItWasPassedOver) {
  ChainWorld world(Variables{{"AWS_EC2_METADATA_DISABLED", "true"}});
  EXPECT_EQ(said(world),
            "failed to load AWS configuration: environment keys: skipped, AWS_ACCESS_KEY_ID is not set; environment web identity: skipped, "
            "AWS_WEB_IDENTITY_TOKEN_FILE is not set; profile default: skipped, it does not exist; container: skipped, neither "
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set; instance metadata: "
            "AWS_EC2_METADATA_DISABLED is true; no source of credentials is left");
}

TEST(EnvironmentKeysPlan, TakeBothNamesOfEachKey) {
  EXPECT_TRUE(
      std::holds_alternative<EnvironmentKeys>(ChainWorld(Variables{{"AWS_ACCESS_KEY", "A"}, {"AWS_SECRET_KEY", "S"}}).plan()->base));
}

TEST(EnvironmentKeysPlan, SkipHalfAPairWithAWarningAndTreatBlankAsUnset) {
  const auto half = ChainWorld(Variables{{"AWS_ACCESS_KEY_ID", "A"}}).plan();
  EXPECT_TRUE(std::holds_alternative<InstanceRole>(half->base));
  EXPECT_EQ(half->warnings.at(0), "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY, and ignored");
  EXPECT_TRUE(
      std::holds_alternative<InstanceRole>(ChainWorld(Variables{{"AWS_ACCESS_KEY_ID", " "}, {"AWS_SECRET_ACCESS_KEY", " "}}).plan()->base));
}

TEST(EnvironmentWebIdentityPlan, NeedsARoleAndBeatsAwsProfileWithAWarning) {
  ChainWorld missing(Variables{{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}});
  EXPECT_TRUE(contains(said(missing), "role ARN is not set"));
  ChainWorld both(
      Variables{{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_ARN", "arn:r"}, {"AWS_ROLE_SESSION_NAME", "me"}, {"AWS_PROFILE", "dev"}});
  both.config(std::string("[profile dev]\n") + kKeys);
  const auto plan = both.plan();
  EXPECT_EQ(std::get<WebIdentityRole>(plan->base).session_name, "me");
  EXPECT_TRUE(contains(plan->warnings.at(0), "D-2"));
}

TEST(ProfilePlanRules, StaticKeysOfASourceBeatItsRoleWithAWarning) {
  ChainWorld world;
  world.config(
      std::string("[default]\nrole_arn = arn:outer\nsource_profile = b\n[profile b]\nrole_arn = arn:inner\nsource_profile = default\n") +
      kKeys);
  const auto plan = world.plan();
  ASSERT_TRUE(plan.ok()) << plan.error().detail;
  EXPECT_EQ(std::get<ProfileKeys>(plan->base).profile, "b");
  ASSERT_EQ(plan->roles.size(), 1U);
  EXPECT_EQ(plan->roles[0].role_arn, "arn:outer");
  EXPECT_TRUE(contains(plan->warnings.at(0), "D-3"));
}

TEST(ProfilePlanRules, ARoleWithoutASourceIsAnError) {
  ChainWorld world(Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}});
  world.config("[default]\nrole_arn = arn:r\n");
  EXPECT_TRUE(contains(said(world), "D-4")) << said(world);
}

TEST(ProfilePlanRules, AProfileMayBeItsOwnSource) {
  ChainWorld world;
  world.config(std::string("[default]\nrole_arn = arn:r\nsource_profile = default\n") + kKeys);
  const auto plan = world.plan();
  EXPECT_EQ(std::get<ProfileKeys>(plan->base).profile, "default");
  EXPECT_EQ(plan->roles.size(), 1U);
}

TEST(ProfilePlanRules, ACircleIsAnErrorThatShowsItEvenWithKeysInIt) {
  for (const std::string keys : {"", kKeys}) {
    ChainWorld world;
    world.config("[profile a]\nrole_arn = arn:a\nsource_profile = b\n" + keys + "[profile b]\nrole_arn = arn:b\nsource_profile = a\n");
    const std::string text = said(world, {.profile = "a", .region = {}});
    EXPECT_TRUE(contains(text, "profiles refer to each other in a circle: a -> b -> a")) << text;
  }
}

TEST(ProfilePlanRules, SixteenProfilesInARowAreTheMost) {
  for (const int count : {16, 17}) {
    std::string text;
    for (int i = 1; i < count; ++i)
      text += "[profile p" + std::to_string(i) + "]\nrole_arn = arn:r\nsource_profile = p" + std::to_string(i + 1) + "\n";
    ChainWorld world;
    world.config(text + "[profile p" + std::to_string(count) + "]\n" + kKeys);
    EXPECT_EQ(world.plan({.profile = "p1", .region = {}}).ok(), count == 16);
  }
}

TEST(ProfilePlanRules, AMissingSourceIsNamedWithItsRole) {
  ChainWorld world;
  world.config("[default]\nrole_arn = arn:r\nsource_profile = gone\n");
  EXPECT_TRUE(contains(said(world), "failed to load assume role arn:r, of profile gone: profile gone does not exist"));
}

TEST(ProfilePlanRules, TwoSourcesForOneRoleAreRefused) {
  for (const char* other : {"credential_source = Environment", "credential_process = x", "web_identity_token_file = /t"}) {
    ChainWorld world;
    world.config(std::string("[default]\nrole_arn = arn:r\nsource_profile = b\n") + other + "\n[profile b]\n" + kKeys);
    EXPECT_TRUE(contains(said(world), "only one of source_profile, credential_source")) << other;
  }
}

TEST(ProfilePlanRules, ASourceWithoutARoleIsRefusedWhereNothingElseIsThere) {
  for (const char* line : {"source_profile = b", "credential_source = Environment", "web_identity_token_file = /t"}) {
    ChainWorld world;
    world.config(std::string("[default]\n") + line + "\n[profile b]\n" + kKeys);
    EXPECT_TRUE(contains(said(world), "requires role_arn, profile default")) << said(world);
  }
}

TEST(ProfilePlanRules, HalfAPairOfKeysIsRefused) {
  ChainWorld world;
  world.config("[default]\naws_access_key_id = A\n");
  EXPECT_TRUE(contains(said(world), "partial credentials found for profile default: missing aws_secret_access_key"));
}

TEST(ProfilePlanRules, NamedSourcesAreThree) {
  const auto with = [](const char* word, Variables variables) {
    ChainWorld world(std::move(variables));
    world.config(std::string("[default]\nrole_arn = arn:r\ncredential_source = ") + word + "\n");
    return said(world, {.profile = "default", .region = {}});
  };
  EXPECT_EQ(with("Environment", {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}}), "planned: keys of the environment");
  EXPECT_TRUE(contains(with("Environment", {}), "are not both set"));
  EXPECT_EQ(with("Ec2InstanceMetadata", {}), "planned: EC2 instance metadata");
  EXPECT_TRUE(contains(with("Ec2InstanceMetadata", {{"AWS_EC2_METADATA_DISABLED", "true"}}), "AWS_EC2_METADATA_DISABLED is true"));
  EXPECT_EQ(with("EcsContainer", {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}}),
            "planned: container credentials of http://169.254.170.2/x");
  EXPECT_TRUE(contains(with("EcsContainer", {}), "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"));
  EXPECT_TRUE(contains(with("ec2", {}), "must be Environment, Ec2InstanceMetadata or EcsContainer"));
}

TEST(ProfilePlanRules, MfaAndLoginSessionsAreRefusedClearly) {
  ChainWorld mfa;
  mfa.config(std::string("[default]\nrole_arn = arn:r\nsource_profile = b\nmfa_serial = arn:mfa\n[profile b]\n") + kKeys);
  EXPECT_TRUE(contains(said(mfa), "asks for MFA (mfa_serial)"));
  ChainWorld login;
  login.config("[default]\nlogin_session = arn:aws:iam::123456789012:user/me\n");
  EXPECT_TRUE(contains(said(login), "login_session"));
}

TEST(ProfilePlanRules, KeysComeBeforeSsoAndSsoBeforeAProcess) {
  const std::string sso = "sso_start_url = https://s\nsso_region = r\nsso_account_id = 1\nsso_role_name = n\n";
  ChainWorld keys;
  keys.config("[default]\n" + sso + "credential_process = x\n" + kKeys);
  EXPECT_EQ(said(keys), "planned: keys of profile default");
  ChainWorld both;
  both.config("[default]\ncredential_process = x\n" + sso);
  EXPECT_EQ(said(both), "planned: SSO: role n of account 1");
  ChainWorld process;
  process.config("[default]\ncredential_process = secret-command\n");
  EXPECT_EQ(said(process), "planned: credential_process");
}

TEST(ProfilePlanRules, SsoSessionsMustBeThereWholeAndAgree) {
  const auto with = [](const std::string& profile, const std::string& session) {
    ChainWorld world;
    world.config("[default]\nsso_session = s\nsso_account_id = 1\nsso_role_name = n\n" + profile + session);
    return said(world);
  };
  const std::string whole = "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://s\n";
  EXPECT_EQ(with("", whole), "planned: SSO: role n of account 1");
  EXPECT_EQ(with("sso_region = eu-west-1\n", whole), "planned: SSO: role n of account 1");
  EXPECT_TRUE(contains(with("sso_region = us-east-1\n", whole), "sso_region differs"));
  EXPECT_TRUE(contains(with("", ""), "sso-session s (referenced by profile default) was not found"));
  EXPECT_TRUE(contains(with("", "[sso-session s]\nsso_region = eu-west-1\n"), "needs sso_start_url"));
}

std::optional<seconds> duration(const std::string& text, const std::string& source, std::vector<std::string>* warnings = nullptr) {
  ChainWorld world;
  world.config("[default]\nrole_arn = arn:r\nsource_profile = b\nduration_seconds = " + text + "\n[profile b]\n" + source);
  const auto plan = world.plan();
  EXPECT_TRUE(plan.ok());
  if (warnings != nullptr) *warnings = plan->warnings;
  return plan->roles.back().duration;
}

TEST(RoleDuration, IsSentOnlyWhenSetAndKeptWithinItsBounds) {
  EXPECT_EQ(duration("900", kKeys), seconds(900));
  EXPECT_EQ(duration("899", kKeys), seconds(900));
  EXPECT_EQ(duration("43200", kKeys), seconds(43'200));
  EXPECT_EQ(duration("43201", kKeys), seconds(43'200));
  EXPECT_EQ(duration("3600.5", kKeys), std::nullopt);
  EXPECT_EQ(duration("abc", kKeys), std::nullopt);
}

TEST(RoleDuration, IsAtMostAnHourOnTopOfARoleAndThatIsSaid) {
  const std::string web = "role_arn = arn:w\nweb_identity_token_file = /t\n";
  std::vector<std::string> warnings;
  EXPECT_EQ(duration("3600", web, &warnings), seconds(3600));
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(duration("3601", web, &warnings), seconds(3600));
  EXPECT_TRUE(contains(warnings.at(0), "D-8"));
  EXPECT_EQ(duration("3601", kKeys), seconds(3601));
}

TEST(ContainerUrls, OfTheRelativeVariableBeatTheFullOneAndKeepTheirQuery) {
  ChainWorld world(
      Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2?id=1"}, {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://8.8.8.8/"}});
  EXPECT_EQ(said(world), "planned: container credentials of http://169.254.170.2/v2?id=1");
  for (const char* bad : {"@evil.example/", "v2", "/a b", "/a#b"}) {
    ChainWorld other(Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", bad}});
    EXPECT_FALSE(other.plan().ok()) << bad;
  }
}

TEST(ContainerUrls, OfTheFullVariableGoWithoutTlsToFewHostsOnly) {
  for (const char* good :
       {"http://127.0.0.1/x", "http://127.1.2.3:80/x", "http://[::1]/x", "http://169.254.170.2/x", "http://169.254.170.23/v1",
        "http://[fd00:ec2::23]/v1", "http://localhost:8080/x", "https://8.8.8.8/x", "https://any.example", "http://name.example/x"}) {
    ChainWorld world(Variables{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", good}});
    EXPECT_TRUE(world.plan().ok()) << good;
  }
  for (const char* bad :
       {"http://8.8.8.8/x", "http://169.254.169.254/latest", "http://169.254.170.3/", "http://[fd00:ec2::254]/", "http://[::2]/",
        "http:///x", "ftp://localhost/", "http://user@localhost/", "http://localhost/#x", "localhost", "http://local host/"}) {
    ChainWorld world(Variables{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", bad}});
    EXPECT_FALSE(world.plan().ok()) << bad;
  }
  ChainWorld named(Variables{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://8.8.8.8/x"}});
  EXPECT_TRUE(contains(said(named), "invalid endpoint host, \"8.8.8.8\", only loopback/ecs/eks hosts are allowed"));
}

}  // namespace
}  // namespace portcullis
