// A world for the credential chain: files, variables, network, clock and chance of a test's own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "aws/chain.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_http.h"

namespace portcullis::test {

/// Every byte is 0x80: fractions of one half.
class HalfEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = 0x80;
  }
};

using Variables = std::map<std::string, std::string>;

/// HOME is /home. Pauses take no time and are written down.
class ChainWorld {
 public:
  explicit ChainWorld(Variables variables = {}, TimePoint now = kNow) : clock(now), environment(with_home(std::move(variables))) {}

  void config(const std::string& text) { (void)files.write("/home/.aws/config", text, 0600); }
  void credentials(const std::string& text) { (void)files.write("/home/.aws/credentials", text, 0600); }

  ChainTools tools() {
    return {.aws = aws(), .files = files, .environment = environment, .background = {}, .warn = [this](std::string_view text) {
              warnings.emplace_back(text);
            }};
  }
  AwsTools aws() {
    return {.http = http,
            .clock = clock,
            .entropy = entropy,
            .pause =
                [this](std::chrono::milliseconds wait) {
                  pauses.push_back(wait);
                  return true;
                },
            .ca_file = {}};
  }
  Result<ResolvedChain> resolve(const SharedConfigOptions& options = {}) { return resolve_chain(tools(), options); }
  Result<SharedConfig> load(const SharedConfigOptions& options = {}) { return load_shared_config(files, environment, options); }
  Result<ChainPlan> plan(const SharedConfigOptions& options = {}) {
    const auto loaded = load(options);
    return loaded ? plan_chain(*loaded, environment) : Result<ChainPlan>(loaded.error());
  }

  FakeHttp http;
  FakeFiles files;
  FakeClock clock;
  HalfEntropy entropy;
  FakeEnvironment environment;
  std::vector<std::chrono::milliseconds> pauses;
  std::vector<std::string> warnings;

 private:
  static Variables with_home(Variables variables) {
    variables.emplace("HOME", "/home");
    return variables;
  }
};

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// What STS answers to AssumeRole, with `id` as the access key id.
inline std::string role_answer(const std::string& id, const std::string& expiration = "2026-03-01T13:00:00Z") {
  return "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + id +
         "</AccessKeyId><SecretAccessKey>canary-role-secret</SecretAccessKey><SessionToken>canary-role-token</SessionToken><Expiration>" +
         expiration +
         "</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>"
         "</AssumeRoleResult></AssumeRoleResponse>";
}

/// The value of header `name` of `request`, or empty.
inline std::string header_of(const OutgoingRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace portcullis::test
