// Endpoints: the published cases of each service, and what a configured one may be.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "aws/endpoint.h"
#include "base/codec/json.h"

namespace portcullis {
namespace {

std::string published(const std::string& service) {
  const char* folder = std::getenv("PORTCULLIS_VECTORS");
  std::ifstream file(std::string(folder == nullptr ? "" : folder) + "/aws-endpoints/" + service + ".json");
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

class PublishedEndpoints : public testing::TestWithParam<const char*> {};

TEST_P(PublishedEndpoints, Agree) {
  const std::string text = published(GetParam());
  if (text.empty()) GTEST_SKIP() << "published cases are not here: set PORTCULLIS_VECTORS";
  const auto json = parse_json(text, {.bytes = 1'000'000, .depth = 16, .members = 100'000});
  ASSERT_TRUE(json.ok());
  for (const JsonView test : json->root().get("testCases").elements()) {
    const JsonView params = test.get("params");
    SCOPED_TRACE(test.dump());
    // IAM's and STS's own pseudo-parameters, and tests without any, are for SDK clients.
    if (!params.exists() || params.get("UseGlobalEndpoint").boolean().value_or(false)) continue;
    EndpointQuestion question{.service = *aws_service_from_name(GetParam()),
                              .region = std::string(params.get("Region").string().value_or("")),
                              .fips = params.get("UseFIPS").boolean().value_or(false),
                              .dual_stack = params.get("UseDualStack").boolean().value_or(false),
                              .configured_url = std::nullopt};
    if (const auto url = params.get("Endpoint").string()) question.configured_url = std::string(*url);
    const auto endpoint = resolve_endpoint(question);
    const JsonView expected = test.get("expect");
    if (expected.get("error").exists()) {
      EXPECT_FALSE(endpoint.ok());
      continue;
    }
    ASSERT_TRUE(endpoint.ok()) << endpoint.error().detail;
    EXPECT_EQ(endpoint->url, expected.get("endpoint").get("url").string());
  }
}

INSTANTIATE_TEST_SUITE_P(EachService, PublishedEndpoints, testing::Values("sts", "secretsmanager", "ecr", "ecr-public", "sso", "iam"),
                         [](const auto& name) {
                           std::string text = name.param;
                           if (const auto dash = text.find('-'); dash != std::string::npos) text[dash] = '_';
                           return text;
                         });

AwsEndpoint endpoint(AwsService service, const char* region) {
  return *resolve_endpoint({.service = service, .region = region, .fips = false, .dual_stack = false, .configured_url = std::nullopt});
}

TEST(Endpoint, IsRegionalForStsInEachPartition) {
  EXPECT_EQ(endpoint(AwsService::sts, "eu-west-1").url, "https://sts.eu-west-1.amazonaws.com");
  EXPECT_EQ(endpoint(AwsService::sts, "cn-north-1").url, "https://sts.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(endpoint(AwsService::sts, "us-gov-west-1").url, "https://sts.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(endpoint(AwsService::sts, "us-isob-east-1").url, "https://sts.us-isob-east-1.sc2s.sgov.gov");
  EXPECT_EQ(endpoint(AwsService::sts, "aws-global").signing_region, "us-east-1");
}

TEST(Endpoint, RefusesARegionThatWouldBecomeAnotherHost) {
  for (const char* region : {"", "evil.example/", "eu-west-1.evil.example", "EU-WEST-1", "-eu", "eu_west", "a b"}) {
    EXPECT_FALSE(
        resolve_endpoint({.service = AwsService::sts, .region = region, .fips = false, .dual_stack = false, .configured_url = {}}).ok())
        << region;
  }
}

TEST(Endpoint, TakesAConfiguredUrlAndRefusesOneThatHidesItsHost) {
  const auto with = [](const char* url) {
    return resolve_endpoint({.service = AwsService::sts, .region = "eu-west-1", .fips = false, .dual_stack = false, .configured_url = url});
  };
  EXPECT_EQ(with("http://127.0.0.1:4566/")->url, "http://127.0.0.1:4566");
  EXPECT_EQ(with("https://vpce.example")->signing_region, "eu-west-1");
  for (const char* url : {"ftp://x", "https://", "https://user@host", "https://h?x", "https://h#x", "https://h\\x", "https://h x", ""}) {
    EXPECT_FALSE(with(url).ok()) << url;
  }
}

}  // namespace
}  // namespace portcullis
