// Rounds of refreshing keys in which one call to the network, or one allocation, fails: the new keys, or the old ones unchanged.
#include <atomic>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/io/curl_http.h"
#include "keystore/refresh/jwks_source.h"
#include "keystore/refresh/oidc_source.h"
#include "keystore/refresh/round.h"
#include "keystore/refresh/secrets_source.h"
#include "tests/fault/each_allocation.h"
#include "tests/fault/each_call.h"
#include "tests/support/aws_host.h"
#include "tests/support/daemon.h"
#include "tests/support/key_sets.h"

namespace portcullis::test {
namespace {

/// Answers by URL as ever, but for the `nth` call, which fails.
class FailingHttp final : public HttpTransport {
 public:
  std::map<std::string, std::string, std::less<>> bodies;
  int nth = 0;
  int calls = 0;

  Result<IncomingAnswer> send(const OutgoingRequest& request) override {
    if (++calls == nth) return Error{Reason::io_failed, "cut"};
    const auto found = bodies.find(request.url);
    if (found == bodies.end()) return IncomingAnswer{.status = 404, .headers = {}, .body = {}};
    return IncomingAnswer{.status = 200, .headers = {}, .body = found->second};
  }
};

/// What is known before the round: one old key.
SourceState old_state() {
  SourceState state;
  state.name = "test";
  state.keys = std::make_shared<const KeySet>(key_set({{"old", &key_pair("ED25519", "old")}}));
  state.generation = 1;
  state.last_success = kNow;
  return state;
}

std::string ids_of(const SourceState& state) {
  std::string ids;
  for (const Key& key : state.keys->keys()) ids += key.id() + " ";
  return ids;
}

/// A failed round keeps the keys, and a good one has all of the new.
void expect_old_or_new(const SourceState& before, Result<ParsedKeys> brought, std::string_view fresh) {
  const bool good = brought.ok();
  const SourceState after = finish_round(before, std::move(brought), 2, kNow).next;
  EXPECT_EQ(ids_of(after), good ? fresh : "old ");
  EXPECT_EQ(after.generation, good ? 2U : 1U);
}

OidcIssuerConfig issuer() {
  OidcIssuerConfig config;
  config.issuer = "https://idp.example";
  return config;
}

void serve_issuer(FailingHttp& http) {
  http.bodies["https://idp.example/.well-known/openid-configuration"] =
      R"({"issuer":"https://idp.example","jwks_uri":"https://idp.example/keys"})";
  http.bodies["https://idp.example/keys"] = jwks_json({{"new", &key_pair("RSA-2048")}});
}

TEST(Refresh, OfAnIssuerKeepsItsKeysWhicheverCallFails) {
  FakeFiles files;
  for (int nth = 1; nth <= 3; ++nth) {
    FailingHttp http;
    serve_issuer(http);
    http.nth = nth;
    const auto source = make_oidc_source(&http, files, issuer());
    Result<ParsedKeys> brought = source->fetch(kNow);
    EXPECT_EQ(brought.ok(), nth == 3) << "there are two calls";
    expect_old_or_new(old_state(), std::move(brought), "new ");
    http.nth = 0;
    EXPECT_TRUE(source->fetch(kNow).ok()) << "the next round finds everything again";
  }
}

/// Each round may fail, or bring some of the keys where one of them could not be made.
template <class Fetch>
void expect_rounds_without_memory(Fetch fetch) {
  const SourceState before = old_state();
  fail_all_allocations([&] { return finish_round(before, fetch(), 2, kNow).next; },
                       [&](const std::optional<SourceState>& after) {
                         if (!after) return;
                         if (after->last_error) {
                           EXPECT_EQ(after->keys, before.keys);
                           EXPECT_EQ(after->generation, 1U);
                         } else {
                           EXPECT_EQ(ids_of(*after), "new ");
                         }
                       });
}

TEST(Refresh, OfAnIssuerKeepsItsKeysWithoutMemory) {
  FailingHttp http;
  serve_issuer(http);
  FakeFiles files;
  const auto source = make_oidc_source(&http, files, issuer());
  expect_rounds_without_memory([&] { return source->fetch(kNow + std::chrono::hours(1)); });
}

TEST(Refresh, OfAJwksKeepsItsKeysWithoutMemory) {
  FailingHttp http;
  http.bodies["https://keys.example/jwks.json"] = jwks_json({{"new", &key_pair("RSA-2048")}});
  const auto source = make_jwks_source(http, "https://keys.example/jwks.json");
  expect_rounds_without_memory([&] { return source->fetch(kNow); });
}

TEST(Refresh, OfASecretKeepsItsKeysWithoutMemory) {
  const std::string secret = secret_json({{"new", &key_pair("ED25519")}});
  FixedCredentials credentials;
  expect_rounds_without_memory([&] {
    AwsHost aws;
    aws.has_secret(secret);
    AwsClient client(aws.tools(), AwsHost::endpoint(AwsService::secrets_manager), &credentials);
    const auto source = make_secrets_source([&]() -> Result<AwsClient*> { return &client; }, {.secret_id = "s", .stages = {"AWSCURRENT"}});
    return source->fetch(kNow);
  });
}

/// A real server on the loopback, and curl as the daemon uses it.
class RefreshOverSockets : public testing::Test {
 protected:
  std::string url() const { return "http://" + daemon_.admin() + "/jwks.json"; }

  TestDaemon daemon_;
  CurlHttp http_{"portcullis-test"};
};

TEST_F(RefreshOverSockets, KeepsItsKeysWhicheverSocketCallFails) {
  const std::uint64_t calls = fail_each_call(
      Calls::socket, [&] { return make_jwks_source(http_, url())->fetch(SystemClock().now()); },
      [](Result<ParsedKeys> brought) { expect_old_or_new(old_state(), std::move(brought), "k1 "); });
  EXPECT_GE(calls, 1U);
}

TEST_F(RefreshOverSockets, KeepsItsKeysWithoutMemory) {
  const SourceState before = old_state();
  fail_all_allocations([&] { return make_jwks_source(http_, url())->fetch(SystemClock().now()); },
                       [&](std::optional<Result<ParsedKeys>> brought) {
                         if (brought && brought->ok()) expect_old_or_new(before, std::move(*brought), "k1 ");
                       });
}

}  // namespace
}  // namespace portcullis::test
