#include "config/address.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

const std::string kFolder = "/etc/portcullis";

ListenAddress listen(std::string_view text) {
  auto parsed = parse_listen_address(text, kFolder);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed ? *parsed : ListenAddress{};
}

bool refuses_listen(std::string_view text) {
  const auto parsed = parse_listen_address(text, kFolder);
  return !parsed && parsed.error().reason == Reason::config_invalid;
}

bool in(std::string_view range, std::string_view address) {
  const auto parsed = parse_address_range(range);
  const auto bytes = parse_address(address);
  EXPECT_TRUE(parsed.ok() && bytes) << range << " " << address;
  return parsed && bytes && contains(*parsed, *bytes);
}

TEST(ListenAddress, ReadsTcpAddresses) {
  EXPECT_EQ(listen("127.0.0.1:9180").host, "127.0.0.1");
  EXPECT_EQ(listen("127.0.0.1:9180").port, 9180);
  EXPECT_EQ(listen("[::1]:0").host, "::1");
  EXPECT_EQ(listen("[::1]:0").port, 0);
  EXPECT_EQ(listen("localhost:1").host, "127.0.0.1");
  EXPECT_EQ(listen("[0:0:0:0:0:0:0:1]:1").host, "::1");
  EXPECT_EQ(listen("127.0.0.1:65535").port, 65535);
  EXPECT_EQ(listen("localhost:1").text, "localhost:1");
}

TEST(ListenAddress, RefusesWhatItCannotBind) {
  for (const std::string_view text :
       {"", "127.0.0.1", ":9180", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:http", "127.0.0.1:9180 ",
        "example.com:80", "::1:9180", "[::1]", "[::1", "[]:80", "256.0.0.1:80", "127.1:80", "[fe80::1%eth0]:80", "unix:"}) {
    EXPECT_TRUE(refuses_listen(text)) << text;
  }
}

TEST(ListenAddress, SaysThatAUrlIsNoAddress) {
  const auto parsed = parse_listen_address("http://127.0.0.1:9180", kFolder);
  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(parsed.error().detail.find("write the address and the port alone"), std::string::npos) << parsed.error().detail;
}

TEST(ListenAddress, TakesUnixPathsRelativeToTheFolder) {
  EXPECT_EQ(listen("unix:/run/gate.sock").host, "/run/gate.sock");
  EXPECT_EQ(listen("unix:gate.sock").host, "/etc/portcullis/gate.sock");
  EXPECT_EQ(listen("unix:gate.sock").kind, ListenAddress::Kind::unix_socket);
}

TEST(ListenAddress, UnixPathsFitIntoSunPath) {
  EXPECT_EQ(listen("unix:/" + std::string(106, 'a')).host.size(), 107U);
  EXPECT_TRUE(refuses_listen("unix:/" + std::string(107, 'a')));
  // 16 bytes of folder and slash count too.
  EXPECT_EQ(listen("unix:" + std::string(107 - kFolder.size() - 1, 'a')).host.size(), 107U);
  EXPECT_TRUE(refuses_listen("unix:" + std::string(107 - kFolder.size(), 'a')));
}

TEST(ListenAddress, KnowsLoopback) {
  EXPECT_TRUE(is_loopback(listen("127.0.0.1:1")));
  EXPECT_TRUE(is_loopback(listen("127.255.0.1:1")));
  EXPECT_TRUE(is_loopback(listen("[::1]:1")));
  EXPECT_TRUE(is_loopback(listen("unix:/a")));
  EXPECT_FALSE(is_loopback(listen("128.0.0.1:1")));
  EXPECT_FALSE(is_loopback(listen("0.0.0.0:1")));
  EXPECT_FALSE(is_loopback(listen("[::]:1")));
}

TEST(ListenAddress, CollidesWithItselfAndWithEveryAddressOfItsFamily) {
  EXPECT_TRUE(collide(listen("127.0.0.1:1"), listen("localhost:1")));
  EXPECT_TRUE(collide(listen("127.0.0.1:1"), listen("0.0.0.0:1")));
  EXPECT_TRUE(collide(listen("[::]:1"), listen("[::1]:1")));
  EXPECT_TRUE(collide(listen("unix:/a"), listen("unix:/a")));
  EXPECT_FALSE(collide(listen("unix:/a"), listen("unix:/b")));
  EXPECT_FALSE(collide(listen("127.0.0.1:1"), listen("127.0.0.1:2")));
  EXPECT_FALSE(collide(listen("127.0.0.1:1"), listen("127.0.0.2:1")));
  EXPECT_FALSE(collide(listen("127.0.0.1:0"), listen("127.0.0.1:0")));
  EXPECT_FALSE(collide(listen("127.0.0.1:1"), listen("[::]:1")));
}

TEST(AddressRange, HoldsWhatItsPrefixSays) {
  EXPECT_TRUE(in("10.0.0.0/8", "10.0.0.0"));
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.0"));
  EXPECT_FALSE(in("10.0.0.0/8", "9.255.255.255"));
  EXPECT_TRUE(in("192.168.1.128/25", "192.168.1.128"));
  EXPECT_FALSE(in("192.168.1.128/25", "192.168.1.127"));
  EXPECT_TRUE(in("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(in("127.0.0.1/32", "127.0.0.2"));
  EXPECT_TRUE(in("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(in("::1/128", "::1"));
}

TEST(AddressRange, KeepsTheFamiliesApart) {
  EXPECT_FALSE(in("::/0", "127.0.0.1"));
  EXPECT_FALSE(in("::/64", "127.0.0.1"));
  EXPECT_FALSE(in("0.0.0.0/0", "::1"));
  EXPECT_TRUE(in("::/0", "2001:db8::1"));
  EXPECT_TRUE(in("::ffff:10.0.0.0/104", "10.1.2.3"));
  EXPECT_TRUE(in("10.0.0.0/8", "::ffff:10.1.2.3"));
}

TEST(AddressRange, RefusesBitsBehindThePrefixWithTheRangeThatIsMeant) {
  const auto parsed = parse_address_range("10.1.2.3/8");

  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(parsed.error().detail.find("did you mean 10.0.0.0/8?"), std::string::npos) << parsed.error().detail;
  EXPECT_FALSE(parse_address_range("2001:db8::1/64").ok());
}

TEST(AddressRange, RefusesWhatIsNoRange) {
  for (const std::string_view text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0.0/8/8", "example.com",
                                      "10.0.0", "10.0.0.0/0x8", "[::1]", "*", "10.0.0.0 /8", "010.0.0.0/8"}) {
    EXPECT_FALSE(parse_address_range(text).ok()) << text;
  }
  EXPECT_TRUE(parse_address_range("10.0.0.0/32").ok());
  EXPECT_TRUE(parse_address_range("::/128").ok());
  EXPECT_FALSE(parse_address_range(std::string_view("127.0.0.1\0", 10)).ok());
}

}  // namespace
}  // namespace portcullis
