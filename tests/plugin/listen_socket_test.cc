#include "plugin/http/listen_socket.h"

#include <filesystem>

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/raw_client.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

ListenAddress unix_at(const std::string& path) { return {ListenAddress::Kind::unix_socket, path, 0, "unix:" + path}; }
ListenAddress tcp_at(const std::string& host, std::uint16_t port) {
  return {ListenAddress::Kind::tcp, host, port, host + ":" + std::to_string(port)};
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
