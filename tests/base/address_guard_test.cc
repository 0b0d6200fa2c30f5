// Which addresses a call may reach, in every spelling that a resolver can hand out.
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/io/address_guard.h"

namespace portcullis {
namespace {

bool reaches(const std::string& text, ReachableHosts reachable) {
  sockaddr_storage storage{};
  if (text.find(':') == std::string::npos) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, text.c_str(), &v4.sin_addr), 1) << text;
    std::memcpy(&storage, &v4, sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
    std::memcpy(&storage, &v6, sizeof v6);
  }
  return may_reach(reinterpret_cast<const sockaddr&>(storage), reachable);
}

TEST(AddressGuard, KeepsPublicCallsAwayFromLinkLocalAddressesInEverySpelling) {
  for (const char* text : {"169.254.169.254", "169.254.170.2", "169.254.0.1", "169.254.255.255", "0.0.0.0", "0.1.2.3", "224.0.0.1",
                           "255.255.255.255", "::", "fe80::1", "febf::1", "ff02::1", "fd00:ec2::254", "fd00:ec2::23",
                           "::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::169.254.169.254"}) {
    EXPECT_FALSE(reaches(text, ReachableHosts::public_only)) << text;
    EXPECT_FALSE(reaches(text, ReachableHosts::with_loopback)) << text;
    EXPECT_FALSE(reaches(text, ReachableHosts::with_plain_http)) << text;
  }
}

TEST(AddressGuard, LetsPublicCallsReachOrdinaryAddresses) {
  for (const char* text : {"8.8.8.8", "10.0.0.1", "192.168.1.1", "169.253.255.255", "169.255.0.1", "223.255.255.255", "2001:db8::1",
                           "fd00::1", "fec0::1", "::ffff:8.8.8.8", "127.0.0.1", "::1"}) {
    EXPECT_TRUE(reaches(text, ReachableHosts::public_only)) << text;
  }
}

TEST(AddressGuard, LetsCredentialCallsReachTheirHostsAndLoopbackAlone) {
  for (const char* text : {"169.254.170.2", "169.254.170.23", "fd00:ec2::23", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(reaches(text, ReachableHosts::credential_hosts)) << text;
  }
  for (const char* text : {"169.254.169.254", "169.254.170.3", "8.8.8.8", "10.0.0.1", "fd00:ec2::254", "::"}) {
    EXPECT_FALSE(reaches(text, ReachableHosts::credential_hosts)) << text;
  }
}

TEST(AddressGuard, LetsMetadataCallsReachTheMetadataServiceAndLoopbackAlone) {
  for (const char* text : {"169.254.169.254", "fd00:ec2::254", "127.0.0.1"})
    EXPECT_TRUE(reaches(text, ReachableHosts::metadata_service)) << text;
  for (const char* text : {"169.254.170.2", "8.8.8.8", "fd00:ec2::23"})
    EXPECT_FALSE(reaches(text, ReachableHosts::metadata_service)) << text;
}

TEST(AddressGuard, ReachesNoUnixSocket) {
  sockaddr other{};
  other.sa_family = AF_UNIX;
  EXPECT_FALSE(may_reach(other, ReachableHosts::with_loopback));
}

}  // namespace
}  // namespace portcullis
