// The published scenarios of the credential chain, replayed: environment, files and recorded traffic in, credentials or an error out. What
// differs from what was published is listed here, with the decision that says so.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aws/chain.h"
#include "base/codec/json.h"
#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

namespace fs = std::filesystem;
using test::contains;

constexpr JsonLimits kLimits{.bytes = 1'000'000, .depth = 32, .members = 10'000};

/// How our answer differs from the published one.
struct Deviation {
  std::string_view scenario;
  std::string_view why;  ///< a decision, or "words": the same refusal in words of our own
  std::string_view said;
};

constexpr Deviation kDeviations[] = {
    {"eks_pod_identity_no_token_file", "words", "/token.jwt: No such file or directory"},
    {"imds_disabled", "words", "instance metadata: AWS_EC2_METADATA_DISABLED is true"},
    {"imds_no_iam_role", "words", "no IAM role is attached to this instance"},
    {"profile_overrides_web_identity", "D-2: the web identity of the environment is used", "Missing Region"},
    {"sso_no_token_file", "words", "failed to read /home/.aws/sso/cache/dace00cba5f8355ec9d274ceb2bcebdfbeed0e12.json: No such file"},
    {"sso_server_error", "words", "GetRoleCredentials: HTTP 503"},
    {"web_identity_token_invalid_jwt", "words", "InvalidIdentityToken (HTTP 400): No OpenIDConnect provider found in your account"},
    {"credential_process_invalid", "words", "credential_process: the answer is no JSON"},
    {"invalid_config", "D-6: a malformed line is a warning, and the chain goes on to the instance", "no session token"},
};

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

fs::path published() {
  const char* folder = std::getenv("PORTCULLIS_VECTORS");
  return fs::path(folder == nullptr ? "" : folder) / "aws-credentials";
}

std::vector<fs::path> scenarios(const char* group) {
  std::vector<fs::path> found;
  const fs::path folder = published() / group;
  if (fs::exists(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

struct Recorded {
  std::string method;
  std::string url;
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

void take_response(JsonView response, Recorded& call) {
  call.status = static_cast<int>(response.get("status").integer().value_or(0));
  for (const auto& [name, values] : response.get("headers").members()) {
    // Times of the recording would look like a skewed clock.
    if (name != "date" && name != "Date")
      call.headers.emplace_back(std::string(name), std::string(values.elements().at(0).string().value_or("")));
  }
}

std::vector<Recorded> recorded(const fs::path& folder) {
  std::vector<Recorded> calls;
  const auto json = parse_json(slurp(folder / "http-traffic.json"), kLimits);
  if (!json) return calls;
  for (const JsonView event : json->root().get("events").elements()) {
    const auto place = static_cast<std::size_t>(event.get("connection_id").integer().value_or(0));
    if (place >= calls.size()) calls.resize(place + 1);
    const JsonView action = event.get("action");
    if (const JsonView request = action.get("Request").get("request"); request.exists()) {
      calls[place].method = request.get("method").string().value_or("");
      calls[place].url = request.get("uri").string().value_or("");
    }
    if (const JsonView response = action.get("Response").get("response").get("Ok"); response.exists())
      take_response(response, calls[place]);
    if (action.get("Data").get("direction").string() == "Response")
      calls[place].body += action.get("Data").get("data").get("Utf8").string().value_or("");
  }
  return calls;
}

/// A URL without a slash at its end, its query sorted: what two writers of the same request agree on.
std::string normal(std::string url) {
  const std::size_t mark = url.find('?');
  std::string query = mark == std::string::npos ? "" : url.substr(mark + 1);
  url = url.substr(0, mark);
  while (url.ends_with('/')) url.pop_back();
  std::vector<std::string> parts;
  std::istringstream in(query);
  for (std::string part; std::getline(in, part, '&');) parts.push_back(part);
  std::sort(parts.begin(), parts.end());
  for (const std::string& part : parts) url += "&" + part;
  return url;
}

const Deviation* deviation_of(const std::string& name) {
  for (const Deviation& one : kDeviations) {
    if (one.scenario == name) return &one;
  }
  return nullptr;
}

/// One replay. The clock stands one hour before the credentials end (D-9 refuses those that have ended), or where nothing says when.
class Replay {
 public:
  Replay(const fs::path& folder, bool by_profile)
      : folder_(folder), test_(*parse_json(slurp(folder / "test-case.json"), kLimits)), world_(variables(), time()) {
    if (by_profile) options_.profile = "default";
    const fs::path root = folder / "fs";
    if (fs::exists(root)) {
      for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (entry.is_regular_file()) (void)world_.files.write("/" + fs::relative(entry.path(), root).string(), slurp(entry.path()), 0600);
      }
    }
    calls_ = recorded(folder);
    for (const Recorded& call : calls_) world_.http.answer(call.status, call.body, call.headers);
    // Recordings end with the first failure; we ask three times.
    for (int again = 0; again < 2 && !calls_.empty() && calls_.back().status >= 400; ++again) {
      world_.http.answer(calls_.back().status, calls_.back().body, calls_.back().headers);
    }
  }

  void judge() {
    const JsonView wanted = test_.root().get("result");
    auto found = credentials();
    if (wanted.get("Ok").exists()) {
      ASSERT_TRUE(found.ok()) << found.error().detail;
      expect_same(wanted.get("Ok"), **found);
      EXPECT_EQ(world_.http.asked().size(), calls_.size());
    } else {
      ASSERT_FALSE(found.ok());
      expect_refusal(std::string(wanted.get("ErrorContains").string().value_or("?")), found.error().detail);
    }
    expect_same_requests();
  }

  Result<std::shared_ptr<const AwsCredentials>> credentials() {
    const auto chain = world_.resolve(options_);
    if (!chain) return chain.error();
    return chain->credentials->credentials(false);
  }

  test::ChainWorld& world() { return world_; }

 private:
  std::map<std::string, std::string> variables() const {
    const auto json = parse_json(slurp(folder_ / "env.json"), kLimits);
    std::map<std::string, std::string> found;
    for (const auto& [name, value] : json->root().members()) found[std::string(name)] = value.string().value_or("");
    return found;
  }

  TimePoint time() const {
    const auto expiry = test_.root().get("result").get("Ok").get("expiry").integer();
    // Container credentials of one recording end in 2009, those of the role on top of them in 2021.
    const std::int64_t end =
        std::min<std::int64_t>(expiry.value_or(1'629'000'000), folder_.filename() == "ecs_assume_role" ? 1'234'567'890 : 1LL << 40U);
    return TimePoint(std::chrono::seconds(end - 3600));
  }

  void expect_same(JsonView wanted, const AwsCredentials& found) {
    EXPECT_EQ(found.access_key_id, wanted.get("access_key_id").string());
    EXPECT_EQ(found.secret_access_key.reveal(), wanted.get("secret_access_key").string());
    EXPECT_EQ(found.session_token.reveal(), wanted.get("session_token").string().value_or(""));
    if (const auto account = wanted.get("account_id").string()) {
      EXPECT_EQ(found.account_id, std::string(*account));
    }
    if (const auto expiry = wanted.get("expiry").integer()) {
      EXPECT_EQ(found.expires, TimePoint(std::chrono::seconds(*expiry)));
    }
  }

  void expect_refusal(const std::string& published_text, const std::string& said) {
    const Deviation* deviation = deviation_of(folder_.filename().string());
    EXPECT_TRUE(said.starts_with("failed to load AWS configuration: ")) << said;
    EXPECT_TRUE(contains(said, deviation == nullptr ? published_text : std::string(deviation->said))) << said;
  }

  void expect_same_requests() {
    const auto asked = world_.http.asked();
    ASSERT_GE(asked.size(), calls_.size());
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      EXPECT_EQ(asked[i].method, calls_[i].method);
      EXPECT_EQ(normal(asked[i].url), normal(calls_[i].url));
    }
  }

  fs::path folder_;
  JsonDocument test_;
  test::ChainWorld world_;
  SharedConfigOptions options_;
  std::vector<Recorded> calls_;
};

TEST(PublishedScenarios, OfTheDefaultChainAgree) {
  const auto folders = scenarios("default-credential-provider-chain");
  if (folders.empty()) GTEST_SKIP() << "published scenarios are not here: set PORTCULLIS_VECTORS";
  for (const fs::path& folder : folders) {
    SCOPED_TRACE(folder.filename());
    Replay(folder, false).judge();
  }
  EXPECT_GE(folders.size(), 18U);
}

TEST(PublishedScenarios, OfTheProfileProviderAgree) {
  const auto folders = scenarios("profile-provider");
  if (folders.empty()) GTEST_SKIP() << "published scenarios are not here: set PORTCULLIS_VECTORS";
  for (const fs::path& folder : folders) {
    SCOPED_TRACE(folder.filename());
    Replay(folder, true).judge();
  }
  EXPECT_GE(folders.size(), 14U);
}

TEST(PublishedScenarios, RefuseWhatHasExpiredAndNameTheTime) {
  const fs::path container = published() / "default-credential-provider-chain/ecs_credentials";
  const fs::path process = published() / "profile-provider/credential_process_account_id_fallback";
  if (!fs::exists(container)) GTEST_SKIP() << "published scenarios are not here: set PORTCULLIS_VECTORS";

  for (const auto& [folder, time] : {std::pair(container, "2009-02-13T23:31:30"), std::pair(process, "2022-05-02T18:36:00")}) {
    Replay replay(folder, folder == process);
    replay.world().clock.advance(std::chrono::hours(1));  // exactly when they end

    const auto found = replay.credentials();

    ASSERT_FALSE(found.ok());
    EXPECT_TRUE(contains(found.error().detail, std::string("expired at ") + time)) << found.error().detail;
  }
}

TEST(PublishedScenarios, AMalformedLineIsAnErrorWhereStrictWasAskedFor) {
  const fs::path folder = published() / "profile-provider/invalid_config";
  if (!fs::exists(folder)) GTEST_SKIP() << "published scenarios are not here: set PORTCULLIS_VECTORS";
  Replay replay(folder, true);

  const auto chain = replay.world().resolve({.profile = "default", .region = {}, .strictness = ProfileStrictness::strict});

  ASSERT_FALSE(chain.ok());
  EXPECT_TRUE(contains(chain.error().detail, "config file, line 2: Property did not have a name")) << chain.error().detail;
}

}  // namespace
}  // namespace portcullis
