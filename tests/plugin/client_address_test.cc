// Which of the things that proxies write is a client's address.
#include <string_view>

#include <gtest/gtest.h>

#include "plugin/http/client_address.h"

namespace portcullis::test {
namespace {

TEST(ClientAddress, IsOneAddressWithOrWithoutAPort) {
  EXPECT_EQ(client_address("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(client_address("192.0.2.7:1"), "192.0.2.7");
  EXPECT_EQ(client_address("192.0.2.7:65535"), "192.0.2.7");
  EXPECT_EQ(client_address("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(client_address("[2001:db8::1]"), "2001:db8::1");
  EXPECT_EQ(client_address("[2001:db8::1]:443"), "2001:db8::1");
}

TEST(ClientAddress, OfAnIPv4ClientOnAnIPv6SocketIsItsIPv4Address) {
  EXPECT_EQ(client_address("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(client_address("[::FFFF:192.0.2.7]:443"), "192.0.2.7");
  EXPECT_EQ(client_address("::192.0.2.7"), "::192.0.2.7") << "an IPv6 address";
  EXPECT_EQ(client_address("64:ff9b::192.0.2.7"), "64:ff9b::192.0.2.7") << "an IPv6 address";
}

TEST(ClientShare, IsOneForAnIPv6NetworkOf64BitsAndForEachIPv4Address) {
  EXPECT_EQ(client_share("2001:db8:0:1::1"), client_share("2001:DB8:0:1:ffff:ffff:ffff:ffff"));
  EXPECT_NE(client_share("2001:db8:0:1::1"), client_share("2001:db8:0:2::1"));
  EXPECT_EQ(client_share("192.0.2.7"), client_share("::ffff:192.0.2.7"));
  EXPECT_NE(client_share("192.0.2.7"), client_share("192.0.2.8"));
  EXPECT_NE(client_share("192.0.2.7"), client_share("::1"));
  EXPECT_EQ(client_share(""), "");
  EXPECT_EQ(client_share("unix:"), "");
}

TEST(ClientAddress, OfAnythingElseIsNone) {
  for (const std::string_view stated : {"",
                                        " ",
                                        "-",
                                        "unknown",
                                        "unix:",
                                        "localhost",
                                        "10.",
                                        "10.not-an-address",
                                        "10.0.0.1, 203.0.113.9",
                                        "10.0.0.1,203.0.113.9",
                                        "10.0.0.1 203.0.113.9",
                                        "10.0.0.1:",
                                        "10.0.0.1:x",
                                        "10.0.0.1:123456",
                                        "10.0.0.256",
                                        "10.0.0",
                                        "010.0.0.1",
                                        "[10.0.0.1]",
                                        "[::1",
                                        "::1]",
                                        "[::1]x",
                                        "[::1]:",
                                        "fe80::1%eth0",
                                        "2001:db8::g",
                                        "for=192.0.2.7",
                                        "\"192.0.2.7\""}) {
    EXPECT_EQ(client_address(stated), "") << stated;
  }
}

}  // namespace
}  // namespace portcullis::test
