// `portcullis ecr host` as a shell sees it.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/cli/command.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using test::contains;

struct Said {
  ExitStatus status = ExitStatus::cannot_judge;
  std::string out;
};

Said host(std::vector<const char*> arguments) {
  test::ChainWorld world;
  Said said;
  CommandContext context{.clock = world.clock,
                         .files = world.files,
                         .entropy = world.entropy,
                         .out = [&](std::string_view text) { said.out += text; },
                         .err = [](std::string_view) {},
                         .read_input = [](std::size_t) { return Result<std::string>(std::string()); }};
  arguments.insert(arguments.begin(), {"portcullis", "ecr", "host"});
  said.status = run_command_line(static_cast<int>(arguments.size()), arguments.data(), context);
  return said;
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
