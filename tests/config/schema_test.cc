// The JSON Schema and the loader are one contract: the same keys, the same bounds, the same defaults, the same verdicts.
// `tests/checks/schema.py` asks a schema validator for its verdicts on the same cases.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "base/io/files.h"
#include "config/defaults.h"
#include "config/duration.h"
#include "tests/config/sample.h"

namespace portcullis {
namespace {

namespace fs = std::filesystem;

constexpr JsonLimits kLimits{.bytes = 1 << 20, .depth = 64, .members = 100'000};

fs::path source_folder() { return fs::path(__FILE__).parent_path().parent_path().parent_path(); }

std::string read(const fs::path& path) {
  const auto bytes = SystemFiles().read(path.string(), 1 << 20);
  EXPECT_TRUE(bytes.ok()) << path;
  return bytes ? *bytes : std::string();
}

/// Every property of the schema by its path, with its own node.
class Schema : public testing::Test {
 protected:
  Schema() : document_(parse(read(source_folder() / "config" / "config.schema.json"))) { walk(document_.root(), ""); }

  static JsonDocument parse(const std::string& text) {
    auto document = parse_json(text, kLimits);
    EXPECT_TRUE(document.ok());
    return std::move(document).value();
  }

  [[nodiscard]] JsonView resolve(JsonView node) const {
    const auto ref = node.get("$ref").string();
    if (!ref) return node;
    return document_.root().get("$defs").get(ref->substr(std::string_view("#/$defs/").size()));
  }

  void walk(JsonView written, const std::string& path) {
    const JsonView node = resolve(written);
    for (const auto& [name, child] : node.get("properties").members()) {
      const std::string child_path = path.empty() ? std::string(name) : path + "." + std::string(name);
      // The loader shows a key with a `$` like every other.
      properties_.emplace(child_path, child);
      walk(child, child_path);
    }
    for (const JsonView alternative : node.get("anyOf").elements()) {
      if (resolve(alternative).get("type").string() == "array") walk(alternative.get("items"), path + "[]");
    }
    if (node.get("additionalProperties").is_object()) walk(node.get("additionalProperties"), path + ".*");
  }

  JsonDocument document_;
  std::map<std::string, JsonView> properties_;
};

/// A configuration with one value at `portcullis.<path>` and the sample's listener and keys.
std::string with_value(std::string_view path, const std::string& value) {
  std::string rest(path.substr(std::string_view("portcullis.").size()));
  const std::size_t dot = rest.find('.');
  if (dot == std::string::npos) return Sample{.portcullis = "\"" + rest + "\":" + value + ","}.text();
  const std::string section = rest.substr(0, dot);
  const std::string member = "\"" + rest.substr(dot + 1) + "\":" + value;
  if (section == "keys") return Sample{.keys = R"("file":"k",)" + member}.text();
  if (section == "tokens") return Sample{.tokens = R"("issuers":"any","audiences":"any",)" + member}.text();
  return Sample{.portcullis = "\"" + section + "\":{" + member + "},"}.text();
}

bool has_error_at(const LoadedConfig& loaded, std::string_view path, std::string_view fragment) {
  return static_cast<bool>(reports(loaded, Severity::error, path, fragment));
}

TEST_F(Schema, HasExactlyTheKeysThatTheLoaderKnows) {
  std::set<std::string> in_schema;
  for (const auto& [path, node] : properties_) in_schema.insert(path);
  const std::vector<std::string> known = known_config_keys();

  EXPECT_EQ(in_schema, std::set<std::string>(known.begin(), known.end()));
  EXPECT_GT(in_schema.size(), 100U);
}

TEST_F(Schema, DescribesEveryKey) {
  for (const auto& [path, node] : properties_)
    EXPECT_TRUE(node.get("description").string() && !node.get("description").string()->empty()) << path;
}

TEST_F(Schema, BoundsWholeNumbersAsTheLoaderDoes) {
  int seen = 0;
  for (const auto& [path, node] : properties_) {
    const auto least = node.get("minimum").integer();
    const auto most = node.get("maximum").integer();
    if (!least || !most || !path.starts_with("portcullis.")) continue;
    ++seen;
    EXPECT_TRUE(has_error_at(load_text(with_value(path, std::to_string(*least - 1))), path, "must be from")) << path;
    EXPECT_FALSE(has_error_at(load_text(with_value(path, std::to_string(*least))), path, "must be from")) << path;
    EXPECT_FALSE(has_error_at(load_text(with_value(path, std::to_string(*most))), path, "must be from")) << path;
    EXPECT_TRUE(has_error_at(load_text(with_value(path, std::to_string(*most + 1))), path, "must be from")) << path;
  }
  EXPECT_EQ(seen, 7);
}

TEST_F(Schema, StatesBoundsOfDurationsAsTheLoaderKeepsThem) {
  int seen = 0;
  for (const auto& [path, node] : properties_) {
    const std::string description(node.get("description").string().value_or(""));
    const auto type = node.get("anyOf").exists() ? node.get("anyOf").elements().front().get("$ref").string() : node.get("$ref").string();
    const std::size_t to = description.rfind(" to ");
    // Members of lists and of maps have tests of their own section.
    if (type != "#/$defs/duration" || !path.starts_with("portcullis.") || path.find_first_of("*[") != std::string::npos) continue;
    ASSERT_NE(to, std::string::npos) << path << " states no bounds";
    const std::size_t start = description.rfind(' ', to - 1) + 1;
    const auto least = parse_duration(description.substr(start, to - start));
    const auto most = parse_duration(description.substr(to + 4, description.size() - to - 5));
    ASSERT_TRUE(least.ok() && most.ok()) << path << ": " << description;
    ++seen;
    const std::string& at = path;
    const auto refused = [&at](Duration value) {
      return has_error_at(load_text(with_value(at, "\"" + format_duration(value) + "\"")), at, "must be from");
    };
    EXPECT_TRUE(refused(*least - Duration{1})) << path;
    EXPECT_FALSE(refused(*least)) << path;
    EXPECT_FALSE(refused(*most)) << path;
    EXPECT_TRUE(refused(*most + Duration{1})) << path;
  }
  EXPECT_EQ(seen, 10);
}

TEST_F(Schema, StatesTheLoadersDefaults) {
  // Writing a default down changes nothing but the digest.
  int seen = 0;
  const LoadedConfig plain = load({});
  ASSERT_TRUE(loads(plain));
  for (const auto& [path, node] : properties_) {
    const JsonView value = node.get("default");
    if (!value.exists() || !path.starts_with("portcullis.") || path.find("claimMapping") != std::string::npos ||
        path.starts_with("portcullis.broker.")) {
      continue;  // a broker without registries does not load: broker_section_test.cc has its defaults
    }
    ++seen;
    const LoadedConfig written = load_text(with_value(path, value.dump()));
    ASSERT_TRUE(loads(written)) << path;
    EXPECT_TRUE(written.findings.empty()) << path << "\n" << format_findings(written.findings);
    const Config& a = *plain.config;
    const Config& b = *written.config;
    EXPECT_EQ(a.admin->host + std::to_string(a.admin->port), b.admin->host + std::to_string(b.admin->port)) << path;
    EXPECT_EQ(a.workers, b.workers) << path;
    EXPECT_EQ(a.proxy.original_url, b.proxy.original_url) << path;
    EXPECT_EQ(a.proxy.strips_mount, b.proxy.strips_mount) << path;
    EXPECT_EQ(a.keys.max_stale, b.keys.max_stale) << path;
    EXPECT_EQ(a.keys.wait, b.keys.wait) << path;
    EXPECT_EQ(a.keys.refetch_cooldown, b.keys.refetch_cooldown) << path;
    EXPECT_EQ(a.tokens.leeway, b.tokens.leeway) << path;
    EXPECT_EQ(a.tokens.max_lifetime, b.tokens.max_lifetime) << path;
    EXPECT_EQ(a.tokens.require_expiry, b.tokens.require_expiry) << path;
    EXPECT_EQ(a.limits.header_bytes, b.limits.header_bytes) << path;
    EXPECT_EQ(a.limits.token_bytes, b.limits.token_bytes) << path;
    EXPECT_EQ(a.limits.uri_bytes, b.limits.uri_bytes) << path;
    EXPECT_EQ(a.limits.connections, b.limits.connections) << path;
    EXPECT_EQ(a.limits.idle, b.limits.idle) << path;
    EXPECT_EQ(a.limits.cached_tokens, b.limits.cached_tokens) << path;
    EXPECT_EQ(a.limits.decision, b.limits.decision) << path;
    EXPECT_EQ(a.drain.delay, b.drain.delay) << path;
    EXPECT_EQ(a.drain.deadline, b.drain.deadline) << path;
  }
  EXPECT_EQ(seen, 23);
  const AwsSecretsManagerConfig aws =
      *load({.bearer =
                 Sample{}.bearer + R"(,"awsSecretsManager":{"region":"r","secretName":"n","roleArn":"arn:aws:iam::123456789012:role/x"})",
             .keys = ""})
           .config->bearer.aws_secrets_manager;
  const std::string at = "http.auth.bearer.awsSecretsManager.";
  EXPECT_EQ(parse_duration(*properties_.at(at + "refreshInterval").get("default").string()).value(), aws.refresh_interval);
  EXPECT_EQ(properties_.at(at + "sessionName").get("default").string(), aws.session_name);
  EXPECT_EQ(properties_.at(at + "versionStage").get("default").string(), aws.version_stages.at(0));
  EXPECT_EQ(properties_.at("http.address").get("default").string(), defaults::kHttpAddress);
  EXPECT_EQ(properties_.at("http.port").get("default").string(), defaults::kHttpPort);
  EXPECT_EQ(properties_.at("log.level").get("default").string(), defaults::kLogLevel);
  EXPECT_EQ(parse_duration(*properties_.at("http.auth.bearer.oidc[].refreshInterval").get("default").string()).value(),
            defaults::kRefreshInterval);
}

TEST_F(Schema, MarksWhatIsNotAvailableAsTheLoaderTreatsIt) {
  std::set<std::string> errors;
  std::set<std::string> warnings;
  for (const auto& [path, node] : properties_) {
    const auto mark = node.get("x-available").string();
    if (mark == "error") errors.insert(path);
    if (mark == "warning") warnings.insert(path);
  }

  EXPECT_EQ(errors, std::set<std::string>());
  for (const std::string& path : errors) {
    if (path.starts_with("portcullis.")) continue;
    const std::string name = path.substr(path.rfind('.') + 1);
    const Sample sample =
        path.starts_with("http.auth") ? Sample{.bearer = Sample{}.bearer + ",\"" + name + "\":{}"} : Sample{.http = "\"" + name + "\":{},"};
    EXPECT_TRUE(refuses(load(sample), path, "not available in this version")) << path;
  }
  for (const std::string& path : warnings) {
    EXPECT_TRUE(warns(load_text(with_value(path, "{}")), path, "not available in this version")) << path;
  }
  EXPECT_EQ(warnings.size(), 0U);
}

/// The verdict on every file of a folder of cases.
void expect_verdicts(std::string_view folder, bool good) {
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(source_folder() / "tests" / "config" / "cases" / folder)) {
    ++seen;
    const LoadedConfig loaded = load_text(read(entry.path()));
    EXPECT_EQ(loaded.config.has_value(), good) << entry.path() << "\n" << format_findings(loaded.findings);
    EXPECT_EQ(loaded.config.has_value(), !loaded.has_errors()) << entry.path();
  }
  EXPECT_GT(seen, 5) << folder;
}

TEST(SchemaCases, GoodOnesLoad) { expect_verdicts("valid", true); }
TEST(SchemaCases, BadOnesAreRefused) { expect_verdicts("invalid", false); }
TEST(SchemaCases, WhatASchemaCannotSayIsRefusedByTheLoader) { expect_verdicts("loader_only", false); }

}  // namespace
}  // namespace portcullis
