#include "plugin/http/listen_socket.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/raw_client.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

ListenAddress unix_at(const std::string& path) { return {ListenAddress::Kind::unix_socket, path, 0, "unix:" + path}; }
ListenAddress tcp_at(const std::string& host, std::uint16_t port) {
  return {ListenAddress::Kind::tcp, host, port, host + ":" + std::to_string(port)};
}

constexpr unsigned kNobody = 65534;

/// Whether the loopback interface has an IPv6 address.
bool has_ipv6() {
  std::ifstream addresses("/proc/net/if_inet6");
  return addresses.peek() != std::ifstream::traits_type::eof();
}

TEST(ListenSocket, TellsThePortThatTheSystemChose) {
  const auto socket = ListenSocket::open(tcp_at("127.0.0.1", 0), std::nullopt);

  ASSERT_TRUE(socket.ok());
  EXPECT_TRUE(socket->text().starts_with("127.0.0.1:"));
  EXPECT_NE(socket->text(), "127.0.0.1:0");
  EXPECT_TRUE(RawClient(socket->text()).connected());
}

TEST(ListenSocket, RefusesAPortInUse) {
  const auto first = ListenSocket::open(tcp_at("127.0.0.1", 0), std::nullopt);
  const auto port = static_cast<std::uint16_t>(std::stoi(first->text().substr(first->text().rfind(':') + 1)));

  const auto second = ListenSocket::open(tcp_at("127.0.0.1", port), std::nullopt);

  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().reason, Reason::io_failed);
  EXPECT_NE(second.error().detail.find("cannot listen on 127.0.0.1:"), std::string::npos);
}

TEST(ListenSocket, RefusesAHostThatIsNoAddress) {
  const auto socket = ListenSocket::open(tcp_at("localhost", 0), std::nullopt);

  ASSERT_FALSE(socket.ok());
  EXPECT_NE(socket.error().detail.find("not a numeric address"), std::string::npos);
}

TEST(ListenSocket, SaysThatTheFolderIsMissing) {
  const TempFolder folder;

  const auto socket = ListenSocket::open(unix_at(folder.path("nowhere/s")), std::nullopt);

  ASSERT_FALSE(socket.ok());
  EXPECT_NE(socket.error().detail.find("make its folder first"), std::string::npos) << socket.error().detail;
}

TEST(ListenSocket, TakesNoPathThatTheSystemWouldCut) {
  const TempFolder folder;
  const std::string longest = folder.path(std::string(107 - folder.path("").size(), 's'));
  ASSERT_EQ(longest.size(), 107U);

  EXPECT_TRUE(ListenSocket::open(unix_at(longest), std::nullopt).ok());
  const auto longer = ListenSocket::open(unix_at(longest + "s"), std::nullopt);

  ASSERT_FALSE(longer.ok());
  EXPECT_NE(longer.error().detail.find("the path is longer than 107 bytes"), std::string::npos) << longer.error().detail;
}

TEST(ListenSocket, WritesAnIPv6AddressInBrackets) {
  if (!has_ipv6()) GTEST_SKIP() << "this machine has no IPv6";

  const auto socket = ListenSocket::open(tcp_at("::1", 0), std::nullopt);

  ASSERT_TRUE(socket.ok()) << socket.error().detail;
  EXPECT_TRUE(socket->text().starts_with("[::1]:")) << socket->text();
  EXPECT_NE(socket->text(), "[::1]:0");
  EXPECT_FALSE(socket->is_unix());
  const auto port = static_cast<std::uint16_t>(std::stoi(socket->text().substr(socket->text().rfind(':') + 1)));
  const auto second = ListenSocket::open(tcp_at("::1", port), std::nullopt);
  ASSERT_FALSE(second.ok()) << "it listens there and nowhere else";
  EXPECT_NE(second.error().detail.find("another process listens there"), std::string::npos) << second.error().detail;
}

TEST(ListenSocket, SaysThatNoInterfaceHasTheAddress) {
  const auto socket = ListenSocket::open(tcp_at("192.0.2.1", 0), std::nullopt);  // of documentation (RFC 5737): nobody's

  ASSERT_FALSE(socket.ok());
  EXPECT_NE(socket.error().detail.find("no interface of this machine has that address"), std::string::npos) << socket.error().detail;
}

/// What opening a socket says to a user without any right, in a process of that user's own; empty where it opens.
std::string said_to_nobody(const ListenAddress& address, const std::optional<std::string>& group = std::nullopt) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::string said;
    if (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) said = "still somebody";
    if (said.empty()) {
      const auto socket = ListenSocket::open(address, group);
      if (!socket.ok()) said = socket.error().detail;
    }
    (void)!::write(ends[1], said.data(), said.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::array<char, 512> text{};
  const ssize_t length = child > 0 ? ::read(ends[0], text.data(), text.size()) : 0;
  ::close(ends[0]);
  if (child > 0) ::waitpid(child, nullptr, 0);
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
}

/// The tests need root to become nobody.
class ListenSocketOfNobody : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "becoming another user takes root";
    std::filesystem::permissions(folder_.path(""), std::filesystem::perms::all);
  }
  TempFolder folder_;
};

TEST_F(ListenSocketOfNobody, SaysWhatAPortBelow1024Wants) {
  std::ifstream first_free("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  int port = 0;
  if (!(first_free >> port) || port < 2) GTEST_SKIP() << "here every port is free for all";

  const std::string said = said_to_nobody(tcp_at("127.0.0.1", 1));

  EXPECT_NE(said.find("cannot listen on 127.0.0.1:1: "), std::string::npos) << said;
  EXPECT_NE(said.find("ports below 1024 want CAP_NET_BIND_SERVICE"), std::string::npos) << said;
}

TEST_F(ListenSocketOfNobody, SaysThatTheFolderMustBeWritable) {
  EXPECT_EQ(said_to_nobody(unix_at(folder_.path("s"))), "");
  std::filesystem::permissions(folder_.path(""), std::filesystem::perms::owner_all | std::filesystem::perms::others_exec);

  const std::string said = said_to_nobody(unix_at(folder_.path("t")));

  EXPECT_NE(said.find("the gate's user must be allowed to write to its folder"), std::string::npos) << said;
}

TEST_F(ListenSocketOfNobody, SaysWhoMustBeAMemberOfTheGroup) {
  const group* root = ::getgrgid(0);
  ASSERT_NE(root, nullptr);

  const std::string said = said_to_nobody(unix_at(folder_.path("s")), std::string(root->gr_name));

  EXPECT_NE(said.find("the gate's user must be a member of the group \"" + std::string(root->gr_name) + "\" (portcullis.listenGroup)"),
            std::string::npos)
      << said;
  EXPECT_FALSE(std::filesystem::exists(folder_.path("s"))) << "nobody meets it with another group";
}

TEST(ListenSocket, MakesAUnixSocketForOwnerAndGroupAlone) {
  const TempFolder folder;

  const auto socket = ListenSocket::open(unix_at(folder.path("s")), std::nullopt);

  ASSERT_TRUE(socket.ok());
  struct stat status {};
  ASSERT_EQ(::lstat(folder.path("s").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0660U);
  EXPECT_EQ(socket->group(), ::getegid());
  EXPECT_TRUE(socket->is_unix());
}

TEST(ListenSocket, GivesTheSocketToTheConfiguredGroup) {
  const TempFolder folder;
  const group* own = ::getgrgid(::getegid());
  ASSERT_NE(own, nullptr);

  const auto socket = ListenSocket::open(unix_at(folder.path("s")), std::string(own->gr_name));

  ASSERT_TRUE(socket.ok());
  struct stat status {};
  ASSERT_EQ(::lstat(folder.path("s").c_str(), &status), 0);
  EXPECT_EQ(status.st_gid, own->gr_gid);
}

TEST(ListenSocket, RefusesAGroupThatDoesNotExist) {
  const TempFolder folder;

  const auto socket = ListenSocket::open(unix_at(folder.path("s")), "no-such-group-here");

  ASSERT_FALSE(socket.ok());
  EXPECT_NE(socket.error().detail.find("portcullis.listenGroup"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder.path("s")));
}

TEST(ListenSocket, ReplacesAStaleSocket) {
  const TempFolder folder;
  {
    auto dead = ListenSocket::open(unix_at(folder.path("s")), std::nullopt);
    ASSERT_TRUE(dead.ok());
    // What a killed process leaves: the file, and nobody behind it.
    std::filesystem::rename(folder.path("s"), folder.path("left"));
  }
  std::filesystem::rename(folder.path("left"), folder.path("s"));
  ASSERT_TRUE(std::filesystem::is_socket(folder.path("s")));

  const auto socket = ListenSocket::open(unix_at(folder.path("s")), std::nullopt);

  ASSERT_TRUE(socket.ok()) << socket.error().detail;
  EXPECT_TRUE(RawClient("unix:" + folder.path("s")).connected());
}

TEST(ListenSocket, LeavesALiveSocketAlone) {
  const TempFolder folder;
  const auto live = ListenSocket::open(unix_at(folder.path("s")), std::nullopt);

  const auto second = ListenSocket::open(unix_at(folder.path("s")), std::nullopt);

  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().detail.find("another process listens there"), std::string::npos);
  EXPECT_TRUE(RawClient("unix:" + folder.path("s")).connected());
}

TEST(ListenSocket, LeavesAFileThatIsNoSocketAlone) {
  const TempFolder folder;
  folder.write("s", "precious");

  const auto socket = ListenSocket::open(unix_at(folder.path("s")), std::nullopt);

  ASSERT_FALSE(socket.ok());
  EXPECT_EQ(folder.read("s"), "precious");
}

TEST(ListenSocket, LetsNobodyConnectOnceClosed) {
  const TempFolder folder;
  auto tcp = ListenSocket::open(tcp_at("127.0.0.1", 0), std::nullopt);
  auto named = ListenSocket::open(unix_at(folder.path("s")), std::nullopt);
  std::filesystem::create_hard_link(folder.path("s"), folder.path("other"));
  ASSERT_TRUE(RawClient("unix:" + folder.path("other")).connected());

  tcp->close();
  named->close();

  EXPECT_FALSE(RawClient(tcp->text()).connected());
  EXPECT_FALSE(RawClient("unix:" + folder.path("other")).connected());
  EXPECT_LT(tcp->descriptor(), 0);
}

TEST(ListenSocket, GivesThePortToItsSuccessorOnceClosed) {
  auto first = ListenSocket::open(tcp_at("127.0.0.1", 0), std::nullopt);
  const auto port = static_cast<std::uint16_t>(std::stoi(first->text().substr(first->text().rfind(':') + 1)));

  first->close();
  const auto second = ListenSocket::open(tcp_at("127.0.0.1", port), std::nullopt);

  ASSERT_TRUE(second.ok()) << second.error().detail;
  EXPECT_TRUE(RawClient(second->text()).connected());
}

TEST(ListenSocket, RemovesItsFileWhenItGoes) {
  const TempFolder folder;
  { const auto socket = ListenSocket::open(unix_at(folder.path("s")), std::nullopt); }

  EXPECT_FALSE(std::filesystem::exists(folder.path("s")));
}

TEST(ListenSocket, LeavesTheFileOfItsSuccessor) {
  const TempFolder folder;
  auto first = ListenSocket::open(unix_at(folder.path("s")), std::nullopt);
  std::filesystem::remove(folder.path("s"));
  const auto second = ListenSocket::open(unix_at(folder.path("s")), std::nullopt);
  ASSERT_TRUE(second.ok());

  first->close();

  EXPECT_TRUE(RawClient("unix:" + folder.path("s")).connected());
}

}  // namespace
}  // namespace portcullis::test
