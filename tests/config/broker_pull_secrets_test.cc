// `portcullis.broker.pullSecrets`: every fault with its place and its words.
#include <string>

#include <gtest/gtest.h>

#include "tests/config/broker_sample.h"

namespace portcullis {
namespace {

TEST(BrokerPullSecrets, JudgesPullSecretsAsKubernetesWould) {
  const auto with = [](const std::string& members) {
    return load_login(kEcr, "", std::string(R"(,"pullSecrets":[{"name":"a","registries":[")") + kEcr + "\"]" + members + "}]");
  };
  const std::string path = "portcullis.broker.pullSecrets[0].";
  const std::string good = R"(,"secrets":[{"name":"pull"}])";
  EXPECT_TRUE(loads(with(good)));
  EXPECT_TRUE(refuses(with(""), path + "secrets", "a secret at least"));
  EXPECT_TRUE(refuses(with(R"(,"secrets":[{"name":"pull"},{"name":"pull"}])"), path + "secrets[1].name", "twice"));
  EXPECT_TRUE(refuses(with(R"(,"secrets":[{"name":"Pull"}])"), path + "secrets[0].name", "no name of a secret"));
  EXPECT_TRUE(refuses(with(good + R"(,"kubernetes":true)"), path + "namespaces", "must be given"));
  for (const char* nothing : {R"("matchLabels":{})", R"("matchExpressions":[])", R"("namespaces":[],"matchLabels":{})"})
    EXPECT_TRUE(refuses(with(good + R"(,"kubernetes":true,)" + nothing), path + "namespaces", "an empty one picks nothing")) << nothing;
  EXPECT_TRUE(loads(with(good + R"(,"kubernetes":true,"matchLabels":{},"namespaces":["default"])")));
  EXPECT_TRUE(refuses(with(good + R"(,"namespaces":["default"])"), path + "namespaces", "kubernetes"));
  EXPECT_TRUE(refuses(with(good + R"(,"kubernetes":true,"namespaces":["a.b"])"), path + "namespaces", "no name of a namespace"));
  EXPECT_TRUE(refuses(with(good + R"(,"labels":{"a b":"c"})"), path + "labels", "no label key"));
  EXPECT_TRUE(refuses(with(good + R"(,"kubernetes":true,"matchExpressions":[{"key":"k","operator":"In"}])"),
                      path + "matchExpressions[0].values", "a value at least"));
  EXPECT_TRUE(refuses(with(good + R"(,"kubernetes":true,"matchExpressions":[{"key":"k","operator":"Exists","values":["v"]}])"),
                      path + "matchExpressions[0].values", "do not go with"));
  EXPECT_TRUE(refuses(with(good + R"(,"refreshTime":"59s")"), path + "refreshTime", "must be from"));
}

TEST(BrokerPullSecrets, LetsOneOwnerWriteAFile) {
  const std::string one = std::string(R"("registries":[")") + kEcr + R"("],"secrets":{"name":"pull"},"folder":"out")";
  EXPECT_TRUE(refuses(load_login(kEcr, "", R"(,"pullSecrets":[{"name":"a",)" + one + R"(},{"name":"b",)" + one + "}]"),
                      "portcullis.broker.pullSecrets[1].secrets", "written to the same folder"));
}

const std::string kSecrets = R"("secrets":[{"name":"pull"}])";

/// One pull secret with these members, in a broker with one ECR host and `b.example`.
LoadedConfig load_pull_secret(const std::string& members) {
  return load_broker(std::string(R"("registries":{")") + kEcr + R"(":{},"b.example":{"username":"u","password":"p"}},"pullSecrets":[{)" +
                     members + "}]");
}

std::string of_ecr(const std::string& more) { return std::string(R"("name":"a","registries":[")") + kEcr + R"("],)" + more; }

TEST(BrokerPullSecrets, NameTheirRegistries) {
  const std::string path = "portcullis.broker.pullSecrets[0].registries";
  EXPECT_TRUE(refuses(load_pull_secret(R"("name":"a",)" + kSecrets), path, "must name a registry at least"));
  EXPECT_TRUE(refuses(load_pull_secret(R"("name":"a","registries":[],)" + kSecrets), path, "must name a registry at least"));
  EXPECT_TRUE(refuses(load_pull_secret(R"("name":"a","registries":["b.exampel"],)" + kSecrets), path, "did you mean \"b.example\"?"));
  EXPECT_TRUE(loads(load_pull_secret(R"("name":"a","registries":["B.example"],)" + kSecrets)));
  const LoadedConfig wrong = load_pull_secret(R"("name":"a","registries":7,)" + kSecrets);
  EXPECT_TRUE(refuses(wrong, path, "must be a list of strings"));
  EXPECT_FALSE(reports(wrong, Severity::error, path, "must name")) << "one fault is told once";
}

TEST(BrokerPullSecrets, HaveNamesOfTheirOwnThatAreLabels) {
  const auto named = [](const std::string& name) {
    return load_pull_secret(R"("name":")" + name + R"(","registries":["b.example"],)" + kSecrets);
  };
  const std::string path = "portcullis.broker.pullSecrets[0].name";
  for (const std::string& good : {std::string(63, 'n'), std::string("Team_a.1-b")}) EXPECT_TRUE(loads(named(good))) << good;
  for (const std::string& bad : {std::string(64, 'n'), std::string("-a"), std::string("a-"), std::string("a b"), std::string("é")})
    EXPECT_TRUE(refuses(named(bad), path, "is no label value, and it labels what is made")) << bad;
  EXPECT_TRUE(refuses(load_pull_secret(R"("registries":["b.example"],)" + kSecrets), path, "a pull secret needs a name"));
  const std::string one = R"("registries":["b.example"],)" + kSecrets;
  EXPECT_TRUE(refuses(load_pull_secret(R"("name":"a",)" + one + R"(},{"name":"a",)" + one), "portcullis.broker.pullSecrets[1].name",
                      "\"a\" stands there twice"));
}

TEST(BrokerPullSecrets, AGenericSecretIsOfOneRegistry) {
  const std::string generic = R"("secrets":[{"name":"pull","type":"generic"}])";
  EXPECT_TRUE(loads(load_pull_secret(of_ecr(generic))));
  EXPECT_TRUE(refuses(load_pull_secret(std::string(R"("name":"a","registries":[")") + kEcr + R"(","b.example"],)" + generic),
                      "portcullis.broker.pullSecrets[0].secrets[0].type",
                      "generic holds one user and token, and this pull secret names several registries"));
  EXPECT_TRUE(loads(load_pull_secret(std::string(R"("name":"a","registries":[")") + kEcr + R"(","b.example"],)" + kSecrets)));
}

TEST(BrokerPullSecrets, HoldTheBoundsOfNamesAndLabels) {
  const auto secret = [](const std::string& name) { return load_pull_secret(of_ecr(R"("secrets":[{"name":")" + name + R"("}])")); };
  const std::string name_path = "portcullis.broker.pullSecrets[0].secrets[0].name";
  for (const std::string& good : {std::string(253, 'a'), std::string("a.b-c"), std::string("0")}) EXPECT_TRUE(loads(secret(good))) << good;
  for (const std::string& bad : {std::string(254, 'a'), std::string("a..b"), std::string("-a"), std::string("a-"), std::string("a_b")})
    EXPECT_TRUE(refuses(secret(bad), name_path, "no name of a secret")) << bad;
  EXPECT_TRUE(refuses(load_pull_secret(of_ecr(R"("secrets":[{}])")), name_path, "a secret needs a name"));

  const auto label = [](const std::string& key, const std::string& value) {
    return load_pull_secret(of_ecr(kSecrets + R"(,"labels":{")" + key + R"(":")" + value + R"("})"));
  };
  const std::string path = "portcullis.broker.pullSecrets[0].labels";
  EXPECT_TRUE(loads(label("team", "")));
  EXPECT_TRUE(loads(label("example.com/team", "A_b.c-9")));
  EXPECT_TRUE(loads(label(std::string(63, 'k'), std::string(63, 'v'))));
  EXPECT_TRUE(refuses(label(std::string(64, 'k'), "v"), path, "no label key"));
  EXPECT_TRUE(refuses(label("k", std::string(64, 'v')), path, "no label value"));
  for (const char* key : {"/team", "Example.com/team", "example.com/", "a/b/c", "team-"})
    EXPECT_TRUE(refuses(label(key, "v"), path, "no label key"));
  EXPECT_TRUE(loads(load_pull_secret(of_ecr(kSecrets + R"(,"annotations":{"team":"any text, however long"})"))));
  EXPECT_TRUE(refuses(load_pull_secret(of_ecr(kSecrets + R"(,"labels":["team"])")), path, "must be an object of strings, not array"));
}

TEST(BrokerPullSecrets, HoldTheBoundsOfNamespaces) {
  const auto in = [](const std::string& name) {
    return load_pull_secret(of_ecr(kSecrets + R"(,"kubernetes":true,"namespaces":[")" + name + R"("])"));
  };
  EXPECT_TRUE(loads(in(std::string(63, 'n'))));
  EXPECT_TRUE(refuses(in(std::string(64, 'n')), "portcullis.broker.pullSecrets[0].namespaces", "no name of a namespace"));
}

TEST(BrokerPullSecrets, JudgeEachRequirementOfASelector) {
  const auto with = [](const std::string& requirement) {
    return load_pull_secret(of_ecr(kSecrets + R"(,"kubernetes":true,"matchExpressions":[{)" + requirement + "}]"));
  };
  const std::string path = "portcullis.broker.pullSecrets[0].matchExpressions[0].";
  for (const char* good : {R"("key":"k","operator":"In","values":["v"])", R"("key":"example.com/k","operator":"NotIn","values":["v","w"])",
                           R"("key":"k","operator":"Exists")", R"("key":"k","operator":"DoesNotExist")"})
    EXPECT_TRUE(loads(with(good))) << good;
  EXPECT_TRUE(refuses(with(R"("operator":"Exists")"), path + "key", "a requirement needs the key of a label"));
  EXPECT_TRUE(refuses(with(R"("key":"a b","operator":"Exists")"), path + "key", "\"a b\" is no label key"));
  EXPECT_TRUE(refuses(with(R"("key":"k")"), path + "operator", "must be In, NotIn, Exists or DoesNotExist"));
  EXPECT_TRUE(refuses(with(R"("key":"k","operator":"NotIn")"), path + "values", "must name a value at least: NotIn compares"));
  EXPECT_TRUE(refuses(with(R"("key":"k","operator":"In","values":["a b"])"), path + "values", "\"a b\" is no label value"));
  EXPECT_TRUE(refuses(with(R"("key":"k","operator":"DoesNotExist","values":["v"])"), path + "values", "do not go with DoesNotExist"));
}

TEST(BrokerPullSecrets, OnlyTheSameFolderAndNameIsOneFile) {
  const auto two = [](const std::string& folder, const std::string& name) {
    return loads(load_pull_secret(of_ecr(kSecrets + R"(,"folder":"out"},{"name":"b","registries":["b.example"],"secrets":[{"name":")" +
                                         name + R"("}],"folder":")" + folder + "\"")));
  };
  EXPECT_FALSE(two("out", "pull"));
  EXPECT_TRUE(two("out", "other"));
  EXPECT_TRUE(two("out2", "pull"));
}

}  // namespace
}  // namespace portcullis
