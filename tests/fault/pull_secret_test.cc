// Files of pull secrets while their calls fail, and while the process is killed at any of them: each file is whole, and ours alone.
#include <array>
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "broker/pull_secret/file_delivery.h"
#include "tests/fault/each_call.h"
#include "tests/fault/killed_process.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

constexpr std::array<const char*, 3> kFiles{"regcred.json", "plain.user", "plain.token"};

/// A pull secret with a docker and a generic secret, filled twice.
struct Rotated {
  Rotated() {
    config.name = "files";
    config.secrets = {{.name = "regcred", .type = GeneratedSecretConfig::Type::docker},
                      {.name = "plain", .type = GeneratedSecretConfig::Type::generic}};
  }

  [[nodiscard]] SecretSet set(const std::string& password) const {
    auto login = std::make_shared<RegistryLogin>();
    login->user = "user-of-" + password;
    login->password = Secret(password);
    return *fill_secrets(config, {{.hosts = {"h"}, .login = std::move(login)}}, {});
  }
  RoundReport deliver(const SecretSet& secrets) {
    RoundReport report;
    deliver_files(files, folder.path(""), config, secrets, report);
    return report;
  }
  /// Each file as it is where everything was written.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    for (const char* name : kFiles) all[name] = folder.read(name);
    return all;
  }
  void expect_whole(const std::map<std::string, std::string>& before, const std::map<std::string, std::string>& after) const {
    for (const auto& [name, text] : contents()) {
      EXPECT_TRUE(text == before.at(name) || text == after.at(name)) << name << " holds " << text.size() << " bytes of neither";
      EXPECT_TRUE(files.has_mode(folder.path(name), 0600)) << name;
    }
  }

  TempFolder folder;
  SystemFiles files;
  PullSecretConfig config;
};

struct TwoLogins {
  Rotated rotated;
  SecretSet one = rotated.set("the-first-password");
  SecretSet two = rotated.set("the-second-and-longer-password");
  std::map<std::string, std::string> after, before;

  TwoLogins() {
    (void)rotated.deliver(two);
    after = rotated.contents();
    (void)rotated.deliver(one);
    before = rotated.contents();
  }
};

TEST(PullSecretFiles, AreWholeWhereverTheProcessIsKilled) {
  TwoLogins logins;
  std::uint64_t nth = 0;
  do {
    ++nth;
    (void)logins.rotated.deliver(logins.one);
    const bool killed = killed_at(nth, [&] { (void)logins.rotated.deliver(logins.two); });
    logins.rotated.expect_whole(logins.before, logins.after);
    if (killed) continue;
    EXPECT_EQ(logins.rotated.contents(), logins.after);
    break;
  } while (!HasFailure());
  EXPECT_GE(nth, 15U);
}

TEST(PullSecretFiles, AreWholeAndReportedWhateverCallFails) {
  TwoLogins logins;
  const std::uint64_t calls = fail_each_call(
      Calls::file,
      [&] {
        (void)logins.rotated.deliver(logins.one);
        return logins.rotated.deliver(logins.two);
      },
      [&](const RoundReport& report) {
        logins.rotated.expect_whole(logins.before, logins.after);
        if (!report.ok()) return;
        EXPECT_EQ(logins.rotated.contents(), logins.after);
      });
  EXPECT_GE(calls, 30U);
}

}  // namespace
}  // namespace portcullis::test
