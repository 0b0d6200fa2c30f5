#include "plugin/service_notifier.h"

#include <array>
#include <cstring>
#include <string>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

/// What systemd is to a service: a datagram socket.
class Manager {
 public:
  explicit Manager(const std::string& name) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    bound_ = ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), length) == 0;
  }
  ~Manager() { ::close(descriptor_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  [[nodiscard]] bool bound() const noexcept { return bound_; }
  [[nodiscard]] std::string next() const {
    std::array<char, 256> bytes{};
    const ssize_t got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    return got < 0 ? std::string() : std::string(bytes.data(), static_cast<std::size_t>(got));
  }

 private:
  int descriptor_;
  bool bound_ = false;
};

TEST(ServiceNotifier, SendsTheStateToTheSocket) {
  const TempFolder folder;
  const Manager manager(folder.path("notify"));
  ASSERT_TRUE(manager.bound());
  const ServiceNotifier notifier(folder.path("notify"));

  notifier.send("READY=1");
  notifier.send("STATUS=fine\nWATCHDOG=1");

  EXPECT_EQ(manager.next(), "READY=1");
  EXPECT_EQ(manager.next(), "STATUS=fine\nWATCHDOG=1");
}

TEST(ServiceNotifier, KnowsAbstractSockets) {
  const std::string name = "@portcullis-test-" + std::to_string(::getpid());
  const Manager manager(name);
  ASSERT_TRUE(manager.bound());

  ServiceNotifier(name).send("READY=1");

  EXPECT_EQ(manager.next(), "READY=1");
}

TEST(ServiceNotifier, DoesNothingWhereNobodyListens) {
  const TempFolder folder;

  ServiceNotifier(std::nullopt).send("READY=1");
  ServiceNotifier(folder.path("absent")).send("READY=1");
  ServiceNotifier(std::string(200, 'x')).send("READY=1");
}

}  // namespace
}  // namespace portcullis::test
