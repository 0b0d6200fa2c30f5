#include "config/check.h"

#include <gtest/gtest.h>

#include "tests/config/sample.h"

namespace portcullis {
namespace {

constexpr std::string_view kBearer = R"("realm":"https://a/","service":"s")";
constexpr std::string_view kAws = R"(,"awsSecretsManager":{"region":"r","secretName":"n"})";

LoadedConfig sources(const std::string& bearer, const std::string& keys) {
  return load({.bearer = std::string(kBearer) + bearer, .keys = keys});
}

TEST(CheckSources, RefusesAGateThatWouldVerifyNothing) { EXPECT_TRUE(refuses(sources("", ""), "", "no token could be verified")); }

TEST(CheckSources, TakesExactlyOne) {
  const std::string aws(kAws);

  EXPECT_TRUE(loads(sources(R"(,"cert":"c")", "")));
  EXPECT_TRUE(loads(sources("", R"("file":"k")")));
  EXPECT_TRUE(loads(sources(aws, "")));
  EXPECT_TRUE(loads(sources("", R"("jwksURL":"https://j/")")));
  EXPECT_TRUE(refuses(sources(aws, R"("jwksURL":"https://j/")"), "portcullis.keys.jwksURL", "cannot configure both"));
  EXPECT_TRUE(
      refuses(sources(R"(,"cert":"c")", R"("file":"k")"), "portcullis.keys.file", "cannot configure both cert and portcullis.keys.file"));
  EXPECT_TRUE(
      refuses(sources(aws, R"("file":"k")"), "portcullis.keys.file", "cannot configure both AWS Secrets Manager and portcullis.keys.file"));
  EXPECT_TRUE(refuses(sources(aws + R"(,"cert":"c")", ""), "http.auth.bearer.awsSecretsManager",
                      "cannot configure both cert and AWS Secrets Manager"));
  EXPECT_TRUE(refuses(sources(R"(,"cert":"c")", R"("jwksURL":"https://j/")"), "portcullis.keys.jwksURL", "cannot configure both"));
  EXPECT_TRUE(refuses(sources("", R"("file":"k","jwksURL":"https://j/")"), "portcullis.keys.jwksURL", "cannot configure both"));
}

TEST(CheckSources, AFileOfLoginsAloneLacksNothingForACommand) {
  const auto load_broker = [](bool commands_alone, std::string_view more = "", std::string_view broker = "") {
    const std::string text =
        R"({"portcullis":{)" + std::string(more) + R"("broker":{"registries":{"public.ecr.aws":{}})" + std::string(broker) + "}}}";
    return load_config_text(text, "/etc", {.listen = {}, .admin = {}, .trusted = {}, .log_level = {}, .commands_alone = commands_alone});
  };
  EXPECT_TRUE(loads(load_broker(true)));
  EXPECT_TRUE(refuses(load_broker(false), "http.auth.bearer", "realm and service must be specified")) << "what serves";
  EXPECT_TRUE(refuses(load_broker(false), "", "no token could be verified"));
  EXPECT_TRUE(refuses(load_broker(true, R"("keys":{"file":"k"},)"), "http.auth.bearer", "realm and service"))
      << "it says something of a gate";
  EXPECT_TRUE(refuses(load_broker(true, R"("listen":["unix:g.sock"],)"), "http.auth.bearer", "realm and service"));
  EXPECT_TRUE(refuses(load_broker(true, "", R"(,"routes":[{"repositories":"**","registry":"public.ecr.aws"}])"), "http.auth.bearer",
                      "realm and service"));
  EXPECT_TRUE(refuses(load_config_text(R"({"portcullis":{"workers":1}})", "/etc",
                                       {.listen = {}, .admin = {}, .trusted = {}, .log_level = {}, .commands_alone = true}),
                      "http.auth.bearer", "realm and service"))
      << "there are no logins in it";
}

TEST(CheckSources, ASourceThatIsNotAvailableIsTheOnlyFault) {
  EXPECT_EQ(count_errors(sources(R"(,"oidc":{"issuer":"https://i","audiences":"a"})", "")), 1U);
}

TEST(CheckListeners, RefusesEqualOnes) {
  EXPECT_TRUE(refuses(load({.listen = R"(["unix:/a","unix:/a"])"}), "portcullis.listen", "are one address"));
  EXPECT_TRUE(refuses(load({.listen = R"(["127.0.0.1:1","localhost:1"])", .portcullis = R"("proxy":{"trusted":"::1"},)"}),
                      "portcullis.listen", "are one address"));
  EXPECT_TRUE(loads(load({.listen = R"(["127.0.0.1:0","127.0.0.1:0"])", .portcullis = R"("proxy":{"trusted":"::1"},)"})));
}

TEST(CheckListeners, KeepsAdminOffTheGate) {
  EXPECT_TRUE(refuses(load({.listen = R"("127.0.0.1:9181")", .portcullis = R"("proxy":{"trusted":"::1"},)"}), "portcullis.admin",
                      "an address of the gate too"));
  EXPECT_TRUE(refuses(load({.listen = R"("0.0.0.0:9181")", .portcullis = R"("proxy":{"trusted":"::1"},)"}), "portcullis.admin",
                      "an address of the gate too"));
  EXPECT_TRUE(loads(load({.listen = R"("127.0.0.1:9182")", .portcullis = R"("proxy":{"trusted":"::1"},)"})));
  EXPECT_TRUE(refuses(load({.portcullis = R"("admin":"unix:/run/gate.sock",)"}), "portcullis.admin", "an address of the gate too"));
}

TEST(CheckListeners, WarnsOfAnAdminThatOthersReach) {
  EXPECT_TRUE(warns(load({.portcullis = R"("admin":"0.0.0.0:9181",)"}), "portcullis.admin", "other hosts"));
  EXPECT_TRUE(load({.portcullis = R"("admin":"127.0.0.1:9181",)"}).findings.empty());
}

TEST(CheckTrust, RefusesTcpThatTrustsNobodyLoopbackIncluded) {
  for (const std::string_view proxy : {"", R"("proxy":{},)", R"("proxy":{"trusted":[]},)"}) {
    const LoadedConfig loaded = load({.listen = R"("127.0.0.1:9180")", .portcullis = std::string(proxy)});
    EXPECT_TRUE(refuses(loaded, "portcullis.proxy.trusted", "portcullis.proxy.trusted")) << proxy;
    EXPECT_TRUE(refuses(loaded, "portcullis.proxy.trusted", "--trust CIDR")) << proxy;
  }
  EXPECT_TRUE(loads(load({.listen = R"("127.0.0.1:9180")", .portcullis = R"("proxy":{"trusted":"127.0.0.1/32"},)"})));
}

TEST(CheckTrust, ABadRangeIsOneFaultAndNotTwo) {
  EXPECT_EQ(count_errors(load({.listen = R"("127.0.0.1:9180")", .portcullis = R"("proxy":{"trusted":"nginx"},)"})), 1U);
}

TEST(CheckTrust, RefusesAUnixSocketThatNobodyMayAsk) {
  EXPECT_TRUE(refuses(load({.portcullis = R"("proxy":{"trustedUsers":[]},)"}), "portcullis.proxy.trustedUsers", "nobody could ask"));
  EXPECT_TRUE(loads(load({.portcullis = R"("proxy":{"trustedUsers":["nginx"]},)"})));
}

TEST(CheckTrust, WarnsWhereEveryHostIsTrustedWithoutAMarker) {
  EXPECT_TRUE(warns(load({.portcullis = R"("proxy":{"trusted":"0.0.0.0/0"},)"}), "portcullis.proxy.trusted", "every host"));
  EXPECT_TRUE(warns(load({.portcullis = R"("proxy":{"trusted":"::/0"},)"}), "portcullis.proxy.trusted", "every host"));
  EXPECT_TRUE(load({.portcullis = R"("proxy":{"trusted":"0.0.0.0/0","markerFile":"m"},)"}).findings.empty());
  EXPECT_TRUE(load({.portcullis = R"("proxy":{"trusted":"0.0.0.0/1"},)"}).findings.empty());
}

TEST(CheckLimits, HeadersHoldTokenAndUri) {
  EXPECT_TRUE(loads(load({.portcullis = R"("limits":{"headerBytes":20480},)"})));
  EXPECT_TRUE(
      refuses(load({.portcullis = R"("limits":{"headerBytes":20479},)"}), "portcullis.limits.headerBytes", "cannot hold a token of 16384"));
}

TEST(CheckLimits, WarnsOfAnIdleTimeThatNginxOutlives) {
  EXPECT_TRUE(warns(load({.portcullis = R"("limits":{"idle":"60s"},)"}), "portcullis.limits.idle", "nginx"));
  EXPECT_TRUE(load({.portcullis = R"("limits":{"idle":"60001ms"},)"}).findings.empty());
}

/// A policy with this condition, and `proxy` beside the trusted address.
LoadedConfig on_the_client(const std::string& condition, const std::string& proxy) {
  return load(
      {.http = R"("accessControl":{"repositories":{"**":{"policies":[{"users":["a"],"actions":["read"],"conditions":[{"expression":")" +
               condition + R"("}]}]}}},)",
       .portcullis = R"("proxy":{"trusted":"::1")" + proxy + "},"});
}

TEST(CheckClientAddress, WarnsWhereAConditionReadsWhatNobodyStates) {
  constexpr std::string_view kPath = "portcullis.proxy.clientAddress";
  for (const char* condition : {"req.client.ip == ''", "req['client'].ip == ''", "req[\\\"client\\\"]['ip'] == ''"}) {
    EXPECT_TRUE(warns(on_the_client(condition, ""), kPath, "req.client.ip is empty")) << condition;
    EXPECT_FALSE(warns(on_the_client(condition, R"(,"clientAddress":"X-Real-IP")"), kPath)) << condition;
  }
  EXPECT_FALSE(warns(on_the_client("req.client.peer == ''", ""), kPath));
}

TEST(CheckClientAddress, WarnsOfShadowPoliciesAndOfTheBrokersToo) {
  constexpr std::string_view kPath = "portcullis.proxy.clientAddress";
  const std::string conditions = R"("conditions":[{"expression":"req.client.ip == ''"}])";
  const std::string stated = R"("proxy":{"trusted":"::1","clientAddress":"X-Real-IP"},)";
  const std::string shadow = R"("shadow":{"adminPolicy":{"users":["a"],"actions":["read"],)" + conditions + "}},";
  const std::string broker = R"("broker":{"policy":[{"users":["a"],)" + conditions + "}]},";

  EXPECT_TRUE(warns(load({.portcullis = shadow}), kPath, "in the conditions of portcullis.shadow"));
  EXPECT_TRUE(warns(load({.portcullis = broker}), kPath, "in the conditions of portcullis.broker.policy"));
  for (const std::string& section : {shadow, broker}) EXPECT_FALSE(warns(load({.portcullis = section + stated}), kPath)) << section;
}

TEST(CheckClientAddress, WarnsOfHeadersThatHoldLists) {
  for (const char* name : {"X-Forwarded-For", "x-forwarded-for", "Forwarded"}) {
    EXPECT_TRUE(
        warns(on_the_client("true", R"(,"clientAddress":")" + std::string(name) + "\""), "portcullis.proxy.clientAddress", "a list"))
        << name;
  }
}

}  // namespace
}  // namespace portcullis
