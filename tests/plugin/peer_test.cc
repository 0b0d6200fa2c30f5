#include "plugin/http/peer.h"

#include <array>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace portcullis::test {
namespace {

Peer peer_at(const char* text) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    return portcullis::tcp_peer(reinterpret_cast<const sockaddr&>(v4));
  }
  ::inet_pton(AF_INET6, text, &v6.sin6_addr);
  v6.sin6_family = AF_INET6;
  return portcullis::tcp_peer(reinterpret_cast<const sockaddr&>(v6));
}

TEST(TcpPeer, KeepsIpv4AsMappedAddress) {
  const Peer peer = peer_at("10.1.2.3");

  EXPECT_EQ(peer.text, "10.1.2.3");
  EXPECT_EQ(peer.address, (std::array<std::uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3}));
  EXPECT_FALSE(peer.user_trusted);
}

TEST(TcpPeer, ReadsAMappedAddressLikeTheIpv4OneItIs) {
  EXPECT_EQ(peer_at("::ffff:10.1.2.3").address, peer_at("10.1.2.3").address);
  EXPECT_EQ(peer_at("::ffff:10.1.2.3").text, "10.1.2.3");
}

TEST(TcpPeer, KeepsIpv6) { EXPECT_EQ(peer_at("2001:db8::7").text, "2001:db8::7"); }

TEST(UserTrust, TrustsRootOurselvesAndTheSocketsGroupWhereNothingIsSaid) {
  const Result<UserTrust> trust = UserTrust::resolve({});

  ASSERT_TRUE(trust.ok());
  EXPECT_TRUE(trust->trusts({0, {0}}, std::nullopt));
  EXPECT_TRUE(trust->trusts({::geteuid(), {12345}}, std::nullopt));
  EXPECT_TRUE(trust->trusts({4242, {1, 33}}, gid_t{33}));
  EXPECT_FALSE(trust->trusts({4242, {1, 34}}, gid_t{33}));
  EXPECT_FALSE(trust->trusts({4242, {33}}, std::nullopt));
}

TEST(UserTrust, TrustsTheNamedUsersAndNobodyElse) {
  ProxyConfig proxy;
  proxy.trusted_users = std::vector<std::string>{"daemon", "4242"};

  const Result<UserTrust> trust = UserTrust::resolve(proxy);

  ASSERT_TRUE(trust.ok());
  EXPECT_TRUE(trust->trusts({1, {99}}, std::nullopt));  // daemon, on every Debian
  EXPECT_TRUE(trust->trusts({4242, {99}}, std::nullopt));
  EXPECT_FALSE(trust->trusts({0, {0}}, std::nullopt));
  EXPECT_FALSE(trust->trusts({4243, {33}}, gid_t{33}));
}

TEST(UserTrust, TrustsNobodyWhereTheListIsEmpty) {
  ProxyConfig proxy;
  proxy.trusted_users.emplace();

  EXPECT_FALSE(UserTrust::resolve(proxy)->trusts({0, {0}}, gid_t{0}));
}

TEST(UserTrust, RefusesAUserThatDoesNotExist) {
  ProxyConfig proxy;
  proxy.trusted_users = std::vector<std::string>{"no-such-user-here"};

  const Result<UserTrust> trust = UserTrust::resolve(proxy);

  ASSERT_FALSE(trust.ok());
  EXPECT_EQ(trust.error().reason, Reason::config_invalid);
  EXPECT_NE(trust.error().detail.find("no-such-user-here"), std::string::npos);
}

TEST(PeerCredentials, AreThoseOfTheOtherProcess) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);

  const Result<PeerCredentials> credentials = read_credentials(ends[0]);

  ASSERT_TRUE(credentials.ok());
  EXPECT_EQ(credentials->user, ::geteuid());
  EXPECT_EQ(credentials->groups.front(), ::getegid());
  EXPECT_EQ(portcullis::unix_peer(*credentials).text, "unix:" + std::to_string(::geteuid()));
  EXPECT_EQ(portcullis::unix_peer(*credentials).kind, Peer::Kind::unix_socket);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(PeerCredentials, FailOnWhatIsNoSocket) { EXPECT_FALSE(read_credentials(-1).ok()); }

}  // namespace
}  // namespace portcullis::test
