// `portcullis verify`: what it takes from its options beside the token and the request, and what it says of a token.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/codec/json.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/verdict.h"
#include "tests/support/command_line.h"
#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): every name of the fixture is used here

constexpr const char* kConfig = "/etc/portcullis/config.json";
constexpr const char* kToken = "/tmp/token.jwt";
constexpr JsonLimits kLimits{.bytes = 100'000, .depth = 12, .members = 1000};

/// Alice may make new tags and bob may move old ones, and tokens may be without an end.
std::string config(std::string_view keys = R"("keys":{"file":"keys.json"},)", std::string_view bearer = {}) {
  return R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":"registry.example")" + std::string(bearer) +
         R"(}},"accessControl":{"repositories":{"team/**":{"policies":[{"users":["alice"],"actions":["read","create"]},)"
         R"({"users":["bob"],"actions":["read","update"]}]}}}},"portcullis":{"listen":["127.0.0.1:0"],)" +
         std::string(keys) +
         R"("proxy":{"trusted":["127.0.0.1/32"]},"registry":{"url":"http://127.0.0.1:5000","tagLookup":"advisory"},)"
         R"("tokens":{"issuers":["any"],"audiences":["any"],"accessClaim":"ignored","requireExpiry":false}}})";
}

class CliVerify : public testing::Test {
 protected:
  CliVerify() {
    put(kConfig, config());
    put("/etc/portcullis/keys.json", secret_json({{"k1", &key_pair("ED25519")}}));
    put(kToken, token_of(R"({"sub":"alice"})"));
  }
  void put(const std::string& path, const std::string& text) { ASSERT_TRUE(world_.files.write(path, text, 0600).ok()); }

  Said verify(std::vector<const char*> more) {
    std::vector<const char*> words = {"verify", kConfig, "--token", kToken};
    words.insert(words.end(), more.begin(), more.end());
    return run_command(world_, std::move(words));
  }
  /// A push of the tags in `query` beside the one in the path.
  ExitStatus push(const char* tag_exists, const char* uri = "/v2/team/app/manifests/v1") {
    std::vector<const char*> more = {"--method", "PUT", "--uri", uri};
    if (tag_exists != nullptr) more.insert(more.end(), {"--tag-exists", tag_exists});
    return verify(more).status;
  }

  ChainWorld world_{{}};
};

TEST_F(CliVerify, AskedWhetherATagExistsMakesOfAPushACreateOrAnUpdate) {
  EXPECT_EQ(push("false"), ExitStatus::yes) << "alice may make it";
  EXPECT_EQ(push("true"), ExitStatus::no) << "and may not move it";
  EXPECT_EQ(push(nullptr), ExitStatus::no) << "whoever does not know needs both";

  put(kToken, token_of(R"({"sub":"bob"})"));
  EXPECT_EQ(push("false"), ExitStatus::no);
  EXPECT_EQ(push("true"), ExitStatus::yes);
  EXPECT_EQ(push(nullptr), ExitStatus::no);
}

TEST_F(CliVerify, AsksForAllTagsOfAPush) {
  constexpr const char* kThree =
      "/v2/team/app/manifests/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855?tag=a&tag=b&tag=c";
  EXPECT_EQ(push("false", kThree), ExitStatus::yes);
  EXPECT_EQ(push("true", kThree), ExitStatus::no);
  EXPECT_EQ(push("false", "/v2/team/../app/manifests/v1"), ExitStatus::no) << "a request that cannot be read writes none";
}

TEST_F(CliVerify, SaysThatATokenHasNoEnd) {
  EXPECT_TRUE(contains(verify({}).out, "user: alice, key k1, EdDSA, expires never\n")) << verify({}).out;
  const auto never = parse_json(verify({"--json"}).out, kLimits);
  ASSERT_TRUE(never.ok());
  EXPECT_TRUE(never->root().get("expires").is_null());

  put(kToken, good_token());
  EXPECT_TRUE(contains(verify({}).out, "expires 2026-03-01T12:05:00")) << verify({}).out;
  const auto ends = parse_json(verify({"--json"}).out, kLimits);
  ASSERT_TRUE(ends.ok());
  EXPECT_EQ(ends->root().get("expires").integer(), unix_seconds(kNow) + 300);
}

TEST_F(CliVerify, SaysThatATokenNamesNoUserAndAKeyHasNoId) {
  put(kConfig, config({}, R"(,"cert":"key.pem")"));
  put("/etc/portcullis/key.pem", key_pair("ED25519").public_pem());
  put(kToken, token_of(R"({"jti":"1"})"));

  const Said said = verify({});

  EXPECT_EQ(said.status, ExitStatus::yes) << said.out << said.err;
  EXPECT_TRUE(contains(said.out, "user: -, key -, EdDSA, expires never\n")) << said.out;
}

TEST_F(CliVerify, ReadsTheOneKeyOfAReplacementWhateverTheTokensKid) {
  put("/tmp/key.pem", key_pair("ED25519").public_pem());
  put(kToken, mint(R"({"sub":"alice"})", key_pair("ED25519"), "EdDSA", "another"));
  EXPECT_EQ(verify({}).status, ExitStatus::no) << "the configured keys have ids";
  EXPECT_EQ(verify({"--keys", "/tmp/key.pem"}).status, ExitStatus::yes);

  put("/tmp/keys.json", secret_json({{"k1", &key_pair("ED25519")}}));
  EXPECT_EQ(verify({"--keys", "/tmp/keys.json"}).status, ExitStatus::no) << "this one has an id";

  put(kConfig, config({}, R"(,"cert":"key.pem")"));
  put("/etc/portcullis/key.pem", key_pair("ED25519", "second").public_pem());
  EXPECT_EQ(verify({}).status, ExitStatus::no);
  EXPECT_EQ(verify({"--keys", "/tmp/keys.json"}).status, ExitStatus::yes) << "it stands for cert, where ids do not count";
  put("/tmp/keys.json", secret_json({{"k1", &key_pair("ED25519")}, {"k2", &key_pair("ED25519", "second")}}));
  EXPECT_EQ(verify({"--keys", "/tmp/keys.json"}).status, ExitStatus::no) << "with two of them the id decides";
}

TEST_F(CliVerify, SaysWhyAReplacementHoldsNoKeys) {
  const Said said = verify({"--keys", "/tmp/absent"});
  EXPECT_EQ(said.status, ExitStatus::cannot_judge);
  EXPECT_TRUE(contains(said.err, "no keys from /tmp/absent: ")) << said.err;
}

TEST_F(CliVerify, JudgesNothingAskedOfNobodyAsNobodyIsJudged) {
  const OfflineWorld world = read_world(world_.files, kConfig, {}, kNow);
  ASSERT_TRUE(world.state.has_value());
  const Verdict verdict = judge({}, *world.state, kNow);
  EXPECT_EQ(verdict.reason, Reason::token_missing);
  EXPECT_FALSE(verdict.access_asked);
  EXPECT_EQ(verdict.token, nullptr);
}

}  // namespace
}  // namespace portcullis
