// `portcullis verify` and the gate give one answer: ten thousand requests, chosen at random and always the same ones, put to both; once in
// one process, and once to a daemon over a socket.
#include "plugin/cli/verdict.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/codec/json.h"
#include "plugin/cli/offline.h"
#include "tests/support/daemon.h"
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

std::string payload(std::string_view user, std::string_view rest, TimePoint now) {
  const auto seconds = test::unix_seconds(now);
  return R"({"sub":")" + std::string(user) + R"(","iat":)" + std::to_string(seconds) + R"(,"exp":)" + std::to_string(seconds + 300) +
         std::string(rest) + "}";
}

/// Good ones of every user with and without groups and claims, and bad ones of every kind; nothing stands for no token at all.
std::vector<std::optional<std::string>> tokens(TimePoint now) {
  std::vector<std::optional<std::string>> all = {std::nullopt, "anonymous", "a.b.c"};
  const std::vector<std::string> rests = {
      "",
      R"(,"groups":["devs"])",
      R"(,"groups":["ops","devs"])",
      R"(,"access":[])",
      R"(,"access":[{"type":"repository","name":"team/app","actions":["pull","push"]}])",
      R"(,"access":[{"type":"repository","name":"prod/app","actions":["pull","push","delete"]}],"groups":["devs"])"};
  for (const char* user : {"alice", "bob", "olga", "root", "dora"}) {
    for (const std::string& rest : rests) all.emplace_back(test::token_of(payload(user, rest, now)));
  }
  all.emplace_back(test::token_of(R"({"sub":"alice","exp":1})"));
  all.emplace_back(test::token_of(R"({"sub":"alice"})"));
  all.emplace_back(test::mint(payload("alice", "", now), test::key_pair("ED25519", "other"), "EdDSA", "k1"));
  all.emplace_back(test::mint(payload("alice", "", now), test::key_pair("ED25519"), "EdDSA", "unknown"));
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

/// One request, of a client that is told of where it is not empty.
struct Asked {
  const std::optional<std::string>& token;
  std::string method;
  std::string uri;
  std::string client;
  std::string agent;

  [[nodiscard]] Question question() const {
    return {.token = token ? std::optional<std::string_view>(*token) : std::nullopt,
            .method = method,
            .uri = uri,
            .repository = {},
            .action = {},
            .client = client,
            .user_agent = agent,
            .tag_exists = {}};
  }
  [[nodiscard]] std::string told() const { return method + " " + uri + " " + token.value_or("nobody"); }
};

Asked ask_something(Dice& dice, const std::vector<std::optional<std::string>>& all_tokens) {
  const auto& token = dice.pick(all_tokens);
  std::string method = dice.pick(kMethods);
  std::string uri = dice.pick(kUris);
  std::string client = dice.pick(kClients);
  return {token, std::move(method), std::move(uri), std::move(client), dice.pick(kAgents)};
}

/// Both answers, and refusals of every part of the line, or the agreement says little.
void expect_all_kinds(std::map<Reason, std::size_t>& seen) {
  for (const Reason reason :
       {Reason::allowed, Reason::token_missing, Reason::policy_denied, Reason::scope_insufficient, Reason::mount_source_denied,
        Reason::bad_signature, Reason::key_unknown, Reason::token_expired, Reason::path_not_canonical, Reason::method_not_allowed}) {
    EXPECT_GT(seen[reason], 0U) << reason_name(reason);
  }
}

TEST(Verdict, IsTheGatesOwnForTenThousandRequests) {
  test::GateTexts texts;
  texts.config = config_text();
  texts.keys = test::secret_json({{"k1", &test::key_pair("ED25519")}});
  test::TestGate gate(texts);
  const auto all_tokens = tokens(kNow);
  // In this order: a gate's time goes forward.
  const std::array times = {kNow - std::chrono::hours(1), kNow, kNow + std::chrono::minutes(4), kNow + std::chrono::hours(6)};
  Dice dice;
  std::map<Reason, std::size_t> seen;

  for (std::size_t i = 0; i < kRequests; ++i) {
    const Asked one = ask_something(dice, all_tokens);
    const TimePoint now = times[i * times.size() / kRequests];
    std::optional<std::string> authorization;
    if (one.token) authorization = test::bearer(*one.token);
    test::GateQuestion asked =
        i % 2 == 0 ? test::nginx_asks(one.method, one.uri, authorization) : test::forward_asks(one.method, one.uri, authorization);
    if (!one.client.empty()) asked.with("X-Real-IP", one.client);
    if (!one.agent.empty()) asked.with("User-Agent", one.agent);
    asked.now = now;

    const GateAnswer answer = i % 3 == 0 ? gate.ask_uncached(asked) : gate.ask(asked);
    const Verdict verdict = judge(one.question(), gate.state(), now);

    ASSERT_TRUE(answer.decision.has_value()) << one.told();
    ASSERT_EQ(verdict.reason, answer.decision->reason()) << one.told() << "\n" << test::describe(answer);
    ASSERT_EQ(verdict.token != nullptr, answer.decision->token != nullptr) << one.told();
    ++seen[verdict.reason];
  }

  expect_all_kinds(seen);
}

/// The same configuration for a daemon: ports of the system's choice, and a log of decisions that has room for all of them.
std::string daemon_config() {
  std::string text = config_text();
  const std::string_view portcullis = R"("portcullis":{)";
  text.insert(text.find(portcullis) + portcullis.size(),
              R"("admin":"127.0.0.1:0","drain":{"delay":"0s","deadline":"10s"},"decisionLog":{"output":"decisions.jsonl"},)");
  text.insert(1, R"("log":{"level":"error","output":"gate.log"},)");
  return text;
}

/// What nginx sends for `one`.
std::string wire_of(const Asked& one) {
  std::string text = "GET /auth HTTP/1.1\r\nHost: gate\r\nX-Original-Method: " + one.method + "\r\nX-Original-URI: " + one.uri + "\r\n";
  if (one.token) text += "Authorization: Bearer " + *one.token + "\r\n";
  if (!one.client.empty()) text += "X-Real-IP: " + one.client + "\r\n";
  if (!one.agent.empty()) text += "User-Agent: " + one.agent + "\r\n";
  return text + "\r\n";
}

/// Id to reason of every line of the decision log.
std::map<std::string, std::string> logged_reasons(const std::string& log) {
  std::map<std::string, std::string> reasons;
  std::string_view rest = log;
  while (!rest.empty()) {
    const auto line = parse_json(rest.substr(0, rest.find('\n')), {.bytes = 65536, .depth = 8, .members = 1000});
    EXPECT_TRUE(line.ok());
    if (line.ok()) reasons.emplace(line->root().get("id").string().value_or(""), line->root().get("reason").string().value_or(""));
    rest.remove_prefix(std::min(rest.size(), rest.find('\n') + 1));
  }
  return reasons;
}

TEST(Verdict, IsTheDaemonsOwnForTenThousandRequests) {
  test::TestDaemon daemon;
  daemon.folder().write("gate.json", daemon_config());
  daemon.restart();
  ASSERT_EQ(daemon.fault(), "");
  const SystemClock clock;
  const SystemFiles files;
  const OfflineWorld world = read_world(files, daemon.folder().path("gate.json"), Replacements(), clock.now());
  ASSERT_TRUE(world.state.has_value()) << format_findings(world.findings);
  const auto all_tokens = tokens(clock.now());
  test::RawClient client(daemon.tcp());
  Dice dice;
  std::map<Reason, std::size_t> seen;
  std::map<std::string, Reason> by_id;

  for (std::size_t i = 0; i < kRequests; ++i) {
    const Asked one = ask_something(dice, all_tokens);
    const Verdict verdict = judge(one.question(), *world.state, clock.now());
    const auto answer = client.ask(wire_of(one));

    ASSERT_TRUE(answer.has_value()) << one.told();
    const ReasonRow& row = reason_row(verdict.reason);
    ASSERT_EQ(answer->status, http_status(row.outcome)) << one.told() << "\n" << verdict.detail;
    ASSERT_EQ(answer->header("X-Portcullis-Decision"), verdict.reason == Reason::allowed ? "allow" : "deny");
    ASSERT_NE(answer->header("WWW-Authenticate").find(std::string(row.bearer_error)), std::string::npos) << one.told();
    by_id.emplace(answer->header("X-Portcullis-Id"), verdict.reason);
    ++seen[verdict.reason];
  }
  daemon.destroy();

  expect_all_kinds(seen);
  ASSERT_EQ(by_id.size(), kRequests);
  const auto logged = logged_reasons(daemon.folder().read("decisions.jsonl"));
  // Of refusals of strangers the log may hold a sample.
  EXPECT_GT(logged.size(), kRequests / 10);
  for (const auto& [id, reason] : logged) ASSERT_EQ(reason, reason_name(by_id.at(id)));
}

}  // namespace
}  // namespace portcullis
