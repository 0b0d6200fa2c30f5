// The operator's page, the alerts and the service file say what the daemon does.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "config/defaults.h"
#include "plugin/config_changes.h"
#include "tests/support/daemon.h"
#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

std::string source_text(const std::string& path) {
  const std::filesystem::path root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  std::ostringstream text;
  text << std::ifstream(root / path).rdbuf();
  return std::move(text).str();
}

/// The names of all families that a daemon exports after an allow and a refusal.
std::set<std::string> exported_families() {
  const TimePoint now = SystemClock().now();
  const std::string certificate = certificate_secret_json("c1", key_pair("P-256"), now, now + std::chrono::days(90));
  const TestDaemon daemon(R"("decisionLog":{"output":"decisions.jsonl"},"shadow":{"repositories":{}})",
                          "{" + certificate.substr(1, certificate.size() - 2) + "," + TestDaemon::first_keys().substr(1));
  EXPECT_EQ(daemon.status_for(TestDaemon::first_token()), 200);
  EXPECT_EQ(daemon.status_for(TestDaemon::second_token()), 401);
  std::istringstream lines(get(daemon.admin(), "/metrics")->body);
  std::set<std::string> names;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("# TYPE ")) names.insert(line.substr(7, line.find(' ', 7) - 7));
  return names;
}

/// Every word in `text` that begins with `portcullis_`.
std::set<std::string> series_in(const std::string& text) {
  constexpr std::string_view prefix = "portcullis_";
  std::set<std::string> names;
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + 1)) {
    const auto end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                                      [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    names.emplace(text.begin() + static_cast<std::ptrdiff_t>(at), end);
  }
  return names;
}

TEST(Operations, DocumentEverySeries) {
  const std::string page = source_text("docs/operations.md");
  ASSERT_FALSE(page.empty());

  for (const std::string& name : exported_families()) EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
}

TEST(Operations, DocumentNoSeriesThatIsNotThere) {
  const std::set<std::string> exported = exported_families();

  for (const std::string& name : series_in(source_text("docs/operations.md"))) EXPECT_TRUE(exported.contains(name)) << name;
}

TEST(Operations, AlertOnSeriesThatAreThere) {
  const std::set<std::string> exported = exported_families();
  const std::set<std::string> used = series_in(source_text("examples/prometheus/portcullis.rules.yml"));
  ASSERT_FALSE(used.empty());

  for (std::string name : used) {
    if (name.ends_with("_bucket")) name.resize(name.size() - std::string_view("_bucket").size());
    EXPECT_TRUE(exported.contains(name)) << name;
  }
}

TEST(Operations, AlertOnReasonsThatExist) {
  const std::string rules = source_text("examples/prometheus/portcullis.rules.yml");

  for (std::size_t at = rules.find("reason=~\""); at != std::string::npos; at = rules.find("reason=~\"", at + 1)) {
    std::istringstream names(rules.substr(at + 9, rules.find('"', at + 9) - at - 9));
    for (std::string name; std::getline(names, name, '|');) EXPECT_TRUE(reason_from_name(name).has_value()) << name;
  }
}

TEST(Operations, ScrapeTheAdminListenerWhereItIsByDefault) {
  const std::string scrape = source_text("examples/prometheus/prometheus.yml");

  EXPECT_NE(scrape.find("[\"" + std::string(defaults::kAdmin) + "\"]"), std::string::npos);
  EXPECT_NE(scrape.find("- portcullis.rules.yml"), std::string::npos);
  EXPECT_NE(source_text("examples/prometheus/portcullis.rules.yml").find("job=\"portcullis\""), std::string::npos);
  EXPECT_NE(scrape.find("job_name: portcullis\n"), std::string::npos);
}

TEST(Operations, NameEverySettingThatNeedsARestart) {
  const std::string page = source_text("docs/operations.md");
  Config other;
  other.listen.push_back({ListenAddress::Kind::tcp, "127.0.0.1", 1, "127.0.0.1:1"});
  other.listen_group = "g";
  other.admin = other.listen.front();
  other.workers = 1;
  other.limits = {.header_bytes = 1, .token_bytes = 0, .uri_bytes = 0, .connections = 1, .idle = Duration(1), .cached_tokens = 1};

  for (const std::string_view setting : needs_restart({}, other)) {
    const std::string last(setting.substr(setting.rfind('.') + 1));
    EXPECT_NE(page.find(last + "`"), std::string::npos) << setting;
  }
}

TEST(Operations, StartTheServiceAsTheCommandLineWantsIt) {
  std::istringstream lines(source_text("examples/systemd/portcullis.service"));
  std::set<std::string> settings;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    settings.insert(line);
    EXPECT_TRUE((line.starts_with('[') && line.ends_with(']')) || line.find('=') != std::string::npos) << line;
  }

  EXPECT_TRUE(settings.contains("Type=notify"));
  EXPECT_TRUE(settings.contains("ExecStart=/usr/bin/portcullis serve /etc/portcullis/portcullis.json"));
  EXPECT_TRUE(settings.contains("ExecReload=/bin/kill -HUP $MAINPID"));
  EXPECT_TRUE(settings.contains("PrivateUsers=false"));
}

}  // namespace
}  // namespace portcullis::test
