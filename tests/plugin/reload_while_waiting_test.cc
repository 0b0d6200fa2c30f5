// Requests that wait for a login while the gate's state changes: what is in force when the login comes decides.
#include <string>

#include <gtest/gtest.h>

#include "tests/support/daemon.h"
#include "tests/support/held_http.h"
#include "tests/support/raw_client.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

constexpr std::string_view kLoginUrl = "https://art.example/access/api/v1/oidc/token";
constexpr std::string_view kLogin = R"({"access_token":"registry-password","username":"gate","expires_in":3600})";
constexpr std::string_view kMarker = "0123456789abcdef";
constexpr std::string_view kNobody = R"({"revocations":[]})";
constexpr std::string_view kFirstKey = R"({"revocations":[{"kid":"k1"}]})";

/// A daemon whose allowed requests carry a login that comes when the test says so.
class WaitForALogin : public testing::Test {
 protected:
  void SetUp() override {
    daemon_ = std::make_unique<TestDaemon>(
        R"("proxy":{"trusted":["127.0.0.1/32"],"markerFile":"marker"},"tokens":{"issuers":["any"],"audiences":["any"],"revocations":"revoked.json"},)"
        R"("broker":{"registries":{"art.example":{"artifactory":{"authType":"oidc","oidcProvider":"p","oidcTokenFile":"id-token"}}},)"
        R"("routes":[{"repositories":"**","registry":"art.example"}],)"
        R"("policy":[{"registries":["art.example"],"conditions":[{"expression":"true"}],"wide":true}]})",
        TestDaemon::first_keys(), &http_);
    daemon_->folder().write("marker", kMarker);
    daemon_->folder().write("id-token", "id");
    daemon_->folder().write("revoked.json", kNobody);
    restart();
    ASSERT_EQ(daemon_->fault(), "");
  }
  void TearDown() override {
    http_.open();
    daemon_.reset();
  }
  void restart() { daemon_->restart(&http_); }
  [[nodiscard]] static std::string with_marker(std::string request) {
    return request.insert(request.find("\r\n") + 2, "X-Portcullis-Marker: " + std::string(kMarker) + "\r\n");
  }
  [[nodiscard]] std::string pull() const { return with_marker(nginx_request("/v2/team/app/manifests/latest", token_)); }
  [[nodiscard]] std::string question() const {
    const std::string body = R"({"registry":"art.example"})";
    return with_marker("POST /v1/credentials HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer " + token_ +
                       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  /// Sends `request`, lets `change` happen while it waits for the login, and gives the answer's status.
  int answered(const std::string& request, const std::function<void()>& change) {
    RawClient client(daemon_->tcp());
    EXPECT_TRUE(client.send(request));
    EXPECT_TRUE(eventually([&] { return http_.asked(kLoginUrl) == 1; }));
    change();
    http_.answer(std::string(kLogin), kLoginUrl);
    const auto answer = client.receive();
    return answer ? answer->status : 0;
  }
  /// Whether the gate comes to think so of `token`: a question that waits for no login.
  [[nodiscard]] bool becomes(bool active, const std::string& token) const {
    const std::string body = "token=" + token;
    const std::string asked = with_marker(
        "POST /introspect HTTP/1.1\r\nHost: gate\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    return eventually([&] {
      const auto answer = ask_once(daemon_->tcp(), asked);
      return answer && answer->body.starts_with(active ? R"({"active":true)" : R"({"active":false)");
    });
  }
  /// The key of the token is revoked, and that is in force.
  void revoke() {
    daemon_->folder().replace("revoked.json", kFirstKey);
    EXPECT_TRUE(becomes(false, token_));
  }

  HeldHttp http_;
  std::unique_ptr<TestDaemon> daemon_;
  const std::string token_ = TestDaemon::first_token();
};

TEST_F(WaitForALogin, GetsItWhereNothingChanges) {
  EXPECT_EQ(answered(pull(), [] {}), 200);
}

TEST_F(WaitForALogin, GetsItWhereWhatChangesIsSomethingElse) {
  const auto rotate = [this] {
    daemon_->folder().replace("keys.json", secret_json({{"k1", &key_pair("ED25519")}, {"k2", &key_pair("ED25519", "second")}}));
    EXPECT_TRUE(becomes(true, TestDaemon::second_token()));
  };
  EXPECT_EQ(answered(pull(), rotate), 200);
  EXPECT_EQ(http_.asked(kLoginUrl), 1);
}

TEST_F(WaitForALogin, GetsNothingWhereItsTokenIsRevokedMeanwhile) {
  EXPECT_EQ(answered(pull(), [this] { revoke(); }), 401);
}

TEST_F(WaitForALogin, AsACallerGetsItWhereNothingChanges) {
  EXPECT_EQ(answered(question(), [] {}), 200);
}

TEST_F(WaitForALogin, AsACallerGetsNothingWhereItsTokenIsRevokedMeanwhile) {
  EXPECT_EQ(answered(question(), [this] { revoke(); }), 401);
}

}  // namespace
}  // namespace portcullis::test
