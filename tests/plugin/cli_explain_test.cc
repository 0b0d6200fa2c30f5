// What `portcullis verify` says of a refusal: the first step that failed, and what would mend it. Thirty ways to be refused.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "plugin/cli/command.h"
#include "tests/support/fake_clock.h"
#include "tests/support/gate_fixture.h"
#include "tests/support/tokens.h"

namespace portcullis {
namespace {

using test::kNow;

std::int64_t seconds(TimePoint time) { return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count(); }

/// A payload of `user` that is good for five minutes, with more members behind it.
std::string payload(const std::string& user, const std::string& rest = "") {
  return R"({"sub":")" + user + R"(","iat":)" + std::to_string(seconds(kNow)) + R"(,"exp":)" + std::to_string(seconds(kNow) + 300) + rest +
         "}";
}

std::string token(const std::string& user, const std::string& rest = "") { return test::token_of(payload(user, rest)); }

std::string grant(const std::string& name, const std::string& actions) {
  return R"(,"access":[{"type":"repository","name":")" + name + R"(","actions":[)" + actions + "]}]";
}

/// Tokens judged by their access claim alone, of one issuer and for one audience.
std::string by_claim() {
  return test::gate_config(R"("tokens":{"issuers":["https://a.example"],"audiences":["registry"],"maxLifetime":"1h"})");
}

/// Tokens judged by policies alone.
std::string by_policy() {
  return R"json({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example"}},"accessControl":{
    "repositories":{
      "team/**":{"policies":[{"users":["alice"],"actions":["read"]},
          {"groups":["devs"],"actions":["read","create","update"],"conditions":[{"expression":"req.client.ip.startsWith('10.')"}]}]},
      "night/**":{"policies":[{"users":["alice"],"actions":["read"],"conditions":[{"expression":"req.time.getHours() > 25"}]}]},
      "broken/**":{"policies":[{"users":["alice"],"actions":["read"],"conditions":[{"expression":"req.claims.level > 1"}]}]},
      "frozen/**":{"policies":[{"users":["alice"],"actions":["read"]},{"deny":true,"actions":["read"]}]},
      "home/${user}/**":{"defaultPolicy":["read"]},
      "open/**":{"defaultPolicy":["read"],"anonymousPolicy":["read"]},
      "agents/**":{"policies":[{"users":["alice"],"actions":["read"],"conditions":[{"expression":"req.userAgent.startsWith('docker/')"}]}]}},
    "adminPolicy":{"users":["root"],"actions":["read"]}}},
  "portcullis":{"listen":["127.0.0.1:0"],"keys":{"file":"keys.json"},"proxy":{"trusted":["127.0.0.1/32"]},
    "tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"ignored","claimMapping":{"groups":"claims.?groups.orValue([])"}}}})json";
}

const std::string kOurs = R"(,"iss":"https://a.example","aud":"registry")";

struct Refusal {
  std::string what;
  std::string config;
  std::optional<std::string> token;
  std::vector<const char*> question;
  std::string reason;
  std::string failed;   ///< what the first failed step says
  std::string mending;  ///< what the line "to mend" says
};

std::vector<const char*> get(const char* uri) { return {"--uri", uri}; }
std::vector<const char*> put(const char* uri) { return {"--method", "PUT", "--uri", uri}; }

const std::string kTeam = R"(http.accessControl.repositories["team/**"])";

/// Refused before a policy is asked: by the route, the credential, the token.
std::vector<Refusal> refusals_of_tokens() {
  const std::string app = grant("team/app", R"("pull")");
  const char* const uri = "/v2/team/app/manifests/v1";
  const std::string now = std::to_string(seconds(kNow));
  return {
      {"no token", by_claim(), std::nullopt, get(uri), "token_missing", "credential: no bearer token was sent", "Authorization header"},
      {"no token at all", by_claim(), "garbage", get(uri), "token_malformed", "header", "token"},
      {"another key", by_claim(), test::mint(payload("alice", kOurs + app), test::key_pair("ED25519", "other"), "EdDSA", "k1"), get(uri),
       "bad_signature", "signature", "key"},
      {"an unknown key", by_claim(), test::mint(payload("alice", kOurs + app), test::key_pair("ED25519"), "EdDSA", "k9"), get(uri),
       "key_unknown", "key: ", "kid"},
      {"alg none", by_claim(), test::with_signature(test::signing_input(R"({"alg":"none","kid":"k1"})", payload("alice")), "x"), get(uri),
       "alg_not_allowed", "header", "alg"},
      {"expired", by_claim(), test::token_of(R"({"sub":"a","exp":)" + std::to_string(seconds(kNow) - 3600) + kOurs + "}"), get(uri),
       "token_expired", "expiry", "exp"},
      {"no expiry", by_claim(), test::token_of(R"({"sub":"a")" + kOurs + "}"), get(uri), "expiry_missing", "expiry", "exp"},
      {"not valid yet", by_claim(), token("a", kOurs + R"(,"nbf":)" + std::to_string(seconds(kNow) + 3600)), get(uri),
       "token_not_yet_valid", "not_before", "nbf"},
      {"too long a life", by_claim(),
       test::token_of(R"({"sub":"a","iat":)" + now + R"(,"exp":)" + std::to_string(seconds(kNow) + 7200) + kOurs + "}"), get(uri),
       "lifetime_too_long", "lifetime", "maxLifetime"},
      {"another issuer", by_claim(), token("a", R"(,"iss":"https://b.example","aud":"registry")"), get(uri), "issuer_mismatch", "issuer",
       "iss"},
      {"another audience", by_claim(), token("a", R"(,"iss":"https://a.example","aud":"other")"), get(uri), "audience_mismatch", "audience",
       "aud"},
      {"another action", by_claim(), token("a", kOurs + app), put(uri), "scope_insufficient", "scope",
       "A token that grants repository:team/app:push would be let in."},
      {"another repository", by_claim(), token("a", kOurs + app), get("/v2/team/web/manifests/v1"), "scope_insufficient", "scope",
       "A token that grants repository:team/web:pull would be let in."},
      {"no access claim", by_claim(), token("a", kOurs), get(uri), "scope_insufficient", "scope", "repository:team/app:pull"},
      {"a path in two spellings", by_claim(), token("a", kOurs + app), get("/v2/team/../app/manifests/v1"), "path_not_canonical", "route",
       "path"},
      {"a name that is none", by_claim(), token("a", kOurs + app), get("/v2/Team/manifests/v1"), "name_invalid", "route",
       "breaks the grammar"},
      {"no route", by_claim(), token("a", kOurs + app), get("/v3/"), "route_unknown", "route", "route"},
      {"another method", by_claim(), token("a", kOurs + app), {"--method", "TRACE", "--uri", uri}, "method_not_allowed", "route", "method"},
  };
}

/// Refused by policies.
std::vector<Refusal> refusals_of_policies() {
  const std::string devs = R"(,"groups":["devs"])";
  return {
      {"no pattern", by_policy(), token("alice"), get("/v2/else/app/manifests/v1"), "policy_denied", "access: read on else/app",
       "a pattern that matches the repository"},
      {"not named", by_policy(), token("dora"), get("/v2/team/app/manifests/v1"), "policy_denied", "access: read on team/app",
       kTeam + ".policies[0]: if it named the user or a group of the user"},
      {"not the action",
       by_policy(),
       token("alice"),
       {"--method", "DELETE", "--uri", "/v2/team/app/manifests/v1"},
       "policy_denied",
       "access: delete on team/app",
       kTeam + ".policies[0]: if it listed the action"},
      {"a condition does not hold", by_policy(), token("dora", devs), get("/v2/team/app/manifests/v1"), "policy_denied",
       "access: read on team/app", kTeam + ".policies[1]: if its conditions[0] held"},
      {"from another network",
       by_policy(),
       token("dora", devs),
       {"--uri", "/v2/team/app/manifests/v1", "--client", "192.0.2.1"},
       "policy_denied",
       "access: ",
       kTeam + ".policies[1]: if its conditions[0] held"},
      {"at another time", by_policy(), token("alice"), get("/v2/night/app/manifests/v1"), "policy_denied",
       "access: ", "if its conditions[0] held"},
      {"another program",
       by_policy(),
       token("alice"),
       {"--uri", "/v2/agents/app/manifests/v1", "--user-agent", "curl/8"},
       "policy_denied",
       "access: ",
       "if its conditions[0] held"},
      {"a condition that errs", by_policy(), token("alice"), get("/v2/broken/app/manifests/v1"), "policy_denied",
       "access: ", "if its conditions[0] could be evaluated"},
      {"a deny", by_policy(), token("alice"), get("/v2/frozen/app/manifests/v1"), "policy_denied",
       "deny: ", R"(http.accessControl.repositories["frozen/**"].policies[1]: without it)"},
      {"somebody else's namespace", by_policy(), token("dora"), get("/v2/home/alice/app/manifests/v1"), "policy_denied",
       "access: ", "to the user whose name stands in the place of ${user}"},
      {"an admin without the action", by_policy(), token("root"), put("/v2/open/app/manifests/v1"), "policy_denied",
       "access: ", "http.accessControl.adminPolicy: if it listed the action"},
      {"nobody, where the public may not", by_policy(), std::nullopt, get("/v2/team/app/manifests/v1"), "token_missing",
       "credential: no bearer token was sent", "Authorization header"},
  };
}

class Explanation : public testing::Test {
 protected:
  std::string verify(const Refusal& refusal) {
    FakeFiles files;
    EXPECT_TRUE(files.write("/c/config.json", refusal.config, 0600).ok());
    EXPECT_TRUE(files.write("/c/keys.json", test::secret_json({{"k1", &test::key_pair("ED25519")}}), 0600).ok());
    if (refusal.token) {
      EXPECT_TRUE(files.write("/c/token", *refusal.token, 0600).ok());
    }
    std::string out;
    CommandContext context{.clock = clock_,
                           .files = files,
                           .entropy = entropy_,
                           .out = [&](std::string_view text) { out += text; },
                           .err = [&](std::string_view text) { out += text; },
                           .read_input = [](std::size_t) { return Result<std::string>(std::string()); }};
    std::vector<const char*> arguments = {"portcullis", "verify", "/c/config.json"};
    if (refusal.token) arguments.insert(arguments.end(), {"--token", "/c/token"});
    arguments.insert(arguments.end(), refusal.question.begin(), refusal.question.end());
    status_ = run_command_line(static_cast<int>(arguments.size()), arguments.data(), context);
    return out;
  }

  /// What stands behind `beginning` on the first line that begins so; empty where none does.
  static std::string line_of(const std::string& text, const std::string& beginning) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(beginning)) return line.substr(beginning.size());
    }
    return {};
  }

  void expect_explained(const Refusal& refusal) {
    SCOPED_TRACE(refusal.what);
    const std::string said = verify(refusal);
    SCOPED_TRACE(said);
    EXPECT_EQ(status_, ExitStatus::no);
    EXPECT_TRUE((line_of(said, "reason: ") + ":").starts_with(refusal.reason + ":"));
    EXPECT_NE(line_of(said, "  FAIL  ").find(refusal.failed), std::string::npos);
    EXPECT_NE(line_of(said, "to mend: ").find(refusal.mending), std::string::npos);
  }

  test::FakeClock clock_;
  SystemEntropy entropy_;
  ExitStatus status_ = ExitStatus::cannot_judge;
};

TEST_F(Explanation, NamesTheStepThatFailedAndWhatMendsItForEveryRefusalOfATokenOrARoute) {
  for (const Refusal& refusal : refusals_of_tokens()) expect_explained(refusal);
}

TEST_F(Explanation, NamesTheRuleThatWouldGrantForEveryRefusalOfThePolicies) {
  for (const Refusal& refusal : refusals_of_policies()) expect_explained(refusal);
}

TEST_F(Explanation, CoversThirtyRefusals) { EXPECT_GE(refusals_of_tokens().size() + refusals_of_policies().size(), 30U); }

TEST_F(Explanation, AMendedRequestIsAllowed) {
  const Refusal mended{
      "", by_policy(), token("dora", R"(,"groups":["devs"])"), {"--uri", "/v2/team/app/manifests/v1", "--client", "10.1.2.3"}, "", "", ""};
  EXPECT_TRUE(verify(mended).starts_with("allow: GET /v2/team/app/manifests/v1\n"));
  const Refusal agent{"", by_policy(), token("alice"), {"--uri", "/v2/agents/app/manifests/v1", "--user-agent", "docker/27"}, "", "", ""};
  EXPECT_TRUE(verify(agent).starts_with("allow: "));
  const Refusal nobody{"", by_policy(), std::nullopt, get("/v2/open/app/manifests/v1"), "", "", ""};
  const std::string said = verify(nobody);
  EXPECT_TRUE(said.starts_with("allow: ")) << said;
  EXPECT_EQ(said.find("FAIL"), std::string::npos) << said;
}

TEST_F(Explanation, WithoutATokenARequestMustBeNamed) {
  EXPECT_NE(verify({"", by_policy(), std::nullopt, {}, "", "", ""}).find("without --token, ask with --uri or --repository"),
            std::string::npos);
  EXPECT_EQ(status_, ExitStatus::cannot_judge);
}

/// The page's example is what the command says.
TEST_F(Explanation, ThePageShowsWhatIsSaid) {
  const std::string said = verify({"",
                                   by_policy(),
                                   token("dora", R"(,"groups":["devs"])"),
                                   {"--uri", "/v2/team/app/manifests/v1", "--client", "192.0.2.1"},
                                   "",
                                   "",
                                   ""});
  const auto folder = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  std::ifstream file(folder / "docs" / "explain.md");
  std::ostringstream page;
  page << file.rdbuf();

  EXPECT_NE(page.str().find(said), std::string::npos) << said;
}

}  // namespace
}  // namespace portcullis
