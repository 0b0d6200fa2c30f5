// A whole daemon that runs out of memory, seen by its clients: an answer that is no other allow, or a closed connection, and it serves on.
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/fault/allocations.h"
#include "tests/support/daemon.h"
#include "tests/support/raw_client.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

/// A registry without the tag, and a JWKS, as ever.
class SteadyHttp final : public HttpTransport {
 public:
  static constexpr std::string_view kKeys = "https://keys.example/jwks.json";

  Result<IncomingAnswer> send(const OutgoingRequest& request) override {
    if (request.url == kKeys) return IncomingAnswer{.status = 200, .headers = {}, .body = keys_};
    const bool tag = request.method == "HEAD";
    return IncomingAnswer{.status = tag ? 404 : 200, .headers = {}, .body = {}};
  }

 private:
  const std::string keys_ = jwks_json({{"k1", &key_pair("ED25519")}});  // made while there is memory for it
};

using Request = std::function<std::string()>;

Request same(std::string request) {
  return [request = std::move(request)] { return request; };
}

/// Asks the same again and again, each time with another allocation of the daemon failing, until none is left. `good` judges an answer
/// with status 200.
void ask_without_memory(TestDaemon& daemon, const Request& make, const std::function<bool(const RawAnswer&)>& good) {
  for (const Outage outage : {Outage::one, Outage::from_now}) {
    for (std::uint64_t nth = 1;; ++nth) {
      SCOPED_TRACE("allocation " + std::to_string(nth));
      const std::string request = make();
      bool happened = false;
      std::optional<RawAnswer> answer;
      {
        const AllocationOutage failing(nth, outage, Whose::other_threads);
        answer = ask_once(daemon.tcp(), request);
        happened = AllocationOutage::happened();
      }
      EXPECT_TRUE(!answer || answer->status != 200 || good(*answer)) << answer->body;
      if (!happened || testing::Test::HasFailure()) break;
    }
  }
  ASSERT_TRUE(eventually([&] { return daemon.app().active() == 0; })) << "a request waits for ever";
  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 200) << "the daemon does not serve on";
}

bool never(const RawAnswer& /*answer*/) { return false; }
bool as_alice(const RawAnswer& answer) {
  return answer.header("X-Auth-Request-User") == "alice" && answer.header("X-Portcullis-Decision") == "allow";
}

std::string token_now(const KeyPair& key, std::string_view algorithm, std::string_view kid, std::string_view actions = "pull") {
  return mint(good_payload(SystemClock().now(), "team/app", actions), key, algorithm, kid);
}

const std::string kPull = "/v2/team/app/manifests/latest";

TEST(DaemonWithoutMemory, LetsAGoodTokenInOrRefuses) {
  TestDaemon daemon;
  ASSERT_EQ(daemon.fault(), "");
  ask_without_memory(daemon, same(nginx_request(kPull, TestDaemon::first_token())), as_alice);
}

TEST(DaemonWithoutMemory, LetsNoForgedTokenIn) {
  TestDaemon daemon;
  ask_without_memory(daemon, same(nginx_request(kPull, token_now(key_pair("ED25519", "stranger"), "EdDSA", "k1"))), never);
}

TEST(DaemonWithoutMemory, AnswersWhoWaitsForACostlySignature) {
  TestDaemon daemon("", secret_json({{"k1", &key_pair("ED25519")}, {"costly", &key_pair("P-384")}}));
  for (const bool forged : {false, true}) {
    const KeyPair& key = forged ? key_pair("P-384", "stranger") : key_pair("P-384");
    // A new token each time: one that was seen needs no check of its signature.
    int number = 0;
    const auto request = [&] {
      const std::string payload = good_payload(SystemClock().now(), "team/app", "pull", "\"jti\":\"" + std::to_string(++number) + "\"");
      return nginx_request(kPull, mint(payload, key, "ES384", "costly"));
    };
    ask_without_memory(daemon, request, forged ? never : as_alice);
  }
}

TEST(DaemonWithoutMemory, AnswersWhoWaitsForTheRegistry) {
  SteadyHttp http;
  TestDaemon daemon(R"("registry":{"url":"http://127.0.0.1:1","tagLookup":"advisory"})", TestDaemon::first_keys(), &http);
  // May create and not update: whether the tag is there decides.
  std::string config = daemon.folder().read("gate.json");
  config.replace(config.find("}}},"), 4,
                 R"(}},"accessControl":{"repositories":{"team/**":{"policies":[{"users":["alice"],"actions":["read","create"]}]}}}},)");
  daemon.folder().write("gate.json", config);
  daemon.restart(&http);
  ASSERT_EQ(daemon.fault(), "");
  std::string request = nginx_request(kPull, token_now(key_pair("ED25519"), "EdDSA", "k1", "pull,push"));
  request.replace(request.find("X-Original-Method: GET"), 22, "X-Original-Method: PUT");
  ASSERT_EQ(ask_once(daemon.tcp(), request)->status, 200) << "the registry was asked";
  ask_without_memory(daemon, same(request), as_alice);
}

TEST(DaemonWithoutMemory, AnswersWhoWaitsForAnUnknownKey) {
  SteadyHttp http;
  TestDaemon daemon(R"("keys":{"jwksURL":")" + std::string(SteadyHttp::kKeys) + R"(","wait":"50ms","refetchCooldown":"1s"})", "", &http);
  ASSERT_EQ(daemon.fault(), "");
  ASSERT_TRUE(eventually([&] { return daemon.status_for(TestDaemon::first_token()) == 200; }));
  ask_without_memory(daemon, same(nginx_request(kPull, TestDaemon::second_token())), never);
}

TEST(DaemonWithoutMemory, AnswersQuestionsAboutTokens) {
  TestDaemon daemon;
  const std::string body = R"({"token":")" + TestDaemon::second_token() + R"(","repository":"team/app","action":"pull"})";
  const std::string request = "POST /v1/verify HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  ask_without_memory(daemon, same(request), [](const RawAnswer& answer) { return answer.body.starts_with(R"({"active":false)"); });
}

TEST(DaemonWithoutMemory, WritesWholeLinesOfItsDecisionLog) {
  TestDaemon daemon(R"("decisionLog":{"output":"decisions.jsonl"})");
  ASSERT_EQ(daemon.fault(), "");
  ask_without_memory(daemon, same(nginx_request(kPull, TestDaemon::first_token())), as_alice);
  ASSERT_TRUE(eventually([&] { return daemon.folder().read("decisions.jsonl").ends_with("}\n"); }));
  const std::string text = daemon.folder().read("decisions.jsonl");
  for (std::size_t from = 0, end = 0; from < text.size(); from = end + 1) {
    end = text.find('\n', from);
    ASSERT_NE(end, std::string::npos);
    const std::string line = text.substr(from, end - from);
    EXPECT_TRUE(line.starts_with("{\"v\":1,") && line.ends_with("}")) << line;
  }
}

TEST(DaemonWithoutMemory, ReloadsTheWholeConfigurationInTheEnd) {
  TestDaemon daemon;
  const auto service_is = [&](std::string_view name) {
    const auto answer = ask_once(daemon.tcp(), nginx_request("/v2/", ""));
    return answer && answer->header("WWW-Authenticate").find("service=\"" + std::string(name) + "\"") != std::string::npos;
  };
  for (std::uint64_t nth = 1;; ++nth) {
    SCOPED_TRACE("allocation " + std::to_string(nth));
    const std::string name = "service" + std::to_string(nth);
    bool happened = false;
    {
      const AllocationOutage failing(nth, Outage::one, Whose::other_threads);
      daemon.folder().replace("gate.json", TestDaemon::config("", name));
      daemon.app().reload();
      ASSERT_TRUE(eventually([&] { return service_is(name); }));
      happened = AllocationOutage::happened();
    }
    ASSERT_EQ(daemon.status_for(TestDaemon::first_token()), 200);
    if (!happened) break;
  }
}

}  // namespace
}  // namespace portcullis::test
