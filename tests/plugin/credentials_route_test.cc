// `POST /v1/credentials`: who is given a login, of what, and how it is limited.
#include "plugin/broker/credentials_route.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;
using namespace test;  // NOLINT(google-build-using-namespace): every name of the fixture is used here

constexpr const char* kEcr = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
constexpr const char* kOwnRole = "arn:aws:iam::111122223333:role/ours";
constexpr const char* kTheirRole = "arn:aws:iam::444455556666:role/theirs";

GateTexts with_broker(const std::string& policy) {
  GateTexts texts;
  texts.config = gate_config(R"("broker":{"registries":{")" + std::string(kEcr) + R"(":{"assumeRoleArn":")" + kOwnRole +
                             R"("},"registry.example":{"username":"ada","passwordVariable":"PASSWORD"}},"callerRoles":[")" + kTheirRole +
                             R"("],"policy":)" + policy + "}");
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}});
  return texts;
}

/// A gate whose callers are `alice` with the given access.
class Credentials {
 public:
  explicit Credentials(const std::string& policy = R"([{"users":["alice"]}])") : gate_(with_broker(policy)) {}

  GateAnswer ask(const std::string& body, const std::string& token = good_token("team/app", "pull,push")) {
    GateQuestion question;
    question.method = "POST";
    question.uri = "/v1/credentials";
    question.headers = {};
    question.has_body = true;
    question.body = body;
    if (!token.empty()) question.with("Authorization", bearer(token));
    return gate_.ask(question);
  }
  State& state() { return gate_.state(); }

 private:
  TestGate gate_;
};

std::string body(const std::string& registry, const std::string& more = "") { return R"({"registry":")" + registry + "\"" + more + "}"; }

TEST(CredentialsRoute, RemembersALongNameByItsDigest) {
  Credentials one("[{\"users\":[\"" + std::string(256, 'a') + "\",\"" + std::string(257, 'a') + "\"]}]");
  const auto caller = [&one](std::size_t size) {
    std::string payload = good_payload(kNow, "team/app", "pull,push");
    payload.replace(payload.find("alice"), 5, std::string(size, 'a'));
    const GateAnswer answer = one.ask(body(kEcr), mint(payload, key_pair("ED25519"), "EdDSA", "k1"));
    return answer.credentials == nullptr ? describe(answer) : answer.credentials->caller;
  };
  EXPECT_EQ(caller(256), std::string(256, 'a'));
  EXPECT_EQ(caller(257), to_hex(sha256(std::string(257, 'a'))));
}

TEST(CredentialsRoute, OfALimitedLoginCarriesTheCallersRepositories) {
  Credentials one;

  const GateAnswer answer = one.ask(body(kEcr));

  ASSERT_NE(answer.credentials, nullptr) << describe(answer);
  EXPECT_EQ(answer.credentials->caller, "alice");
  const LoginTarget& target = answer.credentials->target;
  EXPECT_EQ(target.registry->host, kEcr);
  EXPECT_FALSE(answer.credentials->fresh);
  ASSERT_TRUE(target.session_policy.has_value());
  EXPECT_NE(target.session_policy->find(R"("Resource":["arn:aws:ecr:eu-west-1:111122223333:repository/team/app"])"), std::string::npos);
  EXPECT_NE(target.session_policy->find("ecr:PutImage"), std::string::npos);
}

TEST(CredentialsRoute, TwoCallersNeverShareALogin) {
  Credentials one;

  const auto first = one.ask(body(kEcr)).credentials;
  const auto second = one.ask(body(kEcr), good_token("team/other", "pull")).credentials;

  ASSERT_TRUE(first != nullptr && second != nullptr);
  EXPECT_NE(first->target.key, second->target.key);
}

TEST(CredentialsRoute, NamedRepositoriesAreJudgedOneByOne) {
  Credentials one;

  const GateAnswer good = one.ask(body(kEcr, R"(,"repositories":["team/app"],"fresh":true)"));
  ASSERT_NE(good.credentials, nullptr) << describe(good);
  EXPECT_TRUE(good.credentials->fresh);
  const GateAnswer bad = one.ask(body(kEcr, R"(,"repositories":["team/app","team/secret"])"));
  EXPECT_EQ(bad.http.status, 401);
  EXPECT_EQ(reason_of(bad), Reason::scope_insufficient);
  EXPECT_EQ(one.ask(body(kEcr, R"(,"repositories":["../up"])")).http.status, 400);
}

TEST(CredentialsRoute, ARepositoryThatIsNamedTwiceMakesNoOtherLogin) {
  Credentials one;

  const auto first = one.ask(body(kEcr, R"(,"repositories":["team/app"])")).credentials;
  const auto twice = one.ask(body(kEcr, R"(,"repositories":["team/app","team/app"])")).credentials;

  ASSERT_TRUE(first != nullptr && twice != nullptr);
  EXPECT_EQ(first->target.key, twice->target.key);
}

TEST(CredentialsRoute, WhoIsNotNamedIsGivenNothing) {
  for (const char* policy :
       {"[]", R"([{"users":["bob"]}])", R"([{"groups":["staff"]}])", R"([{"users":["alice"],"registries":["registry.example"]}])",
        R"([{"users":["alice"],"conditions":[{"expression":"req.repository == 'other'","message":""}]}])"}) {
    Credentials one(policy);
    const GateAnswer answer = one.ask(body(kEcr));
    EXPECT_EQ(answer.credentials, nullptr) << policy;
    EXPECT_EQ(answer.http.status, 403) << policy;
    EXPECT_EQ(reason_of(answer), Reason::policy_denied) << policy;
  }
}

TEST(CredentialsRoute, AGroupIsThatOfTheTokenOrOfTheConfiguration) {
  const auto granted = [](const std::string& groups, const std::string& claims) {
    GateTexts texts = with_broker(R"([{"groups":["staff"]}])");
    const std::string mapping = R"j("claimMapping":{"groups":"claims.?groups.orValue([])"},)j";
    const std::string_view tokens = R"("tokens":{)";
    texts.config.insert(texts.config.find(tokens) + tokens.size(), mapping);
    texts.config.insert(std::string_view(R"({"http":{)").size(), R"("accessControl":{"groups":{)" + groups + R"(},"repositories":{}},)");
    TestGate gate(texts);
    GateQuestion question;
    question.method = "POST";
    question.uri = "/v1/credentials";
    question.headers = {{"Authorization", bearer(good_token("team/app", "pull", claims))}};
    question.has_body = true;
    question.body = body(kEcr, R"(,"username":")" + std::string(kTheirRole) + R"(","password":"external-1")");
    return gate.ask(question).credentials != nullptr;
  };

  EXPECT_TRUE(granted("", R"("groups":["dev","staff"])")) << "the token names it";
  EXPECT_FALSE(granted("", R"("groups":["dev"])"));
  EXPECT_TRUE(granted(R"("staff":{"users":["bob","alice"]})", R"("groups":[])")) << "the configuration lists alice";
  EXPECT_FALSE(granted(R"("staff":{"users":["bob"]},"dev":{"users":["alice"]})", R"("groups":[])"));
}

TEST(CredentialsRoute, AllConditionsMustHoldAndNoneMayErr) {
  const auto granted = [](const std::string& conditions) {
    return Credentials(R"([{"users":["alice"],"conditions":[)" + conditions + "]}]").ask(body(kEcr)).credentials != nullptr;
  };
  const std::string good = R"({"expression":"req.user.username == 'alice'","message":""})";
  EXPECT_TRUE(granted(good + "," + good));
  EXPECT_FALSE(granted(good + R"(,{"expression":"req.user.username == 'bob'","message":""})"));
  EXPECT_FALSE(granted(good + R"(,{"expression":"[true][1]","message":""})")) << "it cannot be evaluated";
}

TEST(CredentialsRoute, ATokenThatNamesNobodyIsKnownByItsIssuerAndSubject) {
  Credentials one(R"([{"conditions":[{"expression":"req.repository != ''","message":""}]},{"users":["alice"]}])");
  const std::string nameless = token_of(R"({"iss":"https://i","exp":)" + std::to_string(unix_seconds(kNow) + 300) +
                                        R"(,"access":[{"type":"repository","name":"team/app","actions":["pull"]}]})");

  const GateAnswer answer = one.ask(body(kEcr), nameless);

  ASSERT_NE(answer.credentials, nullptr) << describe(answer);
  EXPECT_EQ(answer.credentials->caller, "https://i ");
  Credentials named(R"([{"users":["alice"]}])");
  EXPECT_EQ(reason_of(named.ask(body(kEcr), nameless)), Reason::policy_denied);
}

TEST(CredentialsRoute, WhoMayUseNoRepositoryIsGivenNoLogin) {
  Credentials one;
  const GateAnswer answer = one.ask(body(kEcr), good_token("team/app", "delete"));
  EXPECT_EQ(answer.credentials, nullptr);
  EXPECT_EQ(reason_of(answer), Reason::policy_denied);
  EXPECT_EQ(answer.decision->refusal->detail, "the caller may use no repository that a session policy can name");
}

TEST(CredentialsRoute, IsClosedToPeersThatAreNotTrusted) {
  TestGate gate(with_broker(R"([{"users":["alice"]}])"));
  GateQuestion question;
  question.method = "POST";
  question.uri = "/v1/credentials";
  question.headers = {{"Authorization", bearer(good_token())}};
  question.has_body = true;
  question.body = body(kEcr);
  EXPECT_NE(gate.ask(question).credentials, nullptr);

  question.peer = tcp_peer({192, 0, 2, 1});
  const GateAnswer answer = gate.ask(question);
  EXPECT_EQ(answer.http.status, 403);
  EXPECT_EQ(answer.credentials, nullptr);
}

TEST(CredentialsRoute, AConditionReadsTheRegistryAndTheCaller) {
  Credentials one(std::string(R"([{"conditions":[{"expression":"req.repository == ')") + kEcr +
                  R"(' && req.user.username == 'alice'","message":""}]}])");

  EXPECT_NE(one.ask(body(kEcr)).credentials, nullptr);
}

TEST(CredentialsRoute, AnUnknownRegistryLooksLikeAForbiddenOne) {
  Credentials one;
  Credentials other(R"([{"users":["bob"]}])");

  const GateAnswer unknown = one.ask(body("444455556666.dkr.ecr.eu-west-1.amazonaws.com"));
  const GateAnswer forbidden = other.ask(body(kEcr));

  EXPECT_EQ(unknown.http.status, 403);
  EXPECT_EQ(unknown.http.body, forbidden.http.body);
}

TEST(CredentialsRoute, WhatCannotBeLimitedNeedsAWideRule) {
  Credentials narrow;
  EXPECT_EQ(narrow.ask(body("registry.example")).http.status, 403);

  Credentials wide(R"([{"users":["alice"],"registries":["registry.example"],"wide":true},{"users":["alice"]}])");
  const GateAnswer answer = wide.ask(body("registry.example"));
  ASSERT_NE(answer.credentials, nullptr) << describe(answer);
  EXPECT_FALSE(answer.credentials->target.session_policy.has_value());
  const GateAnswer limited = wide.ask(body(kEcr));
  ASSERT_NE(limited.credentials, nullptr);
  EXPECT_TRUE(limited.credentials->target.session_policy.has_value());
}

TEST(CredentialsRoute, ARoleOfTheCallersOwnMustBeListedAndHasItsExternalId) {
  Credentials one;
  const auto form = [](const std::string& role, const std::string& id) {
    return R"(,"username":")" + role + R"(","password":")" + id + "\"";
  };

  const GateAnswer good = one.ask(body(kEcr, form(kTheirRole, "external-1")));
  ASSERT_NE(good.credentials, nullptr) << describe(good);
  const auto& identity = std::get<EcrLoginConfig>(good.credentials->target.registry->login).identity;
  EXPECT_EQ(identity.role_arn, kTheirRole);
  EXPECT_EQ(identity.external_id, "external-1");

  EXPECT_EQ(reason_of(one.ask(body(kEcr, form("arn:aws:iam::444455556666:role/unlisted", "external-1")))), Reason::policy_denied);
  EXPECT_EQ(reason_of(one.ask(body("registry.example", form(kTheirRole, "external-1")))), Reason::policy_denied);
  // Whatever is wrong with the form is told before anything that is configured: no answer says which roles are listed.
  for (const char* role : {kTheirRole, kOwnRole, "arn:aws:iam::444455556666:role/nobodys"}) {
    for (const char* host : {kEcr, "nowhere.example"}) {
      EXPECT_EQ(one.ask(body(host, form(role, "x"))).http.status, 400) << role;
      EXPECT_EQ(one.ask(body(host, form(role, "xx"))).http.status, role == kTheirRole && host == kEcr ? 503 : 403) << role;
    }
  }
  EXPECT_EQ(one.ask(body(kEcr, form("theirs", "external-1"))).http.status, 400);
  EXPECT_EQ(one.ask(body(kEcr, R"(,"username":")" + std::string(kTheirRole) + "\"")).http.status, 400);
}

TEST(CredentialsRoute, ARoleOfOursIsNeverTheCallers) {
  Credentials one;
  auto broker = std::make_shared<BrokerConfig>(*one.state().config.broker);
  broker->caller_roles.emplace_back(kOwnRole);
  one.state().config.broker = broker;

  const GateAnswer answer = one.ask(body(kEcr, R"(,"username":")" + std::string(kOwnRole) + R"(","password":"external-1")"));

  EXPECT_EQ(answer.credentials, nullptr);
  EXPECT_EQ(reason_of(answer), Reason::policy_denied);
}

TEST(CredentialsRoute, WantsATokenThatVerifies) {
  Credentials one;

  const GateAnswer without = one.ask(body(kEcr), "");
  EXPECT_EQ(without.http.status, 401);
  EXPECT_TRUE(header_of(without, "WWW-Authenticate").has_value());
  EXPECT_EQ(one.ask(body(kEcr), "e30.e30.x").http.status, 401);
}

TEST(CredentialsRoute, AQuestionThatIsNoneIsRefused) {
  Credentials one;

  for (const char* text :
       {"", "[]", "{}", R"({"registry":5})", R"({"registry":""})", R"({"registry":"a b"})", R"({"registry":"r","more":1})",
        R"({"registry":"r","repositories":[]})", R"({"registry":"r","repositories":[1]})", R"({"registry":"r","fresh":"yes"})",
        R"({"registry":"r","registry":"r"})", R"({"registry":"r","password":"x"})",
        R"({"registry":"r","username":"u","password":"xx","repositories":["a"]})"})
    EXPECT_EQ(one.ask(text).http.status, 400) << text;
  EXPECT_EQ(one.ask(std::string(65537, ' ')).http.status, 413);
}

TEST(CredentialsRoute, TheAnswerHoldsTheLoginAndIsNotKept) {
  Credentials one;
  const GateAnswer given = one.ask(body(kEcr));
  const auto login =
      std::make_shared<const RegistryLogin>(RegistryLogin{.user = "AWS", .password = Secret("canary"), .expires = kNow + 1h});

  const GateAnswer answer = credentials_answer(given, SharedLogin(login), one.state().rules, "id");

  EXPECT_EQ(answer.http.status, 200);
  EXPECT_EQ(answer.http.body, R"({"username":"AWS","password":"canary","expiresAt":"2026-03-01T13:00:00.000Z"})");
  EXPECT_EQ(header_of(answer, "Cache-Control"), "no-store");
}

TEST(CredentialsRoute, WhatAwsSaidIsForTheLogAlone) {
  Credentials one;
  const GateAnswer given = one.ask(body(kEcr));

  const GateAnswer answer =
      credentials_answer(given, Error{Reason::credentials_unavailable, "AccessDenied: canary"}, one.state().rules, "id");

  EXPECT_EQ(answer.http.status, 503);
  EXPECT_EQ(answer.http.body.find("canary"), std::string::npos);
  EXPECT_EQ(answer.decision->refusal->detail, "AccessDenied: canary");
}

}  // namespace
}  // namespace portcullis
