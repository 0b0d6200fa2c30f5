// A user and a password from a file, a variable, or the configuration itself.
#include <memory>

#include <gtest/gtest.h>

#include "broker/static_login.h"

namespace portcullis::test {
namespace {

struct World {
  FakeFiles files;
  FakeEnvironment environment{{{"PASSWORD", "from-variable"}}};

  Result<RegistryLogin> from_file(const std::string& text) {
    (void)files.write("/p", text, 0600);
    StaticLoginConfig config;
    config.username = "robot";
    config.password_file = "/p";
    return static_login(config, files, environment);
  }
  Result<RegistryLogin> from_variable(const std::string& name) {
    StaticLoginConfig config;
    config.username = "robot";
    config.password_variable = name;
    return static_login(config, files, environment);
  }
};

TEST(StaticLogin, ReadsOneLineOfAFile) {
  World world;
  for (const char* text : {"pass word", "pass word\n", "pass word\r\n"}) {
    const auto login = world.from_file(text);
    ASSERT_TRUE(login.ok());
    EXPECT_EQ(login->user, "robot");
    EXPECT_EQ(login->password.text().reveal(), "pass word");
    EXPECT_FALSE(login->expires.has_value());
  }
}

TEST(StaticLogin, RefusesAFileThatHoldsNoPassword) {
  World world;
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("canary-a\ncanary-b"), std::string("canary\0x", 8), std::string(16385, 'x')}) {
    const auto login = world.from_file(text);
    ASSERT_FALSE(login.ok()) << text.size();
    EXPECT_EQ(login.error().reason, Reason::credentials_unavailable);
    EXPECT_EQ(login.error().detail.find("canary"), std::string::npos);
  }
  EXPECT_TRUE(world.from_file(std::string(16384, 'x')).ok());
}

TEST(StaticLogin, ReadsAVariable) {
  World world;
  EXPECT_EQ(world.from_variable("PASSWORD")->password.text().reveal(), "from-variable");
  const auto missing = world.from_variable("OTHER");
  EXPECT_EQ(missing.error().reason, Reason::credentials_unavailable);
  EXPECT_NE(missing.error().detail.find("OTHER"), std::string::npos);
}

TEST(StaticLogin, TakesThePasswordOfTheConfiguration) {
  World world;
  StaticLoginConfig config;
  config.username = "robot";
  config.password = std::make_shared<const Secret>("written");
  EXPECT_EQ(static_login(config, world.files, world.environment)->password.text().reveal(), "written");
}

}  // namespace
}  // namespace portcullis::test
