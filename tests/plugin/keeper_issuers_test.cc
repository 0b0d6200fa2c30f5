// OIDC issuers in the daemon: each has its own thread, schedule, nudges and waiting requests, and disturbs nobody.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/daemon.h"
#include "tests/support/fake_clock.h"
#include "tests/support/held_http.h"
#include "tests/support/raw_client.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kA = "https://a.example";
constexpr std::string_view kB = "https://b.example";
constexpr std::string_view kC = "https://c.example";

std::string issuer(std::string_view url, std::string_view more = {}) {
  return R"({"issuer":")" + std::string(url) + R"(","audiences":["registry"])" + std::string(more) + "}";
}

/// A configuration with these issuers, and these members of the `portcullis` section.
std::string with_issuers(const std::string& issuers, std::string_view portcullis) {
  std::string text = TestDaemon::config(portcullis);
  const std::string_view mark = R"("service":"registry.example")";
  text.insert(text.find(mark) + mark.size(), R"(,"oidc":[)" + issuers + "]");
  text.insert(text.find(R"("http":{)") + 8, R"("accessControl":{"repositories":{"**":{"defaultPolicy":["read"]}}},)");
  return text;
}

std::string discovery_of(std::string_view url) { return std::string(url) + "/.well-known/openid-configuration"; }
std::string keys_of(std::string_view url) { return std::string(url) + "/keys"; }

std::string document(std::string_view url) {
  return R"({"issuer":")" + std::string(url) + R"(","jwks_uri":")" + keys_of(url) +
         R"(","id_token_signing_alg_values_supported":["EdDSA"]})";
}

std::string token_of(std::string_view url, const KeyPair& key = key_pair("ED25519"), std::string_view kid = "i1",
                     std::string_view aud = "registry") {
  const std::string payload = R"({"iss":")" + std::string(url) + R"(","sub":"alice","aud":")" + std::string(aud) + R"(","exp":)" +
                              std::to_string(unix_seconds(SystemClock().now()) + 300) + "}";
  return mint(payload, key, "EdDSA", kid);
}

class KeeperIssuers : public testing::Test {
 protected:
  void TearDown() override {
    http_.open();
    daemon_.reset();
  }

  /// Starts a daemon whose keys file holds `k1`, unless `portcullis` names other keys.
  void start(const std::string& issuers, std::string_view portcullis) {
    daemon_ = std::make_unique<TestDaemon>();
    write(issuers, portcullis);
    daemon_->restart(&http_);
    ASSERT_EQ(daemon_->fault(), "");
  }
  void write(const std::string& issuers, std::string_view portcullis) {
    daemon_->folder().replace("gate.json", with_issuers(issuers, portcullis));
  }
  void answer(std::string_view url, const KeyPair& key = key_pair("ED25519"), std::string_view kid = "i1") {
    http_.answer(document(url), discovery_of(url));
    http_.answer(jwks({{kid, &key}}), keys_of(url));
  }
  [[nodiscard]] int status_for(const std::string& token) const { return daemon_->status_for(token); }
  [[nodiscard]] std::string body_of(std::string_view path) const { return get(daemon_->admin(), path)->body; }
  [[nodiscard]] int ready() const { return get(daemon_->admin(), "/readyz")->status; }
  bool says(std::string_view path, std::string_view words) {
    return eventually([&] { return body_of(path).find(words) != std::string::npos; });
  }
  bool is_fresh(std::string_view url) {
    return says("/metrics", R"(portcullis_keyset_state{source="oidc:)" + std::string(url) + R"(",state="fresh"} 1)");
  }

  HeldHttp http_;
  std::unique_ptr<TestDaemon> daemon_;
};

constexpr std::string_view kNoWait = R"("keys":{"file":"keys.json","wait":"0s"})";

TEST_F(KeeperIssuers, OneThatIsSilentAndOneThatIsSlowDisturbNobody) {
  start(issuer(kA) + "," + issuer(kB) + "," + issuer(kC), kNoWait);
  http_.answer(document(kB), discovery_of(kB));  // its keys never come
  answer(kC);

  ASSERT_TRUE(is_fresh(kC));
  ASSERT_TRUE(eventually([&] { return http_.asked(keys_of(kB)) == 1; }));
  EXPECT_EQ(status_for(token_of(kC)), 200);
  EXPECT_EQ(status_for(TestDaemon::first_token()), 200) << "traditional keys are asked for nothing";
  EXPECT_EQ(status_for(token_of(kA)), 503) << "its owner is not reached: the token is not to blame";
  EXPECT_EQ(status_for(token_of(kB)), 503);
  EXPECT_EQ(status_for(token_of("https://nobody.example")), 401);
  EXPECT_EQ(http_.asked(discovery_of(kA)), 1) << "no token makes another round of a source that is being asked";
  EXPECT_EQ(http_.asked(discovery_of(kC)), 1);
  EXPECT_EQ(ready(), 200);
}

TEST_F(KeeperIssuers, ATokenWaitsForItsOwnIssuerAlone) {
  start(issuer(kA) + "," + issuer(kC), R"("keys":{"file":"keys.json","wait":"30s","refetchCooldown":"1h"})");
  int given = 0;
  std::thread waiting([&] { given = status_for(token_of(kA)); });
  EXPECT_TRUE(eventually([&] { return http_.asked(discovery_of(kA)) == 1; }));

  answer(kC);
  ASSERT_TRUE(is_fresh(kC));
  EXPECT_EQ(status_for(token_of(kC)), 200);
  answer(kA);
  waiting.join();

  EXPECT_EQ(given, 200);
}

TEST_F(KeeperIssuers, AreAskedOnceInACooldownForAFloodOfKeyIdsAndBadSignatures) {
  start(issuer(kC), R"("keys":{"file":"keys.json","wait":"5s","refetchCooldown":"1h"})");
  answer(kC);
  ASSERT_TRUE(is_fresh(kC));
  http_.answer(jwks({{"i1", &key_pair("ED25519")}}), keys_of(kC));  // for the one round that the flood may ask for

  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(status_for(token_of(kC, key_pair("ED25519"), "made-up-" + std::to_string(i))), 401);
    EXPECT_EQ(status_for(token_of(kC, key_pair("ED25519", "second"), "i1")), 401);
  }

  EXPECT_EQ(http_.asked(keys_of(kC)), 2);
  EXPECT_EQ(http_.asked(discovery_of(kC)), 1);
  EXPECT_EQ(status_for(token_of(kC)), 200);
}

TEST_F(KeeperIssuers, ANewKeyIsFetchedForTheFirstTokenThatNamesIt) {
  start(issuer(kC), R"("keys":{"wait":"30s","refetchCooldown":"1h"})");
  answer(kC);
  ASSERT_TRUE(is_fresh(kC));
  http_.answer(jwks({{"i2", &key_pair("ED25519", "second")}}), keys_of(kC));

  EXPECT_EQ(status_for(token_of(kC, key_pair("ED25519", "second"), "i2")), 200) << "signed just after the rotation";
  EXPECT_EQ(status_for(token_of(kC)), 401) << "and the key that went stops, though its token may be cached";
}

TEST_F(KeeperIssuers, AloneAreASourceThatReadinessWaitsFor) {
  start(issuer(kA) + "," + issuer(kC), R"("keys":{"wait":"0s"})");
  EXPECT_EQ(ready(), 503);
  EXPECT_EQ(status_for(TestDaemon::first_token()), 401) << "there are no traditional keys";

  answer(kC);

  EXPECT_TRUE(eventually([&] { return ready() == 200; })) << "one dead issuer does not drain a fleet";
  EXPECT_TRUE(says("/readyz?verbose", "[+]keys:https://a.example ok: oidc:https://a.example is empty; not required"));
  EXPECT_TRUE(says("/readyz?verbose", "[+]keys:https://c.example ok: oidc:https://c.example is fresh, 1 keys serve"));
}

TEST_F(KeeperIssuers, ThatAreRequiredHoldReadinessBack) {
  start(issuer(kA, R"(,"required":true)") + "," + issuer(kC), kNoWait);
  answer(kC);
  ASSERT_TRUE(is_fresh(kC));
  EXPECT_EQ(ready(), 503);
  EXPECT_TRUE(says("/readyz", "[-]keys:https://a.example failed"));

  answer(kA);

  EXPECT_TRUE(eventually([&] { return ready() == 200; }));
}

TEST_F(KeeperIssuers, StandInStatusAndMetricsEachForItself) {
  start(issuer(kA) + "," + issuer(kC), kNoWait);
  answer(kC);
  ASSERT_TRUE(is_fresh(kC));
  EXPECT_EQ(status_for(token_of(kC)), 200);

  EXPECT_TRUE(says("/metrics", R"(portcullis_keyset_state{source="oidc:https://a.example",state="empty"} 1)"));
  EXPECT_TRUE(says("/metrics", R"(portcullis_keyset_state{source="file",state="fresh"} 1)"));
  EXPECT_TRUE(says("/metrics", R"(portcullis_keyset_refresh_total{source="oidc:https://c.example",result="good"} 1)"));
  EXPECT_TRUE(says("/metrics", R"(portcullis_key_uses_total{source="oidc:https://c.example",kid="i1"} 1)"));
  EXPECT_TRUE(says("/status", R"("name":"oidc:https://a.example","state":"empty")"));
  EXPECT_TRUE(says("/status", R"("name":"oidc:https://c.example","state":"fresh")"));
}

TEST_F(KeeperIssuers, ThatGoDownServeOnAndAreCalledStale) {
  start(issuer(kA) + "," + issuer(kC), R"("keys":{"file":"keys.json","wait":"5s","refetchCooldown":"1h"})");
  answer(kA);
  answer(kC);
  ASSERT_TRUE(is_fresh(kA) && is_fresh(kC));
  http_.answer("", keys_of(kC));

  EXPECT_EQ(status_for(token_of(kC, key_pair("ED25519"), "unknown")), 401) << "it asks for the round that fails";

  EXPECT_TRUE(says("/metrics", R"(portcullis_keyset_state{source="oidc:https://c.example",state="stale"} 1)"));
  EXPECT_TRUE(says("/metrics", R"(portcullis_keyset_state{source="oidc:https://a.example",state="fresh"} 1)"));
  EXPECT_TRUE(says("/readyz?verbose", "oidc:https://c.example is stale"));
  EXPECT_TRUE(says("/status", R"("name":"oidc:https://c.example","state":"stale")"));
  EXPECT_EQ(status_for(token_of(kC)), 200);
  EXPECT_EQ(ready(), 200);
}

TEST_F(KeeperIssuers, CountTheTokensThatTheyJudgedAsTheirs) {
  start(issuer(kA) + "," + issuer(kC), kNoWait);
  answer(kC);
  ASSERT_TRUE(is_fresh(kC));
  EXPECT_EQ(status_for(token_of(kC)), 200);
  EXPECT_EQ(status_for(token_of(kC, key_pair("ED25519", "second"))), 401);
  EXPECT_EQ(status_for(token_of(kC, key_pair("ED25519"), "unknown")), 401);
  EXPECT_EQ(status_for(TestDaemon::first_token()), 200);
  EXPECT_EQ(status_for("no.token.atall"), 401);

  const std::string metrics = body_of("/metrics");

  const auto counted = [&metrics](std::string_view source, std::string_view rest) {
    const std::string line = "portcullis_tokens_verified_total{source=\"" + std::string(source) + "\"," + std::string(rest);
    return metrics.find(line + "\n") != std::string::npos;
  };
  EXPECT_TRUE(counted("oidc:https://c.example", R"(alg="EdDSA",result="good"} 1)")) << metrics;
  EXPECT_TRUE(counted("oidc:https://c.example", R"(alg="unverified",result="bad_signature"} 1)"));
  EXPECT_TRUE(counted("oidc:https://c.example", R"(alg="unverified",result="key_unknown"} 1)"));
  EXPECT_TRUE(counted("file", R"(alg="EdDSA",result="good"} 1)"));
  EXPECT_TRUE(counted("none", R"(alg="unverified",result="token_malformed"} 1)"));
  EXPECT_EQ(metrics.find(R"(portcullis_tokens_verified_total{source="file",alg="unverified")"), std::string::npos);
  EXPECT_NE(metrics.find(R"(portcullis_unknown_kid_total{source="oidc:https://c.example",action="refused"} 1)"), std::string::npos);
}

TEST_F(KeeperIssuers, StayThroughAReloadThatChangesTheirRules) {
  start(issuer(kC), kNoWait);
  answer(kC);
  ASSERT_TRUE(is_fresh(kC));
  EXPECT_EQ(status_for(token_of(kC)), 200);

  write(R"({"issuer":"https://c.example","audiences":["elsewhere"]})", kNoWait);

  EXPECT_TRUE(eventually([&] { return status_for(token_of(kC)) == 401; })) << "a cached token is judged anew";
  EXPECT_EQ(status_for(token_of(kC, key_pair("ED25519"), "i1", "elsewhere")), 200);
  EXPECT_EQ(http_.asked(discovery_of(kC)), 1) << "its keys are what they were";
}

TEST_F(KeeperIssuers, MayBeAddedWhileTheyAreDown) {
  start(issuer(kC), kNoWait);
  answer(kC);
  ASSERT_TRUE(is_fresh(kC));

  write(issuer(kC) + "," + issuer(kA), kNoWait);

  EXPECT_TRUE(eventually([&] { return http_.asked(discovery_of(kA)) == 1; })) << "the reload is in force though nobody answers";
  EXPECT_EQ(status_for(token_of(kC)), 200);
  EXPECT_EQ(status_for(token_of(kA)), 503);
}

/// The system's files, one of which changes right after it was first read.
class ChangingFiles final : public Files {
 public:
  ChangingFiles(std::string path, std::function<void()> change) : path_(std::move(path)), change_(std::move(change)) {}

  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override {
    Result<std::string> text = system_.read(path, limit);
    if (path == path_ && change_) std::exchange(change_, nullptr)();
    return text;
  }
  [[nodiscard]] Result<void> write(const std::string& path, std::string_view bytes, unsigned mode) override {
    return system_.write(path, bytes, mode);
  }
  [[nodiscard]] Result<void> create(const std::string& path, std::string_view bytes, unsigned mode) override {
    return system_.create(path, bytes, mode);
  }
  [[nodiscard]] Result<void> rewrite(const std::string& path, std::string_view bytes, unsigned mode) override {
    return system_.rewrite(path, bytes, mode);
  }
  void remove(const std::string& path) override { system_.remove(path); }
  [[nodiscard]] bool has_mode(const std::string& path, unsigned mode) const override { return system_.has_mode(path, mode); }

 private:
  SystemFiles system_;
  const std::string path_;
  mutable std::function<void()> change_;  // the keeper's thread only, and who starts it
};

/// The issuer's keys are in a file, in a folder of its own, which nobody watches before the issuer is known.
class KeeperIssuerFiles : public KeeperIssuers {
 protected:
  void SetUp() override {
    daemon_ = std::make_unique<TestDaemon>();
    put(key_pair("ED25519"), "i1");
  }
  void put(const KeyPair& key, std::string_view kid) {
    std::string text = jwks({{kid, &key}});
    folder_.replace("jwks.json", text.replace(text.find("\"kid\""), 5, R"("alg":"EdDSA","kid")"));
  }
  void put_second() { put(key_pair("ED25519", "second"), "i2"); }
  [[nodiscard]] bool second_comes() {
    return eventually([&] { return status_for(token_of(kC, key_pair("ED25519", "second"), "i2")) == 200; });
  }
  /// Starts over from a file whose change nobody can have seen.
  void restart_and_change() {
    files_.emplace(folder_.path("jwks.json"), [this] { put_second(); });
    daemon_->restart(&http_, &*files_);
    ASSERT_EQ(daemon_->fault(), "");
  }
  void TearDown() override {
    KeeperIssuers::TearDown();
    files_.reset();
  }

  const TempFolder folder_;
  const std::string issuer_ = issuer(kC, R"(,"jwksFile":")" + folder_.path("jwks.json") + "\"");
  std::optional<ChangingFiles> files_;
};

TEST_F(KeeperIssuerFiles, AreWatched) {
  write(issuer_, kNoWait);
  daemon_->restart(&http_);
  ASSERT_EQ(daemon_->fault(), "");
  EXPECT_EQ(status_for(token_of(kC)), 200) << "from the start";

  put_second();

  EXPECT_TRUE(second_comes());
  EXPECT_EQ(status_for(token_of(kC)), 401);
  EXPECT_EQ(http_.asked(discovery_of(kC)), 0) << "nobody is asked";
}

TEST_F(KeeperIssuerFiles, ThatChangeBetweenTheStartAndTheWatchAreReadAgain) {
  write(issuer_, kNoWait);

  restart_and_change();

  EXPECT_TRUE(second_comes());
}

TEST_F(KeeperIssuerFiles, ThatChangeBetweenAReloadAndTheWatchAreReadAgain) {
  restart_and_change();

  write(issuer_, kNoWait);

  EXPECT_TRUE(second_comes());
}

TEST_F(KeeperIssuerFiles, ThatChangeWhileAReloadWaitsForItsSourceAreReadAgain) {
  restart_and_change();

  write(issuer_, R"("keys":{"wait":"0s","jwksURL":")" + std::string(HeldHttp::kUrl) + "\"}");
  ASSERT_TRUE(eventually([&] { return http_.asked() == 1; }));
  http_.answer(jwks({{"k1", &key_pair("ED25519")}}));

  EXPECT_TRUE(second_comes());
}

TEST_F(KeeperIssuers, ThatOwnAnIssJudgeItAlone) {
  // The same signer stands among the traditional keys, without an audience.
  start(issuer(kC), kNoWait);
  answer(kC, key_pair("ED25519", "second"), "k1");
  ASSERT_TRUE(is_fresh(kC));

  EXPECT_EQ(status_for(token_of(kC, key_pair("ED25519"), "k1")), 401) << "no fall-back to the traditional key of that id";
  EXPECT_EQ(status_for(token_of(kC, key_pair("ED25519", "second"), "k1", "elsewhere")), 401);
  EXPECT_EQ(status_for(token_of(kC, key_pair("ED25519", "second"), "k1")), 200);
  EXPECT_EQ(status_for(TestDaemon::first_token()), 200);
}

}  // namespace
}  // namespace portcullis::test
