// Host names of Amazon ECR: every form and partition, and the names that only look like one.
#include <gtest/gtest.h>

#include "aws/ecr_host.h"

namespace portcullis {
namespace {

TEST(EcrHostName, IsReadInEachPartition) {
  struct Row {
    const char* host;
    const char* region;
  };
  for (const Row& row : {Row{"123456789012.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1"},
                         Row{"123456789012.dkr.ecr.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
                         Row{"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"},
                         Row{"123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"},
                         Row{"123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
                         Row{"123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"},
                         Row{"123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"},
                         Row{"123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"},
                         Row{"123456789012.dkr.ecr.ap-southeast-12.amazonaws.com", "ap-southeast-12"}}) {
    const auto host = parse_ecr_host(row.host);
    ASSERT_TRUE(host.has_value()) << row.host;
    EXPECT_EQ(*host, (EcrHost{.kind = EcrHost::Kind::ecr, .account = "123456789012", .region = row.region})) << row.host;
  }
}

TEST(EcrHostName, SaysFipsAndDualStack) {
  const auto fips = parse_ecr_host("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com");
  ASSERT_TRUE(fips.has_value());
  EXPECT_TRUE(fips->fips && !fips->dual_stack);
  const auto dual = parse_ecr_host("123456789012.dkr-ecr.us-east-1.on.aws");
  ASSERT_TRUE(dual.has_value());
  EXPECT_TRUE(dual->dual_stack && !dual->fips);
  const auto both = parse_ecr_host("123456789012.dkr-ecr-fips.us-gov-east-1.on.aws");
  ASSERT_TRUE(both.has_value());
  EXPECT_TRUE(both->dual_stack && both->fips);
  EXPECT_TRUE(parse_ecr_host("123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn").has_value());
}

TEST(EcrHostName, KnowsThePublicRegistryByItsTwoNames) {
  for (const char* name : {"public.ecr.aws", "ecr-public.aws.com", "Public.ECR.aws"}) {
    const auto host = parse_ecr_host(name);
    ASSERT_TRUE(host.has_value()) << name;
    EXPECT_EQ(host->kind, EcrHost::Kind::ecr_public);
    EXPECT_EQ(host->region, "us-east-1");
    EXPECT_EQ(host->account, "");
  }
}

TEST(EcrHostName, IsReadInAnyLetterCase) { EXPECT_EQ(parse_ecr_host("123456789012.DKR.ecr.EU-west-1.AmazonAWS.com")->region, "eu-west-1"); }

TEST(EcrHostName, IsAnchoredAtBothEnds) {
  for (const char* host : {
           "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
           "evil.123456789012.dkr.ecr.eu-west-1.amazonaws.com",
           "evil-123456789012.dkr.ecr.eu-west-1.amazonaws.com",
           "123456789012.dkr.ecr.eu-west-1.amazonaws.com.",
           "123456789012.dkr.ecr.eu-west-1.amazonaws.com:443",
           "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team",
           "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com",
           " 123456789012.dkr.ecr.eu-west-1.amazonaws.com",
           "public.ecr.aws.evil.example",
           "evil-public.ecr.aws",
           "x.public.ecr.aws",
       }) {
    EXPECT_FALSE(parse_ecr_host(host).has_value()) << host;
  }
}

TEST(EcrHostName, HasTwelveDigitsARegionAndItsPartitionsSuffix) {
  for (const char* host : {
           "12345678901.dkr.ecr.eu-west-1.amazonaws.com",
           "1234567890123.dkr.ecr.eu-west-1.amazonaws.com",
           "12345678901a.dkr.ecr.eu-west-1.amazonaws.com",
           "123456789012.dkr.ecr..amazonaws.com",
           "123456789012.dkr.ecr.europe.amazonaws.com",
           "123456789012.dkr.ecr.eu-west-0.amazonaws.com",
           "123456789012.dkr.ecr.eu-west-123.amazonaws.com",
           "123456789012.dkr.ecr.eu-west-1.amazonaws.co",
           "123456789012.dkr.ecr.eu-west-1.amazonaws.com.cn",
           "123456789012.dkr.ecr.cn-north-1.amazonaws.com",
           "123456789012.dkr.ecr.eu-west-1.on.aws",
           "123456789012.dkr-ecr.eu-west-1.amazonaws.com",
           "123456789012.dkr.ecr-evil.eu-west-1.amazonaws.com",
           "123456789012.ecr.eu-west-1.amazonaws.com",
           "123456789012",
           "",
       }) {
    EXPECT_FALSE(parse_ecr_host(host).has_value()) << host;
  }
  EXPECT_FALSE(parse_ecr_host(std::string(300, 'a')).has_value());
}

TEST(EcrHostName, NamesItsRepositoriesForPolicies) {
  EXPECT_EQ(ecr_repository_arn(*parse_ecr_host("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"), "team/app"),
            "arn:aws-cn:ecr:cn-north-1:123456789012:repository/team/app");
  EXPECT_EQ(ecr_repository_arn(*parse_ecr_host("public.ecr.aws"), "team/app"), "*");
}

}  // namespace
}  // namespace portcullis
