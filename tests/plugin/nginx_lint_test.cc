// What is often wrong with an nginx that asks the gate: each mistake in a file that is good otherwise.
#include "plugin/cli/nginx_lint.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

constexpr std::string_view kGood = R"(server { large_client_header_buffers 4 32k; client_max_body_size 0;
  location /v2/ {
    auth_request /_gate;
    proxy_pass http://registry;
    proxy_set_header Authorization "";
    proxy_set_header X-Auth-Request-User $user;
    proxy_set_header X-Auth-Request-Groups $groups;
    proxy_set_header X-Registry-Authorization "";
  }
  location = /_gate {
    internal;
    proxy_pass http://portcullis/auth; proxy_pass_request_body off;
    proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Original-URI $request_uri;
  }
})";

/// The good file with `old` in the place of which stands `now`.
std::string with(std::string_view old, std::string_view now) {
  std::string text(kGood);
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), now);
}

DoctorReport judged(std::string_view text) {
  DoctorReport report;
  lint_nginx(text, "nginx.conf", report);
  return report;
}

/// What the first step that is not ok says, with its place; empty: all are.
std::string first_fault(std::string_view text) {
  const DoctorReport report = judged(text);
  for (const DoctorStep& step : report.steps()) {
    if (step.health != DoctorStep::Health::ok) return step.step + " | " + step.detail;
  }
  return "";
}

TEST(NginxLint, PassesAGoodFile) {
  const DoctorReport report = judged(kGood);
  ASSERT_EQ(report.steps().size(), 1U);
  EXPECT_EQ(report.steps()[0].step, "nginx.conf:2: location /v2/");
  EXPECT_EQ(report.steps()[0].detail, "asks the gate");
}

TEST(NginxLint, FindsWhatLetsPeopleInWithoutTheGate) {
  EXPECT_EQ(first_fault(with("auth_request /_gate;", "auth_request off;")),
            "nginx.conf | no location with proxy_pass has auth_request: nobody asks the gate");
  EXPECT_EQ(first_fault(with("auth_request /_gate;", "auth_request /_gate; satisfy any;")),
            "nginx.conf:3: satisfy any | one of several ways in is enough, and the gate may not be asked at all");
  EXPECT_EQ(first_fault(with("server {", "satisfy any; server {")), "") << "outside of the blocks around it";
  EXPECT_NE(first_fault(with("server {", "server { satisfy any;")), "");
  EXPECT_EQ(first_fault(with("server {", "server { satisfy all;")), "");
}

TEST(NginxLint, FindsAPathThatReplacesTheOneThatWasJudged) {
  for (const char* url : {"http://registry/", "http://registry/v2/", "http://unix:/run/r.sock:/"})
    EXPECT_NE(first_fault(with("http://registry", url)).find("the path that the gate judged"), std::string::npos) << url;
  for (const char* url : {"https://registry:5000", "http://unix:/run/r.sock", "$upstream"})
    EXPECT_EQ(first_fault(with("http://registry", url)), "") << url;
}

TEST(NginxLint, FindsHeadersOfAClientThatReachTheRegistry) {
  const std::string own = "nginx.conf:2: location /v2/ | headers of a client's own reach the registry: ";
  EXPECT_EQ(first_fault(with("proxy_set_header X-Auth-Request-User $user;", "")), own + "X-Auth-Request-User");
  EXPECT_EQ(first_fault(with("proxy_set_header X-Auth-Request-User $user;\n    proxy_set_header X-Auth-Request-Groups $groups;",
                             "proxy_set_header x-registry-authorization $http_x;")),
            own + "X-Auth-Request-User, X-Auth-Request-Groups");
  EXPECT_NE(first_fault(with("$groups", "$http_x_auth_request_groups")), "");
  EXPECT_NE(first_fault(with("proxy_set_header X-Registry-Authorization \"\";", "")), "");
  EXPECT_NE(first_fault(with("proxy_set_header Authorization \"\";", "")).find("token goes on to the registry"), std::string::npos);
  EXPECT_NE(first_fault(with("Authorization \"\"", "Authorization $http_authorization")), "");
  EXPECT_EQ(first_fault(with("Authorization \"\"", "authorization $login")), "");
}

TEST(NginxLint, HeadersAreInheritedAsAWholeOrNotAtAll) {
  const std::string around =
      "server { client_max_body_size 0; large_client_header_buffers 4 32k; proxy_pass_request_body off; proxy_set_header Authorization "
      "\"\"; "
      "proxy_set_header X-Auth-Request-User \"\"; proxy_set_header X-Auth-Request-Groups "
      "\"\"; "
      "proxy_set_header X-Registry-Authorization \"\"; location /v2/ { auth_request /g; proxy_pass http://r; MORE } location = /g { "
      "internal; "
      "proxy_pass http://p/auth; proxy_set_header X-Original-Method $request_method; proxy_set_header X-Original-URI $request_uri; } }";
  const auto with_more = [&around](std::string_view more) { return std::string(around).replace(around.find("MORE"), 4, more); };
  EXPECT_EQ(first_fault(with_more("")), "");
  EXPECT_NE(first_fault(with_more("proxy_set_header Host $http_host;")), "");
}

TEST(NginxLint, JudgesTheQuestionItself) {
  EXPECT_NE(first_fault(with("location = /_gate", "location = /_other")).find("is not in this file"), std::string::npos);
  EXPECT_NE(first_fault(with("internal;", "")).find("clients can ask the gate"), std::string::npos);
  EXPECT_NE(first_fault(with("proxy_pass http://portcullis/auth;", "")).find("asks nobody"), std::string::npos);
  EXPECT_NE(first_fault(with("proxy_set_header X-Original-Method $request_method;", "")).find("not told the method"), std::string::npos);
  EXPECT_NE(first_fault(with("$request_method", "GET")), "");
  EXPECT_NE(first_fault(with("$request_uri", "$uri")).find("not told the path"), std::string::npos);
  EXPECT_NE(first_fault(with("server {", "server { proxy_cache answers;")).find("answers of the gate are kept"), std::string::npos);
  EXPECT_EQ(first_fault(with("internal;", "internal; proxy_cache off;")), "");
}

TEST(NginxLint, FindsAQuestionWithTheBodyOrWithoutTheToken) {
  EXPECT_NE(first_fault(with("proxy_pass_request_body off;", "")).find("the body of a push"), std::string::npos);
  EXPECT_NE(first_fault(with("proxy_pass_request_body off;", "proxy_pass_request_body on;")), "");
  const auto without_headers = [](std::string_view token) {
    return first_fault(with("internal;", "internal; proxy_pass_request_headers off; " + std::string(token)));
  };
  EXPECT_NE(without_headers("").find("is not told the token"), std::string::npos);
  EXPECT_EQ(without_headers("proxy_set_header Authorization $http_authorization;"), "");
  EXPECT_EQ(first_fault(with("internal;", "internal; proxy_pass_request_headers on;")), "") << "the client's own is passed on";
  EXPECT_NE(first_fault(with("internal;", "internal; proxy_set_header Authorization \"\";")), "");
}

TEST(NginxLint, FindsSizesThatNginxItselfRefuses) {
  const auto buffers = [](std::string_view now) { return first_fault(with("large_client_header_buffers 4 32k;", now)); };
  EXPECT_NE(buffers("").find("nginx answers 400 to tokens"), std::string::npos);
  for (const char* size : {"16k", "8k", "17407", "many", "k", ""})
    EXPECT_NE(buffers("large_client_header_buffers 4 " + std::string(size) + ";"), "") << size;
  for (const char* size : {"17k", "17408", "32K", "1m"})
    EXPECT_EQ(buffers("large_client_header_buffers 4 " + std::string(size) + ";"), "") << size;
  EXPECT_NE(first_fault(with("client_max_body_size 0;", "")).find("nginx answers 413 to layers"), std::string::npos);
  EXPECT_TRUE(judged(with("client_max_body_size 0;", "")).good()) << "http, in another file, may have it";
}

TEST(NginxLint, SaysWhatItDidNotRead) {
  EXPECT_EQ(first_fault(with("server {", "include mime.types; server {")), "");
  EXPECT_EQ(first_fault(with("server {", "include other.conf; server {")),
            "nginx.conf:1: include other.conf | is not read: give it to --nginx by itself");
  EXPECT_TRUE(judged(with("server {", "include other.conf; server {")).good());
  EXPECT_EQ(first_fault("server {"), "nginx.conf | line 1: a block has no end: } is missing");
}

}  // namespace
}  // namespace portcullis
