// SigV4 and SigV4A: every published sample, stage by stage, and properties of our own.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "aws/sigv4.h"
#include "base/codec/json.h"
#include "tests/support/raw_request.h"
#include "tests/support/signature_check.h"

namespace portcullis {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

/// The published samples, where they are: $PORTCULLIS_VECTORS/aws-signing.
fs::path samples(const char* version) {
  const char* folder = std::getenv("PORTCULLIS_VECTORS");
  return fs::path(folder == nullptr ? "" : folder) / "aws-signing" / version;
}

struct Sample {
  UnsignedRequest request;
  AwsCredentials credentials;
  SigningContext context;
};

Sample read_sample(const fs::path& folder, SigningForm form) {
  const auto json = parse_json(slurp(folder / "context.json"), {.bytes = 10000, .depth = 4, .members = 100});
  const JsonView root = json->root();
  Sample sample;
  sample.request = *read_raw_request(slurp(folder / "request.txt"));
  const JsonView keys = root.get("credentials");
  sample.credentials.access_key_id = *keys.get("access_key_id").string();
  sample.credentials.secret_access_key = Secret(std::string(*keys.get("secret_access_key").string()));
  if (const auto token = keys.get("token").string()) sample.credentials.session_token = Secret(std::string(*token));
  sample.context = {.region = std::string(*root.get("region").string()),
                    .service = std::string(*root.get("service").string()),
                    .time = TimePoint(std::chrono::seconds(1440938160)),  // 2015-08-30T12:36:00Z in every sample
                    .normalize_path = root.get("normalize").boolean().value_or(true),
                    .sign_body = root.get("sign_body").boolean().value_or(false),
                    .omit_session_token = root.get("omit_session_token").boolean().value_or(false),
                    .form = form,
                    .expires = std::chrono::seconds(root.get("expiration_in_seconds").integer().value_or(3600))};
  return sample;
}

/// Samples differ in blank lines at the end of a signed request.
std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

class PublishedSamples : public testing::TestWithParam<SigningForm> {
 protected:
  static std::string prefix() { return GetParam() == SigningForm::header ? "header-" : "query-"; }
};

TEST_P(PublishedSamples, OfSigV4Agree) {
  if (!fs::exists(samples("v4"))) GTEST_SKIP() << "published samples are not here: set PORTCULLIS_VECTORS";
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(samples("v4"))) {
    SCOPED_TRACE(entry.path().filename().string());
    const Sample sample = read_sample(entry.path(), GetParam());
    const SignedRequest result = sign_v4(sample.request, sample.credentials, sample.context);
    EXPECT_EQ(result.canonical_request, trimmed(slurp(entry.path() / (prefix() + "canonical-request.txt"))));
    EXPECT_EQ(result.string_to_sign, trimmed(slurp(entry.path() / (prefix() + "string-to-sign.txt"))));
    EXPECT_EQ(result.signature, trimmed(slurp(entry.path() / (prefix() + "signature.txt"))));
    ++seen;
  }
  EXPECT_GE(seen, 20);
}

TEST_P(PublishedSamples, OfSigV4AAgreeAndVerify) {
  if (!fs::exists(samples("v4a"))) GTEST_SKIP() << "published samples are not here: set PORTCULLIS_VECTORS";
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(samples("v4a"))) {
    SCOPED_TRACE(entry.path().filename().string());
    if (!fs::exists(entry.path() / (prefix() + "canonical-request.txt"))) continue;  // one sample was published incomplete
    const Sample sample = read_sample(entry.path(), GetParam());
    const auto result = sign_v4a(sample.request, sample.credentials, sample.context);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->canonical_request, trimmed(slurp(entry.path() / (prefix() + "canonical-request.txt"))));
    const std::string text = trimmed(slurp(entry.path() / (prefix() + "string-to-sign.txt")));
    EXPECT_EQ(result->string_to_sign, text);
    const auto point = sigv4a_public_point(sample.credentials);
    ASSERT_TRUE(point.ok());
    const auto published = parse_json(slurp(entry.path() / "public-key.json"), {.bytes = 1000, .depth = 2, .members = 4});
    EXPECT_EQ(point->x, published->root().get("X").string());
    EXPECT_EQ(point->y, published->root().get("Y").string());
    EXPECT_TRUE(p256_verifies(*point, text, result->signature));
    EXPECT_TRUE(p256_verifies(*point, text, trimmed(slurp(entry.path() / (prefix() + "signature.txt")))));
    EXPECT_FALSE(p256_verifies(*point, text + "x", result->signature));
    ++seen;
  }
  EXPECT_GE(seen, 20);
}

INSTANTIATE_TEST_SUITE_P(BothForms, PublishedSamples, testing::Values(SigningForm::header, SigningForm::query),
                         [](const auto& form) { return form.param == SigningForm::header ? "Header" : "Query"; });

AwsCredentials example_credentials() {
  AwsCredentials credentials;
  credentials.access_key_id = "AKIDEXAMPLE";
  credentials.secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  return credentials;
}

SigningContext example_context() {
  return {.region = "us-east-1", .service = "service", .time = TimePoint(std::chrono::seconds(1440938160))};
}

const UnsignedRequest kVanilla{.method = "GET", .path = "/", .query = "", .headers = {{"Host", "example.amazonaws.com"}}, .body = ""};

// The first example of the SigV4 test suite that AWS publishes.
TEST(SigV4, SignsTheVanillaRequest) {
  const SignedRequest result = sign_v4(kVanilla, example_credentials(), example_context());
  EXPECT_EQ(result.signature, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(result.request.headers.back().second,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SigV4, LeavesHeadersAloneThatProxiesChange) {
  UnsignedRequest request = kVanilla;
  for (const char* name : {"User-Agent", "Expect", "X-Amzn-Trace-Id", "Transfer-Encoding", "Connection"})
    request.headers.emplace_back(name, "x");
  EXPECT_EQ(sign_v4(request, example_credentials(), example_context()).signature,
            sign_v4(kVanilla, example_credentials(), example_context()).signature);
}

TEST(SigV4, StripsTheDefaultPortOfTheHost) {
  UnsignedRequest request = kVanilla;
  request.headers[0].second = "example.amazonaws.com:443";
  EXPECT_EQ(sign_v4(request, example_credentials(), example_context()).signature,
            sign_v4(kVanilla, example_credentials(), example_context()).signature);
  request.headers[0].second = "example.amazonaws.com:8443";
  EXPECT_NE(sign_v4(request, example_credentials(), example_context()).signature,
            sign_v4(kVanilla, example_credentials(), example_context()).signature);
}

TEST(SigV4, EverySignedPartMovesTheSignature) {
  const std::string plain = sign_v4(kVanilla, example_credentials(), example_context()).signature;
  UnsignedRequest request = kVanilla;
  request.body = "x";
  EXPECT_NE(sign_v4(request, example_credentials(), example_context()).signature, plain);
  request = kVanilla;
  request.query = "a=b";
  EXPECT_NE(sign_v4(request, example_credentials(), example_context()).signature, plain);
  SigningContext later = example_context();
  later.time += std::chrono::seconds(1);
  EXPECT_NE(sign_v4(kVanilla, example_credentials(), later).signature, plain);
  SigningContext elsewhere = example_context();
  elsewhere.region = "eu-west-1";
  EXPECT_NE(sign_v4(kVanilla, example_credentials(), elsewhere).signature, plain);
}

TEST(SigV4, NeverWritesTheSecretIntoTheRequest) {
  const SignedRequest result = sign_v4(kVanilla, example_credentials(), example_context());
  for (const auto& [name, value] : result.request.headers) EXPECT_EQ(value.find("wJalrXUtnFEMI"), std::string::npos) << name;
  EXPECT_EQ((result.canonical_request + result.string_to_sign).find("wJalrXUtnFEMI"), std::string::npos);
}

TEST(SigV4A, SignsTheSetOfRegions) {
  SigningContext context = example_context();
  context.region = "*";
  const auto result = sign_v4a(kVanilla, example_credentials(), context);
  ASSERT_TRUE(result.ok());
  EXPECT_NE(result->canonical_request.find("x-amz-region-set:*"), std::string::npos);
  EXPECT_TRUE(p256_verifies(*sigv4a_public_point(example_credentials()), result->string_to_sign, result->signature));
}

}  // namespace
}  // namespace portcullis
