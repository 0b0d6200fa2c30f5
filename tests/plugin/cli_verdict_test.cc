// `portcullis verify` and the gate give one answer: ten thousand requests, chosen at random and always the same ones, put to both.
#include "plugin/cli/verdict.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/codec/json_writer.h"
#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using test::kNow;

constexpr std::size_t kRequests = 10'000;

/// Policies of every kind, and the access claim beside them where a token has one.
std::string config_text() {
  return R"json({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":{
    "groups":{"ops":{"users":["olga"]}},
    "repositories":{
      "team/**":{"policies":[
          {"users":["alice"],"actions":["read","create","update"]},
          {"groups":["devs"],"actions":["read"],"conditions":[{"expression":"req.client.ip.startsWith('10.')","message":"not from here"}]},
          {"groups":["ops"],"actions":["read","delete"]}],"defaultPolicy":["read"]},
      "team/app":{"policies":[{"users":["bob"],"actions":["create","update"],"conditions":[{"expression":"req.time.getHours() < 12"}]}]},
      "prod/*":{"policies":[{"groups":["devs"],"actions":["read","create"]},
          {"actions":["create","update","delete"],"deny":true,"conditions":[{"expression":"req.userAgent.contains('curl')"}]}]},
      "home/${user}/**":{"defaultPolicy":["read","create","update","delete"]},
      "public/**":{"anonymousPolicy":["read"],"defaultPolicy":["read"]},
      "broken":{"policies":[{"users":["alice"],"actions":["read"],"conditions":[{"expression":"req.claims.nothing == 1"}]}]}},
    "adminPolicy":{"users":["root"],"actions":["read","create","update","delete"]}}},
  "portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"},
    "proxy":{"trusted":["127.0.0.1/32"],"clientAddress":"X-Real-IP"},
    "tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"optional","claimMapping":{"groups":"claims.?groups.orValue([])"}}}})json";
}

/// Chooses; the same in every run.
class Dice {
 public:
  template <class Choices>
  const auto& pick(const Choices& choices) {
    return choices[numbers_() % std::size(choices)];
  }

 private:
  std::mt19937_64 numbers_{20261122};
};

std::string payload(std::string_view user, std::string_view rest) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(kNow.time_since_epoch()).count();
  return R"({"sub":")" + std::string(user) + R"(","iat":)" + std::to_string(now) + R"(,"exp":)" + std::to_string(now + 300) +
         std::string(rest) + "}";
}

/// Good ones of every user with and without groups and claims, and bad ones of every kind; nothing stands for no token at all.
std::vector<std::optional<std::string>> tokens() {
  std::vector<std::optional<std::string>> all = {std::nullopt, "anonymous", "a.b.c"};
  const std::vector<std::string> rests = {
      "",
      R"(,"groups":["devs"])",
      R"(,"groups":["ops","devs"])",
      R"(,"access":[])",
      R"(,"access":[{"type":"repository","name":"team/app","actions":["pull","push"]}])",
      R"(,"access":[{"type":"repository","name":"prod/app","actions":["pull","push","delete"]}],"groups":["devs"])"};
  for (const char* user : {"alice", "bob", "olga", "root", "dora"}) {
    for (const std::string& rest : rests) all.emplace_back(test::token_of(payload(user, rest)));
  }
  all.emplace_back(test::token_of(R"({"sub":"alice","exp":1})"));
  all.emplace_back(test::token_of(R"({"sub":"alice"})"));
  all.emplace_back(test::mint(payload("alice", ""), test::key_pair("ED25519", "other"), "EdDSA", "k1"));
  all.emplace_back(test::mint(payload("alice", ""), test::key_pair("ED25519"), "EdDSA", "unknown"));
  return all;
}

constexpr std::array kMethods = {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"};
constexpr std::array kClients = {"10.0.0.1", "192.0.2.7", ""};
constexpr std::array kAgents = {"docker/27", "curl/8", ""};
constexpr const char* kUris[] = {
    "/v2/",
    "/v2/_catalog",
    "/v2/team/app/manifests/v1",
    "/v2/team/app/manifests/v2",
    "/v2/team/other/manifests/v1",
    "/v2/team/app/blobs/uploads/",
    "/v2/team/app/blobs/uploads/?mount=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855&from=prod/app",
    "/v2/team/app/tags/list",
    "/v2/prod/app/manifests/v1",
    "/v2/prod/app/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "/v2/home/alice/app/manifests/v1",
    "/v2/home/dora/x/y/manifests/v1",
    "/v2/public/app/manifests/v1",
    "/v2/broken/manifests/v1",
    "/v2/nowhere/manifests/v1",
    "/v2/team/../prod/app/manifests/v1",
    "/v2/Team/manifests/v1",
    "/elsewhere"};

TEST(Verdict, IsTheGatesOwnForTenThousandRequests) {
  test::GateTexts texts;
  texts.config = config_text();
  texts.keys = test::secret_json({{"k1", &test::key_pair("ED25519")}});
  test::TestGate gate(texts);
  const auto all_tokens = tokens();
  // In this order: a gate's time goes forward.
  const std::array times = {kNow - std::chrono::hours(1), kNow, kNow + std::chrono::minutes(4), kNow + std::chrono::hours(6)};
  Dice dice;
  std::map<Reason, std::size_t> seen;

  for (std::size_t i = 0; i < kRequests; ++i) {
    const auto& token = dice.pick(all_tokens);
    const std::string method = dice.pick(kMethods);
    const std::string uri = dice.pick(kUris);
    const std::string client = dice.pick(kClients);
    const std::string agent = dice.pick(kAgents);
    const TimePoint now = times[i * times.size() / kRequests];
    std::optional<std::string> authorization;
    if (token) authorization = test::bearer(*token);
    test::GateQuestion asked = i % 2 == 0 ? test::nginx_asks(method, uri, authorization) : test::forward_asks(method, uri, authorization);
    if (!client.empty()) asked.with("X-Real-IP", client);
    if (!agent.empty()) asked.with("User-Agent", agent);
    asked.now = now;
    const Question question{.token = token ? std::optional<std::string_view>(*token) : std::nullopt,
                            .method = method,
                            .uri = uri,
                            .repository = {},
                            .action = {},
                            .client = client,
                            .user_agent = agent,
                            .tag_exists = {}};

    const GateAnswer answer = i % 3 == 0 ? gate.ask_uncached(asked) : gate.ask(asked);
    const Verdict verdict = judge(question, gate.state(), now);

    ASSERT_TRUE(answer.decision.has_value()) << method << " " << uri;
    ASSERT_EQ(verdict.reason, answer.decision->reason()) << method << " " << uri << " " << token.value_or("nobody") << "\n"
                                                         << test::describe(answer);
    ASSERT_EQ(verdict.token != nullptr, answer.decision->token != nullptr) << method << " " << uri;
    ++seen[verdict.reason];
  }

  // Both answers, and refusals of every part of the line, or the agreement says little.
  for (const Reason reason : {Reason::allowed, Reason::token_missing, Reason::policy_denied, Reason::scope_insufficient,
                              Reason::mount_source_denied, Reason::bad_signature, Reason::key_unknown, Reason::token_expired}) {
    EXPECT_GT(seen[reason], 0U) << reason_name(reason);
  }
}

}  // namespace
}  // namespace portcullis
