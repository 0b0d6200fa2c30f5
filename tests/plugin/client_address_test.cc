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
  EXPECT_EQ(client_address("::ffff:192.0.2.7"), "::ffff:192.0.2.7");
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
