// Ways past the gate, each beside the same door with its question.
#include "plugin/cli/nginx_bypass.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "plugin/cli/nginx_lint.h"

namespace portcullis {
namespace {

/// Behind a server whose `/v2/` asks.
constexpr std::string_view kGated = R"(upstream registry { server 127.0.0.1:5000; server 10.0.0.2:5000 backup; }
upstream portcullis { server unix:/run/portcullis/gate.sock; }
server { location /v2/ { auth_request /_gate; proxy_pass http://registry; }
  location = /_gate { internal; proxy_pass http://portcullis/auth; } }
)";

/// What is found behind the gated server, in the order of the file: `open location /v2/open/`.
std::vector<std::string> found(std::string_view more) {
  const auto directives = read_nginx(std::string(kGated) + std::string(more));
  EXPECT_TRUE(directives.ok()) << more;
  std::vector<std::string> names;
  if (!directives.ok()) return names;
  for (const NginxBypass& bypass : find_bypasses(*directives)) {
    constexpr std::array kKinds = {"open", "off", "included", "internal"};
    std::string name = kKinds.at(static_cast<std::size_t>(bypass.kind));
    for (const std::string& word : bypass.location->words) name += " " + word;
    names.push_back(std::move(name));
  }
  return names;
}

using Found = std::vector<std::string>;

TEST(NginxBypass, IsALocationWithoutAQuestionThatLeadsToTheSamePlace) {
  EXPECT_EQ(found(""), Found{});
  EXPECT_EQ(found("server { listen 81; location /v2/ { proxy_pass http://registry; } }"), Found{"open location /v2/"});
  EXPECT_EQ(found("server { auth_request /_gate; location /v2/open/ { auth_request off; proxy_pass http://registry; } }"),
            Found{"off location /v2/open/"});
  EXPECT_EQ(found("http { server { location / { location ~ /x { proxy_pass http://registry; } } } }"), Found{"open location ~ /x"});
  EXPECT_EQ(found("server { location = /a { if ($arg_x) { proxy_pass http://registry; } } }"), Found{"open location = /a"});
}

TEST(NginxBypass, IsNoneWhereAQuestionIsInherited) {
  EXPECT_EQ(found("server { auth_request /_gate; location /v2/ { proxy_pass http://registry; } }"), Found{});
  EXPECT_EQ(found("http { auth_request /_gate; server { location /v2/ { proxy_pass http://registry; } } }"), Found{});
  EXPECT_EQ(found("server { location / { auth_request /_gate; location /v2/ { proxy_pass http://registry; } } }"), Found{});
}

TEST(NginxBypass, KnowsARegistryByNameHostAndPort) {
  const auto leads = [](const std::string& url) { return !found("server { location /x { proxy_pass " + url + "; } }").empty(); };
  for (const char* url : {"http://REGISTRY", "http://registry/v2/", "http://registry$request_uri", "http://127.0.0.1:5000",
                          "http://localhost:5000/", "https://10.0.0.2:5000"})
    EXPECT_TRUE(leads(url)) << url;
  for (const char* url : {"http://127.0.0.1:5001", "http://127.0.0.1", "http://registry.example.com", "http://other", "$registry",
                          "http://unix:/run/registry.sock"})
    EXPECT_FALSE(leads(url)) << url;
}

TEST(NginxBypass, KnowsSocketsVariablesLiteralsAndUsualPorts) {
  const auto leads = [](const std::string& gated, const std::string& other) {
    return !found("server { location /g/ { auth_request /_gate; proxy_pass " + gated + "; } location /o/ { proxy_pass " + other + "; } }")
                .empty();
  };
  EXPECT_TRUE(leads("http://unix:/run/r.sock", "http://unix:/run/r.sock:/v2/"));
  EXPECT_FALSE(leads("http://unix:/run/r.sock", "http://unix:/run/q.sock"));
  EXPECT_TRUE(leads("$backend", "$backend"));
  EXPECT_TRUE(leads("http://r.example.com", "http://r.example.com:80/x"));
  EXPECT_TRUE(leads("https://r.example.com", "https://r.example.com:443"));
  EXPECT_FALSE(leads("https://r.example.com", "http://r.example.com"));
  EXPECT_TRUE(leads("http://[::1]", "http://[::1]:80"));
  EXPECT_FALSE(leads("http://[::1]:5000", "http://[::1]"));
}

TEST(NginxBypass, IsNothingThatLeadsToTheGateOrNowhere) {
  for (const char* location :
       {"location = /zot/auth/token { proxy_pass http://portcullis; }",
        "location = /v1/verify { auth_request off; proxy_pass http://portcullis; }", "location = / { return 200 hello; }",
        "location /v2/ { return 403; proxy_pass http://registry; }", "location /v2/ { deny all; proxy_pass http://registry; }"})
    EXPECT_EQ(found("server { " + std::string(location) + " }"), Found{}) << location;
  EXPECT_EQ(found("server { return 301 https://a$request_uri; location / { proxy_pass http://registry; } }"), Found{});
  EXPECT_EQ(found("server { auth_request /_gate; location = /t { auth_request off; proxy_pass http://portcullis; } }"), Found{});

  EXPECT_NE(found("server { location / { allow 10.0.0.0/8; deny all; proxy_pass http://registry; } }"), Found{}) << "some get in";
  EXPECT_NE(found("server { location / { if ($a) { return 403; } proxy_pass http://registry; } }"), Found{}) << "some get in";
  EXPECT_NE(found("server { satisfy any; location / { deny all; proxy_pass http://registry; } }"), Found{}) << "another way in is enough";
}

TEST(NginxBypass, IsUnsureOfWhatWasNotReadAndOfWhereClientsComeFrom) {
  EXPECT_EQ(found("server { location /x { include gate.conf; proxy_pass http://registry; } }"), Found{"included location /x"});
  EXPECT_EQ(found("server { include mime.types; location /x { proxy_pass http://registry; } }"), Found{"open location /x"});
  EXPECT_EQ(found("server { include a.conf; location /x { auth_request off; proxy_pass http://registry; } }"), Found{"off location /x"});
  EXPECT_EQ(found("server { location @registry { proxy_pass http://registry; } }"), Found{"internal location @registry"});
  EXPECT_EQ(found("server { location /x { internal; proxy_pass http://registry; } }"), Found{"internal location /x"});
}

TEST(NginxBypass, IsAStepOfTheDoctor) {
  DoctorReport report;
  lint_nginx(
      std::string(kGated) +
          "server {\n location /v2/open/ { auth_request off; proxy_pass http://registry; }\n location @r { proxy_pass http://registry; } }",
      "n.conf", report);
  const std::vector<DoctorStep>& steps = report.steps();
  ASSERT_GE(steps.size(), 2U);
  EXPECT_EQ(steps[steps.size() - 2].step, "n.conf:6: location /v2/open/");
  EXPECT_EQ(steps[steps.size() - 2].health, DoctorStep::Health::failed);
  EXPECT_EQ(steps[steps.size() - 2].detail, "reaches the registry without asking the gate: auth_request is off");
  EXPECT_EQ(steps.back().step, "n.conf:7: location @r");
  EXPECT_EQ(steps.back().health, DoctorStep::Health::warning);
}

}  // namespace
}  // namespace portcullis
