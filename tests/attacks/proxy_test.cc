// Section 2H, continued: headers, methods and peers between a client, a proxy and the gate.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/cli/nginx_lint.h"
#include "tests/attacks/attack.h"

namespace portcullis::attacks {
namespace {

constexpr std::string_view kMarkerConfig = R"("proxy":{"trusted":["127.0.0.1/32"],"markerFile":"marker"})";
constexpr std::string_view kMarkerLine = "0123456789abcdef0123456789abcdef";

TestGate marked_gate() {
  GateTexts texts = texts_of(gate_config(kMarkerConfig), secret_json({{"k1", &key_pair("ED25519")}}));
  texts.markers = std::string(kMarkerLine) + "\n";
  return TestGate(texts);
}

GateQuestion good_question() { return nginx_asks("GET", kWanted, bearer(good_token())); }

TEST(Attacks2H, N12_TakesExactlyOneStatementOfUriAndMethod) {
  TestGate gate;
  expect_allowed(gate.ask(good_question()));

  for (const auto& [name, value] : std::vector<std::pair<const char*, const char*>>{{"X-Original-URI", "/v2/team/app/manifests/v1"},
                                                                                    {"x-original-uri", "/v2/other/manifests/v1"},
                                                                                    {"X-Original-Method", "GET"},
                                                                                    {"X-Original-URL", "https://registry.example/v2/"},
                                                                                    {"X-Forwarded-Uri", "/v2/team/app/manifests/v1"},
                                                                                    {"X-Forwarded-Method", "GET"}}) {
    GateQuestion question = good_question();
    question.with(name, value);
    expect_refused(gate.ask(question), Reason::header_ambiguous);
    std::swap(question.headers.front(), question.headers.back());
    expect_refused(gate.ask(question), Reason::header_ambiguous);
  }
  for (const std::size_t missing : {0U, 1U}) {
    GateQuestion question = good_question();
    question.headers.erase(question.headers.begin() + static_cast<std::ptrdiff_t>(missing));
    expect_refused(gate.ask(question), Reason::request_incomplete);
  }
}

TEST(Attacks2H, N13_FoldsNoHeaderNames) {
  TestGate gate;

  for (const char* name : {"X_Original_URI", "X.Original.URI", "X-Original-URI-", "X-Original_URI", "XX-Original-URI"}) {
    GateQuestion question = good_question();
    question.with(name, "/v2/priv/manifests/x");
    expect_allowed(gate.ask(question));
    question.headers.erase(question.headers.begin() + 1);
    expect_refused(gate.ask(question), Reason::request_incomplete);
  }
  for (const char* name : {"X_Forwarded_Method", "Authorization_", "X_Authorization"}) {
    GateQuestion question = nginx_asks("GET", kWanted);
    question.with(name, bearer(good_token()));
    expect_refused(gate.ask(question), Reason::token_missing);
  }
}

TEST(Attacks2H, N14_IgnoresMethodOverrides) {
  TestGate gate;

  for (const char* name : {"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method", "_method"}) {
    GateQuestion question = nginx_asks("DELETE", kWanted, bearer(good_token()));
    question.with(name, "GET");
    expect_refused(gate.ask(question), Reason::scope_insufficient);
  }
  expect_refused(gate.ask(nginx_asks("POST", "/v2/team/app/blobs/uploads/?_method=GET", bearer(good_token()))), Reason::scope_insufficient);
}

TEST(Attacks2H, N15_KnowsSixMethods) {
  TestGate gate;

  for (const std::string& method :
       {std::string("FOO"), std::string("get"), std::string("Get"), std::string(300, 'A'), std::string("TRACE"), std::string("CONNECT"),
        std::string("PROPFIND"), std::string("GET "), std::string("GET\0", 4), std::string("GET HEAD"), std::string("M-SEARCH")}) {
    expect_refused(gate.ask(nginx_asks(method, kWanted, bearer(good_token()))), Reason::method_not_allowed);
    expect_refused(gate.ask(forward_asks(method, kWanted, bearer(good_token()))), Reason::method_not_allowed);
  }
}

TEST(Attacks2H, N16_LetsNoOptionsPass) {
  TestGate gate;

  expect_refused(gate.ask(nginx_asks("OPTIONS", kWanted)), Reason::method_not_allowed);
  expect_refused(gate.ask(nginx_asks("OPTIONS", "/v2/", bearer(good_token()))), Reason::method_not_allowed);
  GateQuestion preflight = nginx_asks("OPTIONS", kWanted);
  preflight.with("Origin", "https://evil.example").with("Access-Control-Request-Method", "DELETE");
  expect_refused(gate.ask(preflight), Reason::method_not_allowed);
}

TEST(Attacks2H, N17_RefusesTwoAuthorizationHeaders) {
  TestGate gate;
  const std::string good = bearer(good_token());

  for (const std::string& second : {good, std::string("Bearer x"), std::string("Basic dTpw"), std::string()}) {
    GateQuestion question = good_question();
    question.with("authorization", second);
    expect_refused(gate.ask(question), Reason::multiple_credentials, good);
  }
}

TEST(Attacks2H, N18_RefusesBodiesAndNamesThatAreNoTokens) {
  TestGate gate;
  GateQuestion with_body = good_question();
  with_body.has_body = true;
  expect_refused(gate.ask(with_body), Reason::body_not_allowed);

  for (const std::string& name : {std::string("Authorization "), std::string("X-Original-URI\t"), std::string(), std::string("X-A:B"),
                                  std::string("X-A\r"), std::string("X-A\0", 4), std::string("(x)"), std::string("X-\xc3\xa9")}) {
    GateQuestion question = good_question();
    question.with(name, "x");
    expect_refused(gate.ask(question), Reason::header_invalid);
  }
}

TEST(Attacks2H, N18_TakesNoTokenWithForeignBytes) {
  TestGate gate;
  const std::string token = good_token();

  for (const std::string& value :
       {"Bearer " + token + std::string(1, '\0') + "EVIL", "Bearer " + token + "\r\n X: 1", "Bearer " + token + "\n", "Bearer\v" + token}) {
    expect_refused(gate.ask(nginx_asks("GET", kWanted, value)), Reason::authorization_malformed);
  }
}

TEST(Attacks2H, N20_AlwaysAnswersEveryIdentityHeader) {
  TestGate gate;
  GateQuestion question = nginx_asks(
      "GET", kWanted, bearer(token_of(R"({"exp":1772366460,"access":[{"type":"repository","name":"team/app","actions":["pull"]}]})")));
  question.with("X-User", "root").with("X-Auth-Request-User", "root").with("X-Auth-Request-Groups", "admins").with("Remote-User", "root");

  const GateAnswer answer = gate.ask(question);

  expect_allowed(answer);
  EXPECT_EQ(header_of(answer, "X-Auth-Request-User"), "-");
  EXPECT_EQ(header_of(answer, "X-Auth-Request-Groups"), "-");
}

TEST(Attacks2H, N21_LetsNoNameBreakAHeader) {
  TestGate gate = gate_configured(
      R"("tokens":{"issuers":["any"],"audiences":["any"],"claimMapping":{"username":"claims.sub","groups":"claims.groups"}})");
  const auto token = [](std::string_view subject, std::string_view groups) {
    return token_of(R"({"sub":")" + std::string(subject) + R"(","groups":)" + std::string(groups) +
                    R"(,"exp":1772366460,"access":[{"type":"repository","name":"team/app","actions":["pull"]}]})");
  };

  for (const char* subject : {"a\\r\\nX-Admin: 1", "a\\u0000b", "a\\nb", "a\\u007f"})
    EXPECT_EQ(try_token(gate, token(subject, "[]")).http.status, 401) << subject;
  EXPECT_EQ(header_of(try_token(gate, token("j\xc3\xb6rg b", "[]")), "X-Auth-Request-User"), "j%C3%B6rg%20b");
  const GateAnswer listed = try_token(gate, token("alice", R"(["x,admins","100%","-"])"));
  EXPECT_EQ(header_of(listed, "X-Auth-Request-Groups"), "x%2Cadmins,100%25,%2D");
}

TEST(Attacks2H, N22_RefusesAnIdentityThatDoesNotFit) {
  TestGate gate = gate_configured(
      R"j("tokens":{"issuers":["any"],"audiences":["any"],"claimMapping":{"username":"claims.sub","groups":"claims.?groups.orValue([])"}})j");
  std::string groups = "[\"g\"";
  for (int i = 0; i < 300; ++i) groups += ",\"group-with-a-long-name-" + std::to_string(i) + "\"";
  const std::string token = good_token("team/app", "pull", "\"groups\":" + groups + "]");

  expect_refused(try_token(gate, token), Reason::claims_too_large);
  expect_refused(try_token(gate, token_of(R"({"sub":")" + std::string(9000, 'u') +
                                          R"(","exp":1772366460,"access":[{"type":"repository","name":"team/app","actions":["pull"]}]})")),
                 Reason::claims_too_large);
}

TEST(Attacks2H, N23_FindsAProxyThatLosesTheQuestion) {
  const std::string good =
      "server { location /v2/ { auth_request /_g; proxy_pass http://r; proxy_set_header Authorization \"\"; proxy_set_header "
      "X-Auth-Request-User $u; "
      "proxy_set_header X-Auth-Request-Groups $g; proxy_set_header X-Registry-Authorization \"\"; } location = /_g { internal; "
      "proxy_pass http://p/auth; proxy_set_header X-Original-Method $request_method; proxy_set_header X-Original-URI $request_uri; "
      "proxy_pass_request_body off; proxy_set_header Content-Length \"\"; } }";
  const auto passes = [](const std::string& text) {
    DoctorReport report;
    lint_nginx(text, "nginx.conf", report);
    return report.good();
  };
  EXPECT_TRUE(passes(good));

  for (const auto& [old, now] : std::vector<std::pair<std::string, std::string>>{{"auth_request /_g;", ""},
                                                                                 {"auth_request /_g;", "auth_request /_g; satisfy any;"},
                                                                                 {"http://r;", "http://r/;"},
                                                                                 {"X-Auth-Request-User", "X-Other"},
                                                                                 {"X-Original-Method", "X-Other"},
                                                                                 {"$request_uri", "$uri"},
                                                                                 {"internal;", "internal; proxy_cache answers;"}}) {
    std::string changed = good;
    changed.replace(changed.find(old), old.size(), now);
    EXPECT_FALSE(passes(changed)) << changed;
  }
}

TEST(Attacks2H, N24_LetsNoCacheKeepAnAnswer) {
  TestGate gate;

  for (const GateQuestion& question : {good_question(), nginx_asks("GET", kWanted), nginx_asks("GET", "/x%00")}) {
    EXPECT_EQ(header_of(gate.ask(question), "Cache-Control"), "no-store");
  }
}

TEST(Attacks2H, N25_AnswersGarbageWithARefusal) {
  TestGate gate;

  for (const std::string& uri :
       {std::string("garbage"), std::string("\xff\xfe"), std::string(" "), std::string("/"), std::string("/v2"), std::string(5000, '/'),
        "/v2/" + std::string(5000, 'a'), std::string("%"), std::string("/v2/pub/manifests/"), std::string("/v2/%zz")}) {
    const GateAnswer answer = gate.ask(nginx_asks("GET", uri, bearer(good_token())));
    EXPECT_EQ(answer.http.status, 403) << describe(answer);
    EXPECT_FALSE(answer.decision && answer.decision->allowed());
  }
}

TEST(Attacks2H, N26_KnowsNoHealthPathAndNoUserAgent) {
  TestGate gate;
  for (const char* agent : {"kube-probe/1.29", "GoogleHC/1.0", "ELB-HealthChecker/2.0"}) {
    GateQuestion question = nginx_asks("GET", kWanted);
    question.with("User-Agent", agent);
    expect_refused(gate.ask(question), Reason::token_missing);
  }
  for (const char* uri : {"/v2/../healthz", "/healthz", "/livez", "/metrics", "/v2/healthz", "/status"})
    EXPECT_EQ(gate.ask(nginx_asks("GET", uri)).http.status, 403) << uri;

  for (const char* uri : {"/healthz", "/livez", "/readyz", "/metrics", "/status", "/", "/auth/", "/auth/../healthz"}) {
    GateQuestion question;
    question.uri = uri;
    EXPECT_EQ(gate.ask(question).http.status, 404) << uri;
  }
}

TEST(Attacks2H, N27_JudgesEachQuestionByItselfAlone) {
  TestGate warm;
  std::vector<GateQuestion> questions = {
      good_question(),
      nginx_asks("GET", kWanted),
      nginx_asks("PUT", kWanted, bearer(good_token())),
      nginx_asks("GET", kWanted, bearer(good_token() + "x")),
      nginx_asks("GET", kWanted, bearer(with_signature(signing_input(R"({"alg":"none","kid":"k1"})", good_payload(kNow)), "x"))),
      nginx_asks("GET", kWanted, bearer(mint(good_payload(kNow), key_pair("ED25519", "attacker"), "EdDSA", "k1"))),
      nginx_asks("GET", "/v2/../x", bearer(good_token()))};
  std::vector<Reason> alone;
  for (const GateQuestion& question : questions) {
    TestGate fresh;
    alone.push_back(reason_of(fresh.ask_uncached(question)));
  }

  // Any order, with a cache that remembers, and again: the verdict of each stays what it was on its own.
  std::uint32_t order = 1;
  for (int i = 0; i < 3000; ++i) {
    order = order * 1664525U + 1013904223U;
    const std::size_t pick = (order >> 16U) % questions.size();
    ASSERT_EQ(reason_of(warm.ask(questions[pick])), alone[pick]) << i;
  }
}

TEST(Attacks2H, N28_RefusesAQuestionWithoutTheMarker) {
  TestGate gate = marked_gate();
  GateQuestion good = good_question();
  good.with("X-Portcullis-Marker", std::string(kMarkerLine));
  expect_allowed(gate.ask(good));

  // `Connection: X-Portcullis-Marker` makes a proxy strip it; `Connection: X-Original-URI` strips the fact.
  expect_refused(gate.ask(good_question()), Reason::marker_wrong);
  for (const std::string& wrong : {std::string(), std::string("x"), std::string(kMarkerLine) + "x", std::string(kMarkerLine.substr(1)),
                                   std::string(kMarkerLine) + "\n"}) {
    GateQuestion question = good_question();
    question.with("X-Portcullis-Marker", wrong);
    expect_refused(gate.ask(question), Reason::marker_wrong);
  }
  GateQuestion twice = good;
  twice.with("x-portcullis-marker", std::string(kMarkerLine));
  expect_refused(gate.ask(twice), Reason::header_ambiguous);
  GateQuestion stripped = good;
  stripped.headers.erase(stripped.headers.begin() + 1);
  expect_refused(gate.ask(stripped), Reason::request_incomplete);
}

TEST(Attacks2H, N29_GivesHeadTheRightsOfGet) {
  TestGate gate;

  expect_allowed(gate.ask(nginx_asks("HEAD", kWanted, bearer(good_token()))));
  expect_refused(gate.ask(nginx_asks("HEAD", kWanted, bearer(good_token("team/app", "push")))), Reason::scope_insufficient);
  GateQuestion ranged = good_question();
  ranged.with("Range", "bytes=0-1").with("Expect", "100-continue");
  expect_allowed(gate.ask(ranged));
}

TEST(Attacks2H, N30_AnswersTrustedPeersAlone) {
  TestGate gate;
  const auto ask_as = [&](std::optional<Peer> peer) {
    GateQuestion question = good_question();
    question.peer = std::move(peer);
    return gate.ask(question);
  };
  Peer loopback6;
  loopback6.address[15] = 1;
  Peer unmapped;  // 127.0.0.1 as IPv4-compatible, which is another address
  unmapped.address[12] = 127;
  unmapped.address[15] = 1;

  expect_allowed(ask_as(trusted_peer()));
  expect_allowed(ask_as(unix_peer(true)));
  for (const std::optional<Peer>& peer :
       {std::optional<Peer>(tcp_peer({127, 0, 0, 2})), std::optional<Peer>(tcp_peer({10, 0, 0, 1})), std::optional<Peer>(unix_peer(false)),
        std::optional<Peer>(loopback6), std::optional<Peer>(unmapped), std::optional<Peer>()}) {
    expect_refused(ask_as(peer), Reason::peer_untrusted);
  }
}

}  // namespace
}  // namespace portcullis::attacks
