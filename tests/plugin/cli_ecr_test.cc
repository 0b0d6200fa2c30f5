// `portcullis ecr host` as a shell sees it.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/cli/command.h"
#include "tests/support/chain_world.h"
#include "tests/support/command_line.h"

namespace portcullis {
namespace {

using test::contains;
using test::Said;

Said host(std::vector<const char*> arguments) {
  test::ChainWorld world;
  arguments.insert(arguments.begin(), {"ecr", "host"});
  return test::run_command(world, std::move(arguments));
}

TEST(CliEcrHost, TellsTheParts) {
  const Said said = host({"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com"});
  EXPECT_EQ(said.status, ExitStatus::yes);
  for (const char* part : {"account    123456789012\n", "region     us-gov-west-1\n", "partition  aws-us-gov\n", "FIPS       yes\n"})
    EXPECT_TRUE(contains(said.out, part)) << said.out;
}

TEST(CliEcrHost, PrintsOneJsonObject) {
  EXPECT_EQ(
      host({"public.ecr.aws", "--json"}).out,
      "{\"kind\":\"ecr-public\",\"account\":\"\",\"region\":\"us-east-1\",\"partition\":\"aws\",\"fips\":false,\"dualstack\":false}\n");
}

TEST(CliEcrHost, SaysNoToALookAlike) {
  const Said said = host({"123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example"});
  EXPECT_EQ(said.status, ExitStatus::no);
  EXPECT_TRUE(contains(said.out, "is no host name of Amazon ECR")) << said.out;
  EXPECT_EQ(host({"12345678901.dkr.ecr.eu-west-1.amazonaws.com", "--json"}).out, "{\"kind\":\"none\"}\n");
}

}  // namespace
}  // namespace portcullis
