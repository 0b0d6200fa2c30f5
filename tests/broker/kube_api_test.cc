#include "broker/kubernetes/kube_api.h"

#include <gtest/gtest.h>

#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using test::contains;
using test::header_of;
using Verdict = KubeOutcome::Verdict;

class KubeApiTest : public testing::Test {
 protected:
  KubeApiTest() {
    (void)files.write("/sa/token", "first\n", 0600);
    (void)files.write("/sa/ca.crt", "a certificate", 0600);
    (void)files.write("/sa/namespace", "registry\n", 0600);
  }

  KubeApi api() {
    return KubeApi(http, files,
                   {.server = "https://10.0.0.1:443", .token_file = "/sa/token", .ca_file = "/sa/ca.crt", .space = "registry"});
  }
  OutgoingRequest last() { return http.asked().back(); }

  FakeHttp http;
  FakeFiles files;
};

constexpr const char* kObject = R"({"metadata":{"name":"s","namespace":"n","uid":"u","resourceVersion":"2"}})";

TEST_F(KubeApiTest, IsFoundInAPod) {
  const FakeEnvironment pod({{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}, {"KUBERNETES_SERVICE_PORT", "6443"}});

  const auto access = in_cluster_access(pod, files, "/sa");

  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->server, "https://10.0.0.1:6443");
  EXPECT_EQ(access->space, "registry");
  const FakeEnvironment v6(test::Variables{{"KUBERNETES_SERVICE_HOST", "fd00::1"}});
  EXPECT_EQ(in_cluster_access(v6, files, "/sa")->server, "https://[fd00::1]:443");
}

TEST_F(KubeApiTest, IsNotFoundElsewhere) {
  const auto why = [this](std::map<std::string, std::string> variables, const std::string& folder = "/sa") {
    const auto access = in_cluster_access(FakeEnvironment(std::move(variables)), files, folder);
    EXPECT_FALSE(access.ok());
    return access.ok() ? "" : access.error().detail;
  };
  EXPECT_TRUE(contains(why({}), "KUBERNETES_SERVICE_HOST is not set"));
  EXPECT_TRUE(contains(why({{"KUBERNETES_SERVICE_HOST", "a/b"}}), "no host"));
  for (const char* port : {"0", "65536", "x", "1x", "-1"}) {
    EXPECT_TRUE(contains(why({{"KUBERNETES_SERVICE_HOST", "a"}, {"KUBERNETES_SERVICE_PORT", port}}), "no port")) << port;
  }
  EXPECT_TRUE(contains(why({{"KUBERNETES_SERVICE_HOST", "a"}}, "/nowhere"), "not mounted"));
  (void)files.write("/sa/namespace", "../x", 0600);
  EXPECT_TRUE(contains(why({{"KUBERNETES_SERVICE_HOST", "a"}}), "no name of a namespace"));
}

TEST_F(KubeApiTest, AsksWithTheTokenOfTheMomentAndTrustsTheClustersAuthorityAlone) {
  KubeApi one = api();
  http.answer(200, R"({"items":[]})");
  http.answer(200, R"({"items":[]})");

  (void)one.namespaces("a=b");
  EXPECT_EQ(header_of(last(), "Authorization"), "Bearer first");
  (void)files.write("/sa/token", "second", 0600);
  (void)one.namespaces("a=b");

  EXPECT_EQ(header_of(last(), "Authorization"), "Bearer second");
  EXPECT_EQ(last().ca_file, "/sa/ca.crt");
  EXPECT_EQ(last().reachable, ReachableHosts::public_only);
}

TEST_F(KubeApiTest, AsksNobodyWithoutAToken) {
  KubeApi one = api();
  (void)files.write("/sa/token", "\n", 0600);
  EXPECT_TRUE(contains(one.namespaces("").detail, "is empty"));
  files.remove("/sa/token");
  EXPECT_TRUE(contains(one.namespaces("").detail, "cannot be read"));
  EXPECT_TRUE(http.asked().empty());
}

TEST_F(KubeApiTest, ListsMetadataAloneAndReadsEveryPage) {
  KubeApi one = api();
  http.answer(200, R"({"metadata":{"continue":"a b"},"items":[{"metadata":{"name":"x","uid":"1","resourceVersion":"1"}}]})");
  http.answer(200, R"({"metadata":{},"items":[{"metadata":{"name":"y","uid":"2","resourceVersion":"1"}}]})");

  const KubeListing listing = one.namespaces("pulls in (yes,1)");

  ASSERT_EQ(listing.verdict, Verdict::done);
  ASSERT_EQ(listing.objects.size(), 2U);
  EXPECT_EQ(listing.objects[1].name, "y");
  EXPECT_EQ(http.asked()[0].url, "https://10.0.0.1:443/api/v1/namespaces?limit=500&labelSelector=pulls+in+%28yes%2C1%29");
  EXPECT_TRUE(contains(last().url, "&continue=a+b"));
  EXPECT_TRUE(contains(header_of(last(), "Accept"), "as=PartialObjectMetadataList"));
}

TEST_F(KubeApiTest, GivesUpOnAListThatNeverEnds) {
  KubeApi one = api();
  for (int i = 0; i < 400; ++i) http.answer(200, R"({"metadata":{"continue":"x"},"items":[]})");

  EXPECT_EQ(one.namespaces("").verdict, Verdict::failed);
  EXPECT_EQ(http.asked().size(), 400U);
}

TEST_F(KubeApiTest, ListsSecretsByLabelAndByNameInOneNamespaceOrAll) {
  KubeApi one = api();
  for (int i = 0; i < 3; ++i) http.answer(200, R"({"items":[]})");

  (void)one.secrets_labelled(std::nullopt, "a=b");
  EXPECT_TRUE(contains(last().url, "/api/v1/secrets?limit=500&labelSelector=a%3Db"));
  (void)one.secrets_labelled("shop", "a=b");
  EXPECT_TRUE(contains(last().url, "/api/v1/namespaces/shop/secrets?limit=500&labelSelector=a%3Db"));
  (void)one.secrets_called(std::nullopt, "regcred");
  EXPECT_TRUE(contains(last().url, "/api/v1/secrets?limit=500&fieldSelector=metadata.name%3Dregcred"));
}

TEST_F(KubeApiTest, WritesAsOneFieldManager) {
  KubeApi one = api();
  http.answer(201, kObject);
  http.answer(200, kObject);

  EXPECT_EQ(one.create_secret("n", "{}").object.uid, "u");
  EXPECT_EQ(last().method, "POST");
  EXPECT_EQ(last().url, "https://10.0.0.1:443/api/v1/namespaces/n/secrets?fieldManager=portcullis");
  EXPECT_EQ(one.apply_secret("n", "s", "{}").object.version, "2");
  EXPECT_EQ(last().method, "PATCH");
  EXPECT_EQ(last().url, "https://10.0.0.1:443/api/v1/namespaces/n/secrets/s?fieldManager=portcullis&force=true");
  EXPECT_EQ(header_of(last(), "Content-Type"), "application/apply-patch+yaml");
}

TEST_F(KubeApiTest, RemovesThatObjectInThatVersionAlone) {
  KubeApi one = api();
  http.answer(200, R"({"kind":"Status","status":"Success"})");

  EXPECT_EQ(one.remove_secret({.space = "n", .name = "s", .uid = "u", .version = "2"}).verdict, Verdict::done);

  EXPECT_EQ(last().method, "DELETE");
  EXPECT_EQ(last().body, R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u","resourceVersion":"2"}})");
}

TEST_F(KubeApiTest, TellsApartWhatWasAnswered) {
  const std::pair<int, Verdict> rows[] = {{401, Verdict::forbidden}, {403, Verdict::forbidden}, {404, Verdict::missing},
                                          {409, Verdict::conflict},  {302, Verdict::failed},    {422, Verdict::failed},
                                          {500, Verdict::failed}};
  KubeApi one = api();
  for (const auto& [status, verdict] : rows) {
    http.answer(status, "{}");
    http.answer(status, "{}");
    EXPECT_EQ(one.apply_secret("n", "s", "{}").verdict, verdict) << status;
    EXPECT_EQ(one.namespaces("").verdict, verdict) << status;
  }
  http.fail("connection refused");
  EXPECT_EQ(one.create_secret("n", "{}").verdict, Verdict::failed);
  http.answer(200, "no object");
  EXPECT_EQ(one.create_secret("n", "{}").verdict, Verdict::failed);
}

TEST_F(KubeApiTest, SaysNothingSecretOfWhatWasSent) {
  KubeApi one = api();
  (void)files.write("/sa/token", "canary-token", 0600);
  http.answer(422, R"({"kind":"Status","reason":"Invalid","message":"canary-data","details":{"causes":[{"field":"data"}]}})");

  const KubeOutcome outcome = one.apply_secret("n", "s", R"({"data":{"token":"canary-data"}})");

  EXPECT_EQ(outcome.detail.find("canary"), std::string::npos) << outcome.detail;
}

}  // namespace
}  // namespace portcullis
