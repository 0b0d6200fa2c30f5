// The kubelet's question and the answer that it keeps.
#include <string>

#include <gtest/gtest.h>

#include "base/codec/json.h"
#include "broker/kubelet_credential.h"
#include "tests/support/fake_clock.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

std::string request(const std::string& more, const std::string& version = "credentialprovider.kubelet.k8s.io/v1") {
  return R"({"kind":"CredentialProviderRequest","apiVersion":")" + version + R"(")" + more + "}";
}

std::string duration(std::optional<std::chrono::seconds> left) {
  RegistryLogin login{.user = "AWS", .password = Secret("p"), .expires = {}};
  if (left) login.expires = test::kNow + *left;
  const std::string answer = kubelet_answer("r.example", &login, test::kNow);
  const auto json = parse_json(answer, {.bytes = 4096, .depth = 5, .members = 20});
  return std::string(json->root().get("cacheDuration").string().value_or("none"));
}

TEST(KubeletRequest, JP_01_NamesTheImageAndItsHost) {
  const auto read = read_kubelet_request(request(R"(,"image":"company.jfrog.io/docker/app:1")"));

  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(read->image, "company.jfrog.io/docker/app:1");
  EXPECT_EQ(read->host, "company.jfrog.io");
  EXPECT_FALSE(read->service_account_token.has_value());
  EXPECT_EQ(read->role_arn, "");
}

TEST(KubeletRequest, JP_03_BringsTheTokenAndTheRoleOfTheServiceAccount) {
  const auto read = read_kubelet_request(
      request(R"(,"image":"r.example/app","serviceAccountToken":"canary","serviceAccountAnnotations":)"
              R"({"eks.amazonaws.com/role-arn":"arn:aws:iam::111122223333:role/app","JFrogExchange":"true"},"later":{"a":[1]})"));

  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(read->service_account_token->reveal(), "canary");
  EXPECT_EQ(read->role_arn, "arn:aws:iam::111122223333:role/app");
}

TEST(KubeletRequest, ThatIsNoneIsRefusedWithoutItsToken) {
  const std::string image = R"(,"image":"r.example/app")";
  for (const std::string& text :
       {std::string("canary"), request(image, "credentialprovider.kubelet.k8s.io/v1beta1"), request(""), request(R"(,"image":"")"),
        request(R"(,"image":5)"), request(R"(,"image":"r.example\n/app")"), request(image + R"(,"serviceAccountToken":["canary"])"),
        std::string(R"({"apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"canary.example/app"})"), std::string("[]")}) {
    const auto read = read_kubelet_request(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().reason, Reason::bad_request);
    EXPECT_EQ(read.error().detail.find("canary"), std::string::npos) << read.error().detail;
  }
}

TEST(KubeletAnswer, HasTheFormOfTheApi) {
  const RegistryLogin login{.user = "ada", .password = Secret("p\"w"), .expires = test::kNow + 3h};

  EXPECT_EQ(kubelet_answer("company.jfrog.io", &login, test::kNow),
            R"({"kind":"CredentialProviderResponse","apiVersion":"credentialprovider.kubelet.k8s.io/v1","cacheKeyType":"Registry",)"
            R"("cacheDuration":"5400s","auth":{"company.jfrog.io":{"username":"ada","password":"p\"w"}}})");
}

TEST(KubeletAnswer, WithoutALoginIsNullAndNotKept) {
  EXPECT_EQ(kubelet_answer("r.example", nullptr, test::kNow),
            R"({"kind":"CredentialProviderResponse","apiVersion":"credentialprovider.kubelet.k8s.io/v1","cacheKeyType":"Registry",)"
            R"("cacheDuration":"0s","auth":null})");
}

TEST(KubeletAnswer, JP_05_IsKeptForHalfOfWhatIsLeftAndNotNearTheEnd) {
  EXPECT_EQ(duration(12h), "21600s");
  EXPECT_EQ(duration(120s), "60s");
  EXPECT_EQ(duration(119s), "0s");
  EXPECT_EQ(duration(-10s), "0s");
  EXPECT_EQ(duration(std::nullopt), "300s");
}

}  // namespace
}  // namespace portcullis
