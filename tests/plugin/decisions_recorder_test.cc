// What the line of a decision holds of a token and of the registry: the claims that conditions read, the tags that were asked for, and no
// more.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/decisions/line.h"
#include "plugin/decisions/recorder.h"
#include "plugin/shadow.h"
#include "tests/support/issuer_gate.h"

namespace portcullis::test {
namespace {

std::string reading(std::string_view condition) {
  return R"("repositories":{"team/**":{"policies":[{"users":["https://idp.example/alice"],"actions":["read"],"conditions":[{"expression":")" +
         std::string(condition) + R"("}]}]}})";
}
constexpr std::string_view kEnvAndTeam = "req.claims.env == 'prod' && req.claims.team != 'b'";

/// A gate whose policies read claims of an OIDC issuer's tokens.
class Recorder {
 public:
  explicit Recorder(std::string_view condition = kEnvAndTeam) : gate_({.access_control = reading(condition)}) {
    gate_.shows(jwks_json({{"i1", &key_pair("ED25519")}}));
  }

  /// The line of a question with a token of these claims beside the usual ones, where the registry said this of tags.
  std::string line(std::string_view claims, const std::vector<TagFact>& tags = {}) {
    const GateQuestion question =
        nginx_asks("GET", "/v2/team/app/tags/list", bearer(issuer_token(kIdp, key_pair("ED25519"), "i1", claims)));
    const GateAnswer given = gate_.gate().ask(question);
    RecordScratch scratch;
    const DecisionRecord record = record_decision(request_of(question), given, gate_.gate().state(), tags, kNow, scratch);
    std::string line;
    LineWriter().append(record, line);
    return line;
  }
  /// A policy beside them that decides nothing.
  void shadow(std::string_view condition) {
    Recorder other(condition);
    set_shadow(gate_.gate().state(), other.gate_.gate().state().policy);
  }
  LoggedClaims& wanted() { return gate_.gate().state().logged_claims; }

 private:
  IssuerGate gate_;
};

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

using Names = std::vector<std::string>;

TEST(DecisionRecorder, KeepsTheClaimsThatConditionsReadAndNoOther) {
  const std::string line = Recorder().line(R"("team":"a","env":"prod","secret":"canary")");
  EXPECT_TRUE(contains(line, R"("decision":"allow")")) << line;
  EXPECT_TRUE(contains(line, R"("claims":{"env":"prod","team":"a"})")) << line;
  EXPECT_FALSE(contains(line, "absentClaims")) << line;
  EXPECT_FALSE(contains(line, "canary")) << line;
}

TEST(DecisionRecorder, NamesTheClaimsThatATokenLacks) {
  const std::string some = Recorder().line(R"("env":"test")");
  EXPECT_TRUE(contains(some, R"("decision":"deny")")) << some;
  EXPECT_TRUE(contains(some, R"("claims":{"env":"test"})")) << some;
  EXPECT_TRUE(contains(some, R"("absentClaims":["team"])")) << some;

  const std::string none = Recorder().line(R"("other":1)");
  EXPECT_FALSE(contains(none, R"("claims")")) << none;
  EXPECT_TRUE(contains(none, R"("absentClaims":["env","team"])")) << none;
}

TEST(DecisionRecorder, KeepsAClaimAsItStandsInTheToken) {
  const std::string line = Recorder("req.claims.env.size() == 2").line(R"("env":{"a":[1,null],"b":"\"x"})");
  EXPECT_TRUE(contains(line, R"("decision":"allow")")) << line;
  EXPECT_TRUE(contains(line, R"("claims":{"env":{"a":[1,null],"b":"\"x"}})")) << line;
}

TEST(DecisionRecorder, KeepsNoneWhereNoConditionReadsAny) {
  const std::string line = Recorder("req.action == 'read'").line(R"("env":"canary")");
  EXPECT_TRUE(contains(line, R"("decision":"allow")")) << line;
  for (const char* part : {"claims", "absentClaims", "canary"}) EXPECT_FALSE(contains(line, part)) << line;
}

TEST(DecisionRecorder, KeepsNoneWhereItCannotBeToldWhich) {
  Recorder recorder("size(req.claims) > 3");
  EXPECT_TRUE(recorder.wanted().all);
  const std::string line = recorder.line(R"("env":"canary")");
  EXPECT_TRUE(contains(line, R"("decision":"allow")")) << line;
  for (const char* part : {"claims", "absentClaims", "canary"}) EXPECT_FALSE(contains(line, part)) << line;
}

TEST(DecisionRecorder, LeavesOutClaimsThatAreTooLongAndSaysSo) {
  // The claims as one JSON object of exactly so many bytes.
  const auto filling = [](std::size_t bytes) {
    return R"("env":")" + std::string(bytes - std::string_view(R"({"env":""})").size(), 'x') + "\"";
  };
  const std::string longest = Recorder("req.claims.env != ''").line(filling(kRecordListBytes));
  EXPECT_TRUE(contains(longest, R"("claims":{"env":"xxx)"));
  EXPECT_FALSE(contains(longest, R"("cut")"));

  const std::string longer = Recorder("req.claims.env != ''").line(filling(kRecordListBytes + 1));
  EXPECT_FALSE(contains(longer, "xxx"));
  EXPECT_TRUE(contains(longer, R"("cut":["claims"])")) << longer;
}

TEST(DecisionRecorder, KeepsWhatTheShadowReadsToo) {
  Recorder recorder;
  recorder.shadow("req.claims.region == 'eu' && req.claims.env == 'prod'");
  EXPECT_EQ(recorder.wanted().names, (Names{"env", "region", "team"}));
  EXPECT_FALSE(recorder.wanted().all);
  const std::string line = recorder.line(R"("region":"eu","env":"prod","team":"a")");
  EXPECT_TRUE(contains(line, R"("claims":{"env":"prod","region":"eu","team":"a"})")) << line;
}

TEST(DecisionRecorder, CountsAllClaimsWhereEitherPolicyMayReadAny) {
  Recorder enforced("size(req.claims) > 3");
  enforced.shadow(kEnvAndTeam);
  EXPECT_TRUE(enforced.wanted().all);
  Recorder beside;
  beside.shadow("size(req.claims) > 3");
  EXPECT_TRUE(beside.wanted().all);
  EXPECT_EQ(beside.wanted().names, (Names{"env", "team"}));
  const std::string line = beside.line(R"("env":"prod","other":"canary")");
  EXPECT_TRUE(contains(line, R"("claims":{"env":"prod"})")) << line;
  EXPECT_FALSE(contains(line, "canary")) << line;
}

TEST(DecisionRecorder, TellsTagsThatAreThereFromTagsThatAreNot) {
  Recorder recorder;
  const std::string both = recorder.line("\"env\":1", {{"v1", true}, {"v2", false}, {"v3", true}});
  EXPECT_TRUE(contains(both, R"("existingTags":["v1","v3"])")) << both;
  EXPECT_TRUE(contains(both, R"("missingTags":["v2"])")) << both;
  const std::string old = recorder.line("\"env\":1", {{"v1", true}});
  EXPECT_TRUE(contains(old, R"("existingTags":["v1"])")) << old;
  EXPECT_FALSE(contains(old, "missingTags")) << old;
  const std::string fresh = recorder.line("\"env\":1", {{"v1", false}});
  EXPECT_TRUE(contains(fresh, R"("missingTags":["v1"])")) << fresh;
  EXPECT_FALSE(contains(fresh, "existingTags")) << fresh;
  const std::string unknown = recorder.line("\"env\":1");
  EXPECT_FALSE(contains(unknown, "Tags")) << unknown;
}

}  // namespace
}  // namespace portcullis::test
