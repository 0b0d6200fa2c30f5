// What an `AwsClient` needs around it in a test: a scripted network, a clock that stands still, keys that are no secret, and no waiting.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aws/client.h"
#include "base/codec/json_writer.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_http.h"

namespace portcullis::test {

/// Static or temporary keys; or, with `fault`, none.
class FixedCredentials final : public CredentialSource {
 public:
  explicit FixedCredentials(bool temporary = false) : temporary_(temporary) {}
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override {
    if (!fault.empty()) return Error{Reason::io_failed, fault};
    if (refresh) ++refreshes;
    auto keys = std::make_shared<AwsCredentials>();
    keys->access_key_id = "AKIDOWN";
    keys->secret_access_key = Secret("canary-secret-key");
    if (temporary_) keys->session_token = Secret("canary-session-token");
    return std::shared_ptr<const AwsCredentials>(keys);
  }

  std::string fault;
  int refreshes = 0;

 private:
  const bool temporary_;
};

/// Every byte 0x80: full jitter is a half.
class HalfEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = 0x80;
  }
};

struct AwsHost {
  FakeHttp http;
  FakeClock clock;
  HalfEntropy entropy;

  [[nodiscard]] AwsTools tools() {
    return {.http = http, .clock = clock, .entropy = entropy, .pause = [](std::chrono::milliseconds) { return true; }, .ca_file = {}};
  }
  static AwsEndpoint endpoint(AwsService service) {
    return resolve_endpoint({.service = service, .region = "eu-west-1", .fips = false, .dual_stack = false, .configured_url = {}}).value();
  }
  /// AWS answers with a version of the secret `zot/keys`.
  void has_secret(std::string_view text, std::string_view version = "v1", std::string_view member = "SecretString") {
    JsonWriter json;
    json.begin_object().key("ARN").string("arn:aws:secretsmanager:eu-west-1:123456789012:secret:zot/keys-AbCdEf");
    json.key("Name")
        .string("zot/keys")
        .key("VersionId")
        .string(version)
        .key(member)
        .string(text)
        .key("CreatedDate")
        .number(1.5)
        .end_object();
    http.answer(200, std::move(json).text());
  }
  /// AWS says no.
  void says(int status, std::string_view code, std::string_view message = "why") {
    JsonWriter json;
    json.begin_object().key("__type").string(code).key("Message").string(message).end_object();
    http.answer(status, std::move(json).text());
  }
};

}  // namespace portcullis::test
