#include "config/url.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

TEST(HttpUrl, ReadsSchemeAndHost) {
  const auto url = parse_http_url("https://auth.example.com:8443/token?a=b");

  ASSERT_TRUE(url);
  EXPECT_TRUE(url->https);
  EXPECT_EQ(url->host, "auth.example.com");
  EXPECT_FALSE(parse_http_url("HTTP://a")->https);
  EXPECT_EQ(parse_http_url("http://[::1]:80/")->host, "::1");
}

TEST(HttpUrl, ReadsThePortOrThatOfTheScheme) {
  EXPECT_EQ(parse_http_url("https://a:8443/")->port, 8443);
  EXPECT_EQ(parse_http_url("https://a:65535")->port, 65535);
  EXPECT_EQ(parse_http_url("https://a")->port, 443);
  EXPECT_EQ(parse_http_url("http://[::1]/")->port, 80);
  EXPECT_FALSE(parse_http_url("https://a:65536"));
}

TEST(HttpUrl, RefusesWhatIsNoAbsoluteHttpUrl) {
  for (const std::string_view text : {"", "zot", "/token", "//host/token", "ftp://host", "https://", "https:///token",
                                      "https://user:pass@host/", "https://ho st/", "https://host:port/", "https://host:/",
                                      "https://host:123456/", "https://[::1/", "https://[x]/", "https://h\xc3\xb6st/", "https:host"}) {
    EXPECT_FALSE(parse_http_url(text)) << text;
  }
}

TEST(HttpUrl, KnowsLoopback) {
  EXPECT_TRUE(parse_http_url("http://127.0.0.1:5000/")->loopback());
  EXPECT_TRUE(parse_http_url("http://localhost/")->loopback());
  EXPECT_TRUE(parse_http_url("http://[::1]/")->loopback());
  EXPECT_FALSE(parse_http_url("http://127.0.0.1.example.com/")->loopback());
  EXPECT_FALSE(parse_http_url("http://10.0.0.1/")->loopback());
}

}  // namespace
}  // namespace portcullis
