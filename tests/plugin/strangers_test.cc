// Peers that may not ask, and hold connections all the same: never those of the proxy.
#include <deque>
#include <string>

#include <gtest/gtest.h>

#include "plugin/http/server.h"
#include "tests/support/daemon.h"
#include "tests/support/raw_client.h"

namespace portcullis::test {
namespace {

constexpr std::size_t kConnections = 64;
constexpr const char* kStranger = "127.0.0.2";  // `TestDaemon` trusts 127.0.0.1 alone
constexpr const char* kBegun = "GET /auth HTTP/1.1\r\nX: ";
constexpr const char* kEnd = "\r\nHost: t\r\n\r\n";

TEST(Strangers, HoldAFewConnectionsAndNeverTheProxys) {
  TestDaemon daemon(R"("limits":{"connections":64})");
  ASSERT_EQ(daemon.fault(), "");
  std::deque<RawClient> held;
  for (std::size_t i = 0; i < HttpServer::places_of_strangers(kConnections); ++i) {
    held.emplace_back(daemon.tcp(), kStranger);
    ASSERT_TRUE(held.back().ask(std::string(kBegun) + kEnd).has_value()) << "who is answered is counted";
    ASSERT_TRUE(held.back().send(kBegun));
  }
  for (std::size_t i = 0; i < 2 * kConnections; ++i) EXPECT_TRUE(RawClient(daemon.tcp(), kStranger).closed_by_peer()) << i;

  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 200);
  EXPECT_NE(daemon.log().find("peers that are not trusted"), std::string::npos);

  ASSERT_TRUE(held.front().send(kEnd));
  const auto refused = held.front().receive();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 403) << "who has a place is told why";
}

TEST(Strangers, GiveTheirPlacesBack) {
  TestDaemon daemon(R"("limits":{"connections":64})");
  ASSERT_EQ(daemon.fault(), "");
  for (std::size_t i = 0; i < 3 * HttpServer::places_of_strangers(kConnections); ++i) {
    const bool told = eventually([&] {
      RawClient client(daemon.tcp(), kStranger);
      const auto answer = client.ask(std::string(kBegun) + kEnd);
      return answer.has_value() && answer->status == 403;
    });
    EXPECT_TRUE(told) << i;
  }
}

TEST(Strangers, HaveFourPlacesOrASixteenth) {
  EXPECT_EQ(HttpServer::places_of_strangers(8), 4U);
  EXPECT_EQ(HttpServer::places_of_strangers(64), 4U);
  EXPECT_EQ(HttpServer::places_of_strangers(79), 4U);
  EXPECT_EQ(HttpServer::places_of_strangers(80), 5U);
  EXPECT_EQ(HttpServer::places_of_strangers(4096), 256U);
}

}  // namespace
}  // namespace portcullis::test
