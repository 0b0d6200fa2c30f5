// `portcullis.policyTests`. What a URI, a time or a reason means is for those who run the tests to judge.
#include "config/read/sections.h"

namespace portcullis {
namespace {

PolicyTestConfig read_policy_test(Section& test) {
  PolicyTestConfig config;
  config.name = test.required_text("name", "a policy test needs a name").value_or("");
  config.user = test.text("user");
  config.groups = test.texts("groups").value_or(std::vector<std::string>());
  config.claims = test.json_object("claims");
  config.method = test.required_text("method", "a policy test needs a method").value_or("");
  config.uri = test.required_text("uri", "a policy test needs a uri").value_or("");
  config.at = test.text("at");
  config.client = test.text("client");
  config.user_agent = test.text("userAgent");
  config.tag_exists = test.boolean("tagExists");
  config.allow = test.word("expect", {"allow", "deny"}) == "allow";
  if (!test.has("expect")) test.error("expect", "a policy test needs an answer: \"allow\" or \"deny\"");
  config.reason = test.text("reason");
  return config;
}

}  // namespace

void read_policy_tests(Section& portcullis, Draft& draft) {
  portcullis.objects("policyTests", [&](Section& test, std::size_t) { draft.config.policy_tests.push_back(read_policy_test(test)); });
  if (portcullis.has("policyTests") && !draft.has_access_control) {
    portcullis.error("policyTests", "need http.accessControl: there is no policy to test");
  }
}

}  // namespace portcullis
