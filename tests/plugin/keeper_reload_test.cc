// Reloads that bring a new source of keys on the network: the old one serves until the new one has answered, and nobody's time is lost.
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/daemon.h"
#include "tests/support/held_http.h"
#include "tests/support/raw_client.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kOther = "https://other.example/jwks.json";

/// The `portcullis` section of a gate that follows `url`.
std::string follows(std::string_view url) {
  return R"("keys":{"jwksURL":")" + std::string(url) + R"(","wait":"30s","refetchCooldown":"1h"})";
}

/// A daemon that follows `HeldHttp::kUrl` and has its first keys: `k1`.
class KeeperReload : public testing::Test {
 protected:
  void SetUp() override {
    http_.answer(jwks({{"k1", &key_pair("ED25519")}}));
    daemon_ = std::make_unique<TestDaemon>(follows(HeldHttp::kUrl), "", &http_);
    ASSERT_EQ(daemon_->fault(), "");
    ASSERT_TRUE(eventually([&] { return first() == 200; }));
  }
  void TearDown() override {
    http_.open();
    daemon_.reset();
  }

  void write(const std::string& portcullis, std::string_view service = "registry.example") {
    daemon_->folder().replace("gate.json", TestDaemon::config(portcullis, service));
  }
  /// Writes a configuration that follows `kOther`, and waits until that is asked.
  void move_to_other() {
    write(follows(kOther));
    ASSERT_TRUE(asked(1, kOther));
    ASSERT_TRUE(status_says(R"("reloadWaitsFor":"jwksURL")"));
  }
  bool asked(int asks, std::string_view url = HeldHttp::kUrl) {
    return eventually([&] { return http_.asked(url) >= asks; });
  }
  [[nodiscard]] std::string status() const { return get(daemon_->admin(), "/status")->body; }
  bool status_says(std::string_view words) {
    return eventually([&] { return status().find(words) != std::string::npos; });
  }
  bool logged(std::string_view words) {
    return eventually([&] { return daemon_->log().find(words) != std::string::npos; });
  }
  [[nodiscard]] int first() const { return daemon_->status_for(TestDaemon::first_token()); }
  [[nodiscard]] int second() const { return daemon_->status_for(TestDaemon::second_token()); }

  HeldHttp http_;
  std::unique_ptr<TestDaemon> daemon_;
};

TEST_F(KeeperReload, ServesWithTheOldSourceUntilTheNewOneHasAnswered) {
  move_to_other();
  EXPECT_EQ(first(), 200);
  EXPECT_TRUE(logged("configuration read: it waits for the first keys of its new source"));

  http_.answer(jwks({{"k2", &key_pair("ED25519", "second")}}), kOther);

  EXPECT_TRUE(status_says(R"("reloadWaitsFor":null)"));
  EXPECT_EQ(second(), 200);
  EXPECT_EQ(http_.asked(kOther), 1) << "the round that let it in was its first";
  http_.answer("", kOther);  // to the round that an unknown key asks for
  EXPECT_EQ(first(), 401);
}

TEST_F(KeeperReload, KeepsFollowingFilesWhileANewSourceIsSilent) {
  move_to_other();

  write(follows(HeldHttp::kUrl), "meanwhile");

  EXPECT_TRUE(eventually([&] {
    const auto answer = ask_once(daemon_->tcp(), nginx_request("/v2/", ""));
    return answer && answer->header("WWW-Authenticate").find("meanwhile") != std::string::npos;
  }));
  EXPECT_EQ(first(), 200);
}

TEST_F(KeeperReload, IsRefusedWhereTheNewSourceFails) {
  move_to_other();

  http_.answer("", kOther);

  EXPECT_TRUE(logged("reload refused: the old configuration stays in force"));
  EXPECT_TRUE(status_says("connection reset"));
  EXPECT_TRUE(status_says(R"("reloadWaitsFor":null)"));
  EXPECT_EQ(first(), 200);
}

TEST_F(KeeperReload, IsRefusedWhereTheNewSourceHasNoUsableKey) {
  move_to_other();

  http_.answer(R"({"keys":[]})", kOther);

  EXPECT_TRUE(logged("reload refused: the old configuration stays in force"));
  EXPECT_EQ(first(), 200);
}

TEST_F(KeeperReload, IsTriedAgainOnRequestAfterItWasRefused) {
  move_to_other();
  http_.answer("", kOther);
  ASSERT_TRUE(logged("reload refused"));
  http_.answer(jwks({{"k2", &key_pair("ED25519", "second")}}), kOther);

  daemon_->app().reload();

  EXPECT_TRUE(eventually([&] { return second() == 200; }));
}

TEST_F(KeeperReload, IsForgottenWhereTheFileIsAgainTheOneInForce) {
  move_to_other();

  write(follows(HeldHttp::kUrl));
  ASSERT_TRUE(status_says(R"("reloadWaitsFor":null)"));
  http_.answer(jwks({{"k2", &key_pair("ED25519", "second")}}), kOther);

  http_.answer("");  // to the round that an unknown key asks for, of the source in force
  EXPECT_EQ(second(), 401);
  EXPECT_EQ(first(), 200);
}

TEST_F(KeeperReload, IsForgottenWhereTheFileTurnsFaulty) {
  move_to_other();

  daemon_->folder().replace("gate.json", "{");
  ASSERT_TRUE(logged("reload refused"));
  ASSERT_TRUE(status_says(R"("reloadWaitsFor":null)"));
  http_.answer(jwks({{"k2", &key_pair("ED25519", "second")}}), kOther);

  EXPECT_EQ(first(), 200);
  http_.answer("");
  EXPECT_EQ(second(), 401);
}

TEST_F(KeeperReload, IsRefusedWhereTheFileIsForTheCommandsOfTheBrokerAlone) {
  const std::string login = R"({"registries":{"registry.example":{"username":"robot","passwordVariable":"ROBOT_PASSWORD"}}})";
  daemon_->folder().replace("gate.json", R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}}},
    "portcullis":{"keys":{"jwksURL":")" + std::string(HeldHttp::kUrl) +
                                             R"("},"broker":)" + login + "}}");

  EXPECT_TRUE(logged("names nobody, and the gate would listen on TCP"));
  EXPECT_EQ(first(), 200);
}

TEST_F(KeeperReload, AsksANewSourceOnceThoughTheFileChangesMeanwhile) {
  move_to_other();

  write(follows(kOther), "newest");
  daemon_->app().reload();
  ASSERT_TRUE(eventually([&] {
    std::size_t seen = 0;
    const std::string log = daemon_->log();
    for (std::size_t at = log.find("it waits for the first keys"); at != std::string::npos;
         at = log.find("it waits for the first keys", at + 1))
      ++seen;
    return seen >= 2;
  }));
  http_.answer(jwks({{"k2", &key_pair("ED25519", "second")}}), kOther);

  EXPECT_TRUE(eventually([&] { return second() == 200; }));
  const auto answer = ask_once(daemon_->tcp(), nginx_request("/v2/", ""));
  EXPECT_NE(answer->header("WWW-Authenticate").find("newest"), std::string::npos);
}

TEST_F(KeeperReload, AnswersWhoWaitsForTheOldSource) {
  RawClient client(daemon_->tcp());
  ASSERT_TRUE(client.send(nginx_request("/v2/team/app/manifests/latest", TestDaemon::second_token())));
  ASSERT_TRUE(asked(2));  // the old source, which never answers
  move_to_other();

  http_.answer(jwks({{"k2", &key_pair("ED25519", "second")}}), kOther);

  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200) << "judged with the keys of the new source";
  EXPECT_EQ(http_.asked(kOther), 1) << "who asked for a round of the old source asked for none of the new";
}

TEST_F(KeeperReload, AnswersWhoWaitsForTheNetworkWhereKeysComeFromAFileNow) {
  RawClient client(daemon_->tcp());
  ASSERT_TRUE(client.send(nginx_request("/v2/team/app/manifests/latest", TestDaemon::second_token())));
  ASSERT_TRUE(asked(2));
  daemon_->folder().write("other.json", TestDaemon::second_keys());

  write(R"("keys":{"file":"other.json"})");

  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
}

TEST_F(KeeperReload, DoesNotDisturbWhoWaitsWhereTheSourceStays) {
  RawClient client(daemon_->tcp());
  ASSERT_TRUE(client.send(nginx_request("/v2/team/app/manifests/latest", TestDaemon::second_token())));
  ASSERT_TRUE(asked(2));
  write(follows(HeldHttp::kUrl), "renamed");
  ASSERT_TRUE(logged("configuration reloaded"));

  http_.answer(jwks({{"k1", &key_pair("ED25519")}, {"k2", &key_pair("ED25519", "second")}}));

  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
}

TEST_F(KeeperReload, TakesRevocationsThatCameWhileItWaited) {
  const std::string revoked = R"(,"tokens":{"issuers":["any"],"audiences":["any"],"revocations":"revoked.json"})";
  daemon_->folder().write("revoked.json", R"({"revocations":[]})");
  write(follows(kOther) + revoked);
  ASSERT_TRUE(asked(1, kOther));

  daemon_->folder().replace("revoked.json", R"({"revocations":[{"kid":"k2"}]})");
  http_.answer(jwks({{"k1", &key_pair("ED25519")}, {"k2", &key_pair("ED25519", "second")}}), kOther);

  ASSERT_TRUE(logged("configuration reloaded"));
  EXPECT_EQ(second(), 401);
  EXPECT_EQ(first(), 200);
}

TEST_F(KeeperReload, LetsTheProcessEndWhileANewSourceIsSilent) {
  move_to_other();
  http_.open();
  daemon_->destroy();
}

TEST(KeeperReloadFromAFile, ServesTheFileUntilTheNetworkHasAnswered) {
  HeldHttp http;
  TestDaemon daemon("", TestDaemon::first_keys(), &http);
  ASSERT_EQ(daemon.status_for(TestDaemon::first_token()), 200);
  daemon.folder().replace("gate.json", TestDaemon::config(follows(HeldHttp::kUrl)));
  ASSERT_TRUE(eventually([&] { return http.asked() == 1; }));
  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 200);

  http.answer(jwks({{"k2", &key_pair("ED25519", "second")}}));

  EXPECT_TRUE(eventually([&] { return daemon.status_for(TestDaemon::second_token()) == 200; }));
  http.open();
  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 401);
}

}  // namespace
}  // namespace portcullis::test
