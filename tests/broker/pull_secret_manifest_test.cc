#include "broker/pull_secret/manifest.h"

#include <gtest/gtest.h>

#include "tests/broker/pull_secret_world.h"

namespace portcullis {
namespace {

using fake_kube::text_at;
using Type = GeneratedSecretConfig::Type;

class ManifestTest : public testing::Test {
 protected:
  ManifestTest() {
    config = test::selecting_pull_secret();
    config.labels = {{"team", "shop"}, {std::string(kOwnerLabel), "forged"}};
    config.annotations = {{"note", "mine"}, {std::string(kUidAnnotation), "forged"}};
    auto login = std::make_shared<RegistryLogin>();
    login->user = "u";
    login->password = Secret("p");
    data = *secret_data(Type::docker, {{.hosts = {"h"}, .login = std::move(login)}});
  }

  PullSecretConfig config;
  SecretData data;
  LoginTimes times{.renewed = test::kNow, .expires = test::kNow + std::chrono::hours(12)};
};

TEST_F(ManifestTest, CreationHoldsTheMarksAndNoLogin) {
  const fake_kube::Json made = fake_kube::parse(creation_manifest(config, {.name = "regcred", .type = Type::docker}));

  EXPECT_EQ(text_at(made.get(), {"metadata", "labels", "portcullis.internal/pull-secret"}), "pulls");
  EXPECT_EQ(text_at(made.get(), {"metadata", "annotations", "portcullis.internal/uid"}), "pending");
  EXPECT_EQ(text_at(made.get(), {"type"}), "kubernetes.io/dockerconfigjson");
  EXPECT_EQ(base64_decode(text_at(made.get(), {"data", ".dockerconfigjson"})).value(), R"({"auths":{}})");
  EXPECT_EQ(text_at(fake_kube::parse(creation_manifest(config, {.name = "t", .type = Type::generic})).get(), {"type"}), "Opaque");
}

TEST_F(ManifestTest, ApplyNamesTheObjectThatItMeansAndOurMarksBeatWhatIsConfigured) {
  const KubeObject object{.space = "shop", .name = "regcred", .uid = "u-1", .version = "9"};

  const fake_kube::Json made = fake_kube::parse(apply_manifest(config, object, data, times).reveal());

  EXPECT_EQ(text_at(made.get(), {"metadata", "uid"}), "u-1");
  EXPECT_EQ(text_at(made.get(), {"metadata", "resourceVersion"}), "9");
  EXPECT_EQ(text_at(made.get(), {"metadata", "namespace"}), "shop");
  EXPECT_EQ(text_at(made.get(), {"metadata", "labels", "team"}), "shop");
  EXPECT_EQ(text_at(made.get(), {"metadata", "labels", "portcullis.internal/pull-secret"}), "pulls");
  EXPECT_EQ(text_at(made.get(), {"metadata", "annotations", "note"}), "mine");
  EXPECT_EQ(text_at(made.get(), {"metadata", "annotations", "portcullis.internal/uid"}), "u-1");
  EXPECT_EQ(text_at(made.get(), {"metadata", "annotations", "portcullis.internal/type"}), "docker");
  EXPECT_EQ(text_at(made.get(), {"metadata", "annotations", "portcullis.internal/renewed-at"}), "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(text_at(made.get(), {"metadata", "annotations", "portcullis.internal/expires-at"}), "2026-03-02T00:00:00.000Z");
  EXPECT_EQ(base64_decode(text_at(made.get(), {"data", ".dockerconfigjson"})).value(), data.entries[0].second.reveal());
}

TEST_F(ManifestTest, ALoginWithoutEndHasNoExpiry) {
  times.expires.reset();
  const fake_kube::Json made =
      fake_kube::parse(apply_manifest(config, {.space = "a", .name = "b", .uid = "c", .version = "1"}, data, times).reveal());
  EXPECT_EQ(text_at(made.get(), {"metadata", "annotations", "portcullis.internal/expires-at"}), "");
}

TEST_F(ManifestTest, WhatIsPrintedIsNotOurs) {
  const std::string text(printed_manifest(config, "regcred", "shop", data, times).reveal());
  const fake_kube::Json made = fake_kube::parse(text);

  EXPECT_EQ(text_at(made.get(), {"metadata", "namespace"}), "shop");
  EXPECT_EQ(text_at(made.get(), {"metadata", "uid"}), "");
  EXPECT_FALSE(is_owned(KubeObject{.space = "shop",
                                   .name = "regcred",
                                   .uid = "u",
                                   .version = "1",
                                   .labels = fake_kube::texts_at(made.get(), {"metadata", "labels"}),
                                   .annotations = fake_kube::texts_at(made.get(), {"metadata", "annotations"})},
                        "pulls"));
  EXPECT_EQ(text_at(fake_kube::parse(printed_manifest(config, "regcred", "", data, times).reveal()).get(), {"metadata", "namespace"}), "");
}

}  // namespace
}  // namespace portcullis
