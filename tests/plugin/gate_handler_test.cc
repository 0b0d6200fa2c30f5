// Where there is no room to wait: a request that would wait for somebody is answered at once, and nobody is asked for it.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "plugin/broker/login_routes.h"
#include "plugin/gate_handler.h"
#include "plugin/log_output.h"
#include "tests/support/exchange.h"
#include "tests/support/fake_http.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

constexpr const char* kHost = "registry.internal";

RegistryLoginConfig registry() {
  StaticLoginConfig login;
  login.username = "robot";
  login.password = std::make_shared<const Secret>("canary");
  return {.host = kHost, .login = std::move(login)};
}

GateTexts texts_of(const std::string& config) {
  GateTexts texts;
  texts.config = config;
  texts.keys = secret_json({{"k1", &key_pair("ED25519")}, {"slow", &key_pair("P-384")}});
  return texts;
}

/// A handler and all that it works with. A client has one place to wait in everywhere.
class Crowded {
 public:
  explicit Crowded(const GateTexts& texts = texts_of(gate_config())) {
    live_->state = std::move(TestGate(texts).state());
    live_->state.rules.client_address_header = "X-Real-IP";
    live_->key_uses = KeyUses(state().source.keys.get(), {});
  }
  ~Crowded() { broker.stop(); }

  /// To be changed before the first question only.
  State& state() { return live_->state; }
  /// Every repository carries the login of `registry()`.
  void carry_logins() {
    auto config = std::make_shared<BrokerConfig>();
    config->registries = {registry()};
    config->routes = {{"**", kHost}};
    state().rules.login_routes = LoginRoutes::compile(config).value();
  }
  /// Has the login of `target` at hand.
  void log_in(const LoginTarget& target) {
    broker.login(target, false, [](const Result<SharedLogin>&) {});
    while (broker.find(target) == nullptr) std::this_thread::yield();
  }
  /// The answer; nothing where the request would wait, which ends the test program: there is no connection to suspend.
  HttpAnswer ask(const GateQuestion& question) {
    Connection connection;
    connection.peer = *question.peer;
    connection.request.method = question.method;
    connection.request.raw_uri = question.uri;
    for (const auto& [name, value] : question.headers) connection.request.headers.emplace_back(name, value);
    connection.request.has_body = question.has_body;
    connection.request.body = question.body;
    connection.request.peer = &connection.peer;
    return handler_.handle(connection).value();
  }
  /// The client's place.
  [[nodiscard]] static Admission::Place take(Admission& admission) { return std::move(*admission.enter(trusted_peer().text)); }

  FakeHttp http;
  FakeFiles files;
  FakeClock clock;
  SystemEntropy entropy;
  TempFolder folder;
  LogOutput output = LogOutput::open(folder.path("app.log")).value();
  Log log{clock, output.descriptor(), LogForm::json, LogLevel::info};
  GateMetrics metrics;
  Admission admission{4};
  TokenRelay relay{&http, clock, 1, 4};
  TagLookup tags{&http, files, clock, 1, 4};
  BrokerService broker{
      {.http = &http, .environment = nullptr, .files = files, .clock = clock, .entropy = entropy, .log = log, .threads = 1, .places = 4}};
  int nudges = 0;

 private:
  std::shared_ptr<LiveState> live_ = std::make_shared<LiveState>();
  LiveSnapshot snapshot_{live_};
  TokenCache cache_{100};
  WaitingRoom room_;
  DecisionLog decisions_{log, metrics, clock, 1};
  WorkerPool pool_{1};
  GateHandler handler_{{.live = snapshot_,
                        .cache = cache_,
                        .metrics = metrics,
                        .log = log,
                        .clock = clock,
                        .entropy = entropy,
                        .admission = admission,
                        .pool = pool_,
                        .room = room_,
                        .relay = relay,
                        .decisions = decisions_,
                        .tags = tags,
                        .broker = broker,
                        .nudge = [this](std::string_view) {
                          ++nudges;
                          return true;
                        }}};
};

std::string header(const HttpAnswer& answer, std::string_view name) {
  for (const auto& [one, value] : answer.headers)
    if (one == name) return value;
  return "-";
}

GateQuestion pull() { return nginx_asks("GET", "/v2/team/app/manifests/v1", bearer(good_token())); }

TEST(GateHandlerWithoutRoom, RefusesARequestThatWouldWaitForALogin) {
  Crowded gate;
  gate.carry_logins();
  const auto place = Crowded::take(gate.broker.admission());

  const HttpAnswer answer = gate.ask(pull());

  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(header(answer, "Retry-After"), "-");
  EXPECT_EQ(header(answer, "X-Registry-Authorization"), "-");
  EXPECT_NE(gate.folder.read("app.log").find("too many requests wait for a login"), std::string::npos) << gate.folder.read("app.log");
}

TEST(GateHandlerWithoutRoom, GivesALoginThatIsAtHand) {
  Crowded gate;
  gate.carry_logins();
  gate.log_in(*gate.state().rules.login_routes->find("team/app"));
  const auto place = Crowded::take(gate.broker.admission());

  const HttpAnswer answer = gate.ask(pull());

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(header(answer, "X-Registry-Authorization"), basic("robot", "canary"));
}

GateTexts with_credentials() {
  return texts_of(gate_config(R"("broker":{"registries":{")" + std::string(kHost) +
                              R"(":{"username":"robot","password":"canary"}},"policy":[{"users":["alice"],"wide":true}]})"));
}

GateQuestion credentials_asks(std::string_view more = {}) {
  GateQuestion question;
  question.method = "POST";
  question.uri = "/v1/credentials";
  question.headers.clear();
  question.has_body = true;
  question.body = R"({"registry":")" + std::string(kHost) + "\"" + std::string(more) + "}";
  return question.with("Authorization", bearer(good_token()));
}

TEST(GateHandlerWithoutRoom, RefusesACallerWhoWouldWaitForALogin) {
  Crowded gate(with_credentials());
  const auto place = Crowded::take(gate.broker.callers());

  const HttpAnswer answer = gate.ask(credentials_asks());

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body.find("canary"), std::string::npos);
  EXPECT_NE(gate.folder.read("app.log").find("too many requests wait for a login"), std::string::npos) << gate.folder.read("app.log");
}

TEST(GateHandlerWithoutRoom, GivesACallerALoginThatIsAtHandAndNotAFreshOne) {
  Crowded gate(with_credentials());
  const auto& broker = gate.state().config.broker;
  gate.log_in(login_target(broker, std::shared_ptr<const RegistryLoginConfig>(broker, &broker->registries.front())));
  const auto place = Crowded::take(gate.broker.callers());

  const HttpAnswer at_hand = gate.ask(credentials_asks());
  EXPECT_EQ(at_hand.status, 200);
  EXPECT_NE(at_hand.body.find("canary"), std::string::npos);
  EXPECT_EQ(gate.ask(credentials_asks(R"(,"fresh":true)")).status, 503);
}

TEST(GateHandlerWithoutRoom, RefusesAPasswordThatTheOtherTokenEndpointWouldJudge) {
  Crowded gate(exchange_texts());
  const auto place = Crowded::take(gate.relay.admission());

  const HttpAnswer answer = gate.ask(exchange_asks(basic("bob", "hunter2")));

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(header(answer, "Cache-Control"), "no-store");
  EXPECT_TRUE(gate.http.asked().empty());
  EXPECT_NE(gate.folder.read("app.log").find("too many requests wait for the upstream token endpoint"), std::string::npos)
      << gate.folder.read("app.log");
}

TEST(GateHandlerWithoutRoom, RefusesATokenOfACostlyKeyUnchecked) {
  Crowded gate;
  const auto place = Crowded::take(gate.admission);

  EXPECT_EQ(gate.ask(nginx_asks("GET", "/v2/", bearer(mint(good_payload(kNow), key_pair("P-384"), "ES384", "slow")))).status, 503);
  EXPECT_EQ(gate.ask(pull()).status, 200) << "cheap ones are checked at once";
}

TEST(GateHandlerWithoutRoom, RefusesATokenOfAnUnknownKeyWithoutWaitingForOthers) {
  Crowded gate;
  const auto place = Crowded::take(gate.admission);

  const HttpAnswer answer = gate.ask(nginx_asks("GET", "/v2/", bearer(mint(good_payload(kNow), key_pair("ED25519"), "EdDSA", "new"))));

  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(gate.nudges, 1) << "the round is asked for all the same";
}

TEST(GateHandlerWithoutRoom, WantsBothRightsForAPushWhereTheRegistryIsNotAsked) {
  const std::string config =
      R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":{"repositories":{)"
      R"("team/**":{"policies":[{"users":["alice"],"actions":["create"]},{"users":["bob"],"actions":["create","update"]}]}}}},)"
      R"("portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"},"proxy":{"trusted":["127.0.0.1/32"]},)"
      R"("registry":{"url":"http://127.0.0.1:5000","tagLookup":"advisory"},)"
      R"("tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"ignored","requireExpiry":false}}})";
  Crowded gate(texts_of(config));
  const auto place = Crowded::take(gate.tags.admission());
  const auto push = [&gate](std::string_view user) {
    return gate.ask(nginx_asks("PUT", "/v2/team/app/manifests/v1", bearer(token_of(R"({"sub":")" + std::string(user) + "\"}")))).status;
  };

  EXPECT_EQ(push("alice"), 403);
  EXPECT_EQ(push("bob"), 200);
  EXPECT_TRUE(gate.http.asked().empty());
}

}  // namespace
}  // namespace portcullis::test
