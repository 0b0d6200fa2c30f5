#include "broker/pull_secret/file_delivery.h"

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/broker/pull_secret_world.h"
#include "tests/support/temp_folder.h"

namespace portcullis {
namespace {

using Type = GeneratedSecretConfig::Type;

class FileDeliveryTest : public testing::Test {
 protected:
  FileDeliveryTest() {
    config.name = "files";
    config.secrets = {{.name = "regcred", .type = Type::docker}, {.name = "plain", .type = Type::generic}};
  }

  SecretSet set(const std::string& password) {
    auto login = std::make_shared<RegistryLogin>();
    login->user = "AWS";
    login->password = Secret(password);
    return *fill_secrets(config, {{.hosts = {"h"}, .login = std::move(login)}}, {});
  }
  RoundReport deliver(const std::string& password) {
    RoundReport report;
    deliver_files(files, folder.path(""), config, set(password), report);
    return report;
  }

  test::TempFolder folder;
  SystemFiles files;
  PullSecretConfig config;
};

TEST_F(FileDeliveryTest, WritesDockerAndGenericForTheOwnerAlone) {
  const RoundReport report = deliver("one");

  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.counts.renewed, 2U);
  EXPECT_EQ(folder.read("regcred.json"), test::docker_config_of("h", "one"));
  EXPECT_EQ(folder.read("plain.user"), "AWS");
  EXPECT_EQ(folder.read("plain.token"), "one");
  for (const char* name : {"regcred.json", "plain.user", "plain.token"}) {
    struct stat status {};
    ASSERT_EQ(::stat(folder.path(name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U) << name;
  }
}

TEST_F(FileDeliveryTest, WritesNothingThatStandsThereAlready) {
  (void)deliver("one");
  struct stat before {};
  ASSERT_EQ(::stat(folder.path("regcred.json").c_str(), &before), 0);

  const RoundReport report = deliver("one");

  struct stat after {};
  ASSERT_EQ(::stat(folder.path("regcred.json").c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(report.counts.kept, 2U);
  EXPECT_EQ(report.counts.renewed, 0U);
}

TEST_F(FileDeliveryTest, TakesAFileBackThatOthersMayRead) {
  (void)deliver("one");
  ASSERT_EQ(::chmod(folder.path("regcred.json").c_str(), 0644), 0);

  EXPECT_EQ(deliver("one").counts.renewed, 1U);

  EXPECT_TRUE(files.has_mode(folder.path("regcred.json"), 0600));
  EXPECT_EQ(folder.read("regcred.json"), test::docker_config_of("h", "one"));
}

TEST_F(FileDeliveryTest, PutsAFileInThePlaceOfALink) {
  (void)deliver("one");
  ASSERT_EQ(::rename(folder.path("plain.token").c_str(), folder.path("elsewhere").c_str()), 0);
  ASSERT_EQ(::symlink(folder.path("elsewhere").c_str(), folder.path("plain.token").c_str()), 0);

  (void)deliver("one");

  EXPECT_TRUE(files.has_mode(folder.path("plain.token"), 0600));
}

TEST_F(FileDeliveryTest, ReplacesWhatIsOldOrWasChanged) {
  (void)deliver("one");
  folder.write("plain.token", "changed");

  EXPECT_EQ(deliver("one").counts.renewed, 1U);
  EXPECT_EQ(folder.read("plain.token"), "one");
  EXPECT_EQ(deliver("two").counts.renewed, 2U);
  EXPECT_EQ(folder.read("regcred.json"), test::docker_config_of("h", "two"));
}

TEST_F(FileDeliveryTest, SaysWhichFileCannotBeWritten) {
  RoundReport report;

  deliver_files(files, folder.path("nowhere"), config, set("canary-password"), report);

  ASSERT_EQ(report.problems.size(), 3U);
  EXPECT_TRUE(report.problems[0].is_fault);
  EXPECT_TRUE(test::contains(report.problems[0].where, "nowhere/regcred.json"));
  EXPECT_FALSE(test::contains(report.problems[0].what, "canary"));
}

}  // namespace
}  // namespace portcullis
