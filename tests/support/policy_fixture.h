// A policy from the text of `accessControl`, and questions to it as requests: who asks for what, and when.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "base/codec/json_writer.h"
#include "config/load.h"
#include "policy/compile.h"
#include "policy/decide.h"
#include "tests/support/fake_clock.h"

namespace portcullis::test {

/// A whole configuration with `members` in its `http.accessControl`; valid tokens need no `access` claim.
inline std::string policy_config(std::string_view members) {
  return R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":{)" +
         std::string(members) +
         R"(}},"portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"},"proxy":{"trusted":["127.0.0.1/32"]},)" +
         R"j("tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"ignored","claimMapping":{"groups":"claims.?groups.orValue([])"}}}})j";
}

/// One request.
struct PolicyQuestion {
  std::string method = "GET";
  std::string uri = "/v2/app/manifests/v1";
  std::string user = {};  ///< empty: nobody
  std::vector<std::string> groups = {};
  std::string claims = {};  ///< JSON; empty: none
  std::string client = "192.0.2.1";
  std::string peer = "127.0.0.1";
  std::string scheme = {};
  std::vector<std::pair<std::string_view, std::string_view>> headers = {};
  std::vector<TagFact> tags = {};
  TimePoint now = kNow;
};

/// What came of it; texts are copies.
struct PolicyAnswer {
  bool granted;
  bool source_denied;
  bool wants_tags;
  std::string rule;
  std::string message;

  explicit operator bool() const noexcept { return granted; }
};

/// Owns a compiled policy. Text that does not compile fails the test.
class PolicyFixture {
 public:
  explicit PolicyFixture(std::string_view members, const PolicyContext& context = {}) {
    const LoadedConfig loaded = load_config_text(policy_config(members), "/etc/portcullis", {});
    if (!loaded.config) {
      ADD_FAILURE() << format_findings(loaded.findings);
      return;
    }
    CompiledPolicy compiled = compile_policy(*loaded.config->access_control, context);
    findings_ = std::move(compiled.findings);
    policy_ = std::move(compiled.policy);
  }

  [[nodiscard]] const std::vector<Finding>& findings() const noexcept { return findings_; }
  [[nodiscard]] bool compiled() const noexcept { return policy_ != nullptr; }
  [[nodiscard]] const Policy& policy() const noexcept { return *policy_; }

  [[nodiscard]] PolicyAnswer ask(const PolicyQuestion& question, Trace* trace = nullptr) const {
    const auto access = requested_access(question.method, question.uri, {}, {4096});
    if (!access || policy_ == nullptr) {
      ADD_FAILURE() << (access ? format_findings(findings_) : access.error().detail);
      return {};
    }
    std::optional<cel::Value> claims;
    if (!question.claims.empty()) claims = cel::value_from_json(parse_json(question.claims, {65536, 32, 1000}).value().root());
    const Caller caller{.username = question.user, .groups = question.groups, .claims = claims ? &*claims : nullptr};
    const RequestFacts facts{.method = question.method,
                             .client = question.client,
                             .peer = question.peer,
                             .scheme = question.scheme,
                             .headers = question.headers,
                             .tags = question.tags};
    const PolicyVerdict verdict = decide(*policy_, caller, *access, facts, question.now, trace);
    return {verdict.granted, verdict.source_denied, verdict.wants_tags, policy_->path_of(verdict.rule), std::string(verdict.message)};
  }

  /// A pull of `repository`.
  [[nodiscard]] PolicyAnswer pull(std::string_view repository, std::string_view user, std::vector<std::string> groups = {}) const {
    return ask({.uri = "/v2/" + std::string(repository) + "/manifests/v1", .user = std::string(user), .groups = std::move(groups)});
  }

 private:
  std::shared_ptr<const Policy> policy_;
  std::vector<Finding> findings_;
};

}  // namespace portcullis::test
