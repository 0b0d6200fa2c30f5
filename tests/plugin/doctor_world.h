// An AWS with one answer for each step, and `portcullis doctor` run against it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/broker/broker_world.h"
#include "tests/support/command_line.h"
#include "tests/support/gate_fixture.h"

namespace portcullis::test {

inline constexpr const char* kConfig = "/etc/portcullis/config.json";
inline constexpr const char* kJump = R"("jumpRoleArn":"arn:aws:iam::999999999999:role/jump",)";
inline constexpr const char* kExternal = R"("assumeRoleArn":"arn:aws:iam::123456789012:role/pull","externalId":"canary-id")";

/// AWS with one answer for each action; what is named in `codes` is refused with that code.
class ScriptedAws final : public HttpTransport {
 public:
  explicit ScriptedAws(const Clock& clock) : clock_(clock) {}

  Result<IncomingAnswer> send(const OutgoingRequest& request) override {
    if (request.url.starts_with("http://127.0.0.1:9181/")) {
      if (gate.empty()) return Error{Reason::io_failed, "127.0.0.1: could not connect"};
      return IncomingAnswer{.status = 200, .headers = {{"Date", "Thu, 01 Jan 2026 00:00:00 GMT"}}, .body = gate};
    }
    const std::string step = step_of(request);
    asked.push_back(step);
    authorities[request.url] = request.ca_file.value_or("the system's");
    if (down.contains(step)) return Error{Reason::io_failed, "could not resolve host: " + request.url};
    const auto code = codes.find(step);
    IncomingAnswer answer{.status = 200, .headers = {}, .body = {}};
    if (!date.empty()) answer.headers.emplace_back("Date", date);
    if (code != codes.end()) {
      answer.status = 403;
      answer.body = step == "password" ? R"({"__type":")" + code->second + R"(","message":"what AWS says"})" : sts_error(code->second);
      return answer;
    }
    const TimePoint hour = clock_.now() + std::chrono::hours(1);
    if (step == "identity") {
      answer.body =
          "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::444455556666:user/ada</Arn><UserId>U</UserId>"
          "<Account>444455556666</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    } else if (step == "password") {
      answer.body = password(clock_.now() + password_life);
    } else if (step == "registry") {
      answer.status = registry_status;
      if (!challenge.empty()) answer.headers.emplace_back("WWW-Authenticate", challenge);
      login = IncomingAnswer{.status = 0, .headers = request.headers, .body = {}}.header("Authorization").value_or("");
    } else {
      answer.body = session(hour);
    }
    return answer;
  }

  std::map<std::string, std::string> codes;  ///< by step
  std::set<std::string> down;
  std::string date;  ///< of every answer; empty: none
  int registry_status = 200;
  std::string challenge;  ///< of the registry; empty: none
  std::string login;      ///< `Authorization` that the registry was last asked with
  std::string gate;       ///< what `/status` of the gate on this host answers; empty: none runs
  std::vector<std::string> asked;
  std::map<std::string, std::string> authorities;  ///< that were trusted, by URL
  std::chrono::seconds password_life{3600};

 private:
  static std::string step_of(const OutgoingRequest& request) {
    if (request.method == "GET") return "registry";
    if (contains(request.body, "GetCallerIdentity")) return "identity";
    if (!contains(request.body, "AssumeRole")) return "password";
    if (contains(request.body, "role%2Fjump")) return "jump";
    return contains(request.body, "ExternalId") ? "role" : "bare role";
  }

  const Clock& clock_;
};

class Doctor : public testing::Test {
 protected:
  Doctor() : world(own_keys()), aws(world.clock) {
    // A good trust policy wants the external id.
    aws.codes["bare role"] = "AccessDenied";
    EXPECT_TRUE(world.files.write("/etc/portcullis/keys.json", secret_json({{"k1", &key_pair("ED25519")}}), 0600).ok());
    configure(kExternal);
  }

  void configure(const std::string& login, const std::string& broker = "") {
    const std::string registries = broker + R"("registries":{")" + kEcr + R"(":{)" + login + "}}";
    EXPECT_TRUE(world.files.write(kConfig, gate_config(R"("broker":{)" + registries + "}"), 0600).ok());
  }

  ExitStatus run(std::vector<const char*> more = {}) {
    aws.asked.clear();
    more.insert(more.begin(), {"doctor", kConfig});
    Said said = run_command(world, std::move(more), &aws);
    out = std::move(said.out);
    err = std::move(said.err);
    EXPECT_FALSE(contains(out + err, "canary")) << out << err;
    return said.status;
  }

  using Steps = std::vector<std::string>;

  ChainWorld world;
  ScriptedAws aws;
  std::string out, err;
};

}  // namespace portcullis::test
