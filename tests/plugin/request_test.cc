// What a proxy sends: exactly one of each fact, from a trusted peer, or a refusal.
#include "plugin/http/request.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/gate_fixture.h"

namespace portcullis {
namespace {

using test::envoy_asks;
using test::forward_asks;
using test::GateQuestion;
using test::nginx_asks;
using test::request_of;

/// What `read_request` made of a question, with texts of its own.
struct Read {
  Reason reason = Reason::allowed;
  std::string detail;
  std::string method;
  std::string uri;
  std::optional<std::string> token;
  std::string client;
};

GateRules local_rules() {
  GateRules rules;
  AddressRange local;
  const Peer peer = test::trusted_peer();
  std::copy(peer.address.begin(), peer.address.end(), local.bytes);
  rules.trusted.push_back(local);
  return rules;
}

Read read(const GateQuestion& question, const GateRules& rules) {
  const HttpRequest request = request_of(question);
  AuthRequest partial;
  Secret password;
  const auto result = read_request(request, endpoint_of(request.method, request.raw_uri), rules, partial, password);
  Read read;
  const AuthRequest& seen = result ? *result : partial;
  if (!result) read.reason = result.error().reason;
  if (!result) read.detail = result.error().detail;
  read.method = seen.method;
  read.uri = seen.uri;
  if (seen.token) read.token = std::string(*seen.token);
  read.client = seen.client;
  return read;
}

Read read(const GateQuestion& question) { return read(question, local_rules()); }

TEST(Endpoint, IsChosenByPathAndMethod) {
  EXPECT_EQ(endpoint_of("GET", "/auth"), Endpoint::auth);
  EXPECT_EQ(endpoint_of("GET", "/auth?x=1"), Endpoint::auth);
  EXPECT_EQ(endpoint_of("DELETE", "/forward"), Endpoint::forward);
  EXPECT_EQ(endpoint_of("PATCH", "/envoy/v2/"), Endpoint::envoy);
  EXPECT_EQ(endpoint_of("FOO", "/envoy//"), Endpoint::envoy);
  EXPECT_EQ(endpoint_of("HEAD", "/auth"), Endpoint::auth);
  EXPECT_EQ(endpoint_of("POST", "/v1/verify"), Endpoint::verify);
  EXPECT_EQ(endpoint_of("POST", "/introspect"), Endpoint::introspect);
  EXPECT_EQ(endpoint_of("POST", "/v1/credentials"), Endpoint::credentials);
  EXPECT_EQ(endpoint_of("GET", "/v1/credentials"), Endpoint::unknown);
  EXPECT_EQ(allowed_methods("/v1/credentials"), "POST");
  for (const std::string_view method : {"GET", "POST", "OPTIONS"})
    EXPECT_EQ(endpoint_of(method, "/zot/auth/token?scope=a"), Endpoint::exchange) << method;
  for (const std::string_view method : {"HEAD", "PUT", "DELETE", "PATCH"})
    EXPECT_EQ(endpoint_of(method, "/zot/auth/token"), Endpoint::unknown) << method;
  EXPECT_EQ(endpoint_of("GET", "/zot/auth/token/"), Endpoint::unknown);
}

TEST(Endpoint, IsUnknownForAnythingElse) {
  for (const std::string uri :
       {"/", "", "/auth/", "/authx", "/AUTH", "/forward/", "/envoy", "/envoy?/", "/envoyx/", "/v1/verify/", "/%61uth", "*", "/metrics"}) {
    EXPECT_EQ(endpoint_of("GET", uri), Endpoint::unknown) << uri;
  }
  EXPECT_EQ(endpoint_of("POST", "/auth"), Endpoint::unknown);
  EXPECT_EQ(endpoint_of("GET", "/v1/verify"), Endpoint::unknown);
  EXPECT_EQ(endpoint_of("GET", "/introspect"), Endpoint::unknown);
}

TEST(Endpoint, NamesTheMethodsThatItTakes) {
  EXPECT_EQ(allowed_methods("/auth?x"), "GET, HEAD");
  EXPECT_EQ(allowed_methods("/v1/verify"), "POST");
  EXPECT_EQ(allowed_methods("/introspect"), "POST");
  EXPECT_EQ(allowed_methods("/zot/auth/token?service=s"), "GET, POST, OPTIONS");
  EXPECT_EQ(allowed_methods("/forward"), "");
  EXPECT_EQ(allowed_methods("/"), "");
}

TEST(Endpoint, HasAName) {
  const std::vector<std::pair<Endpoint, std::string_view>> names = {{Endpoint::auth, "auth"},
                                                                    {Endpoint::forward, "forward"},
                                                                    {Endpoint::envoy, "envoy"},
                                                                    {Endpoint::verify, "verify"},
                                                                    {Endpoint::introspect, "introspect"},
                                                                    {Endpoint::exchange, "exchange"},
                                                                    {Endpoint::credentials, "credentials"},
                                                                    {Endpoint::unknown, "unknown"}};
  for (const auto& [endpoint, name] : names) EXPECT_EQ(endpoint_name(endpoint), name);
}

TEST(ReadRequest, ReadsWhatNginxSends) {
  const Read seen = read(nginx_asks("PUT", "/v2/a/manifests/b?x=%2F", "Bearer abc.def"));

  EXPECT_EQ(seen.reason, Reason::allowed);
  EXPECT_EQ(seen.method, "PUT");
  EXPECT_EQ(seen.uri, "/v2/a/manifests/b?x=%2F");
  EXPECT_EQ(seen.token, "abc.def");
  EXPECT_EQ(seen.client, "");
}

TEST(ReadRequest, ReadsWhatTraefikAndCaddySend) {
  const Read seen = read(forward_asks("HEAD", "/v2/", "Bearer x"));

  EXPECT_EQ(seen.reason, Reason::allowed);
  EXPECT_EQ(seen.method, "HEAD");
  EXPECT_EQ(seen.uri, "/v2/");
}

TEST(ReadRequest, ReadsWhatEnvoySends) {
  const Read seen = read(envoy_asks("DELETE", "/v2/a/manifests/b?x=1"));

  EXPECT_EQ(seen.reason, Reason::allowed);
  EXPECT_EQ(seen.method, "DELETE");
  EXPECT_EQ(seen.uri, "/v2/a/manifests/b?x=1");
  EXPECT_EQ(seen.token, std::nullopt);
}

TEST(ReadRequest, ComparesHeaderNamesInAnyLetterCaseAndFoldsNothing) {
  GateQuestion question;
  question.headers = {{"x-ORIGINAL-uri", "/v2/"},
                      {"X-original-METHOD", "GET"},
                      {"AUTHORIZATION", "Bearer x"},
                      {"X_Original_URI", "/evil"},
                      {"X.Original.URI", "/evil"}};

  const Read seen = read(question);

  EXPECT_EQ(seen.reason, Reason::allowed);
  EXPECT_EQ(seen.uri, "/v2/");
  EXPECT_EQ(seen.token, "x");
}

TEST(ReadRequest, RefusesAQuestionWithoutItsFacts) {
  for (const test::HeaderList& headers : std::vector<test::HeaderList>{{},
                                                                       {{"X-Original-URI", "/v2/"}},
                                                                       {{"X-Original-Method", "GET"}},
                                                                       {{"X-Original-URI", ""}, {"X-Original-Method", "GET"}},
                                                                       {{"X-Original-URI", "/v2/"}, {"X-Original-Method", ""}},
                                                                       {{"X_Original_URI", "/v2/"}, {"X_Original_Method", "GET"}}}) {
    GateQuestion question;
    question.headers = headers;
    EXPECT_EQ(read(question).reason, Reason::request_incomplete);
  }
  GateQuestion forward = forward_asks("GET", "/v2/");
  forward.headers.pop_back();
  EXPECT_EQ(read(forward).reason, Reason::request_incomplete);
}

TEST(ReadRequest, NamesTheHeaderThatTheProxyDidNotSend) {
  const auto missing = [](std::size_t left, GateQuestion question) {
    question.headers = {question.headers.at(left)};
    return read(question).detail;
  };
  EXPECT_EQ(missing(0, nginx_asks("GET", "/v2/")), "the proxy sent no X-Original-URI");
  EXPECT_EQ(missing(1, nginx_asks("GET", "/v2/")), "the proxy sent no X-Original-Method");
  EXPECT_EQ(missing(0, forward_asks("GET", "/v2/")), "the proxy sent no X-Forwarded-Uri");
  EXPECT_EQ(missing(1, forward_asks("GET", "/v2/")), "the proxy sent no X-Forwarded-Method");
}

TEST(ReadRequest, RefusesASecondStatementOfAFactEvenAnEqualOne) {
  for (const char* name :
       {"X-Original-URI", "x-original-uri", "X-Original-Method", "X-Original-URL", "X-Forwarded-Uri", "X-Forwarded-Method"}) {
    EXPECT_EQ(read(nginx_asks("GET", "/v2/").with(name, "/v2/")).reason, Reason::header_ambiguous) << name;
    EXPECT_EQ(read(forward_asks("GET", "/v2/").with(name, "/v2/")).reason, Reason::header_ambiguous) << name;
    EXPECT_EQ(read(envoy_asks("GET", "/v2/").with(name, "/v2/")).reason, Reason::header_ambiguous) << name;
  }
}

TEST(ReadRequest, IgnoresOverrideHeadersAndForeignClientAddresses) {
  GateQuestion question = nginx_asks("GET", "/v2/");
  question.with("X-HTTP-Method-Override", "DELETE")
      .with("X-Method-Override", "DELETE")
      .with("X-Real-IP", "1.2.3.4")
      .with("X-Real-IP", "5.6.7.8");
  question.with("X-Forwarded-For", "1.1.1.1")
      .with("X-Forwarded-Proto", "https")
      .with("X-Forwarded-Proto", "http")
      .with("X-Portcullis-Marker", "x");

  const Read seen = read(question);

  EXPECT_EQ(seen.reason, Reason::allowed);
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.client, "");
}

TEST(ReadRequest, BelievesTheConfiguredClientAddressAlone) {
  GateRules rules = local_rules();
  rules.client_address_header = "X-Real-IP";
  rules.scheme_header = "X-Forwarded-Proto";

  EXPECT_EQ(read(nginx_asks("GET", "/v2/").with("x-real-ip", "1.2.3.4"), rules).client, "1.2.3.4");
  EXPECT_EQ(read(nginx_asks("GET", "/v2/"), rules).reason, Reason::allowed);
  EXPECT_EQ(read(nginx_asks("GET", "/v2/").with("X-Real-IP", "1").with("X-Real-IP", "1"), rules).reason, Reason::header_ambiguous);
  EXPECT_EQ(read(nginx_asks("GET", "/v2/").with("X-Forwarded-Proto", "http").with("x-forwarded-proto", "https"), rules).reason,
            Reason::header_ambiguous);
}

TEST(ReadRequest, RefusesHeaderNamesThatAreNoTokens) {
  for (const std::string name : {"", "X Y", "X:", "X\t", "X\x80", "X(Y)", "\"X\"", "X/Y", "X@Y", "X[Y]", "{X}", "X,Y", "X;Y", "X=Y", "X?Y",
                                 "X\\Y", "<X>", "X\x7f"}) {
    EXPECT_EQ(read(nginx_asks("GET", "/v2/").with(name, "v")).reason, Reason::header_invalid) << name;
  }
  EXPECT_EQ(read(nginx_asks("GET", "/v2/").with("!#$%&'*+-.^_`|~09azAZ", "v")).reason, Reason::allowed);
}

TEST(ReadRequest, RefusesABody) {
  for (GateQuestion question : {nginx_asks("PUT", "/v2/"), forward_asks("PUT", "/v2/"), envoy_asks("PUT", "/v2/")}) {
    question.has_body = true;
    EXPECT_EQ(read(question).reason, Reason::body_not_allowed);
  }
}

TEST(ReadRequest, KeepsTheFactsWhereTheCredentialIsRefused) {
  const Read seen = read(nginx_asks("GET", "/v2/a/tags/list", "Bearer x").with("authorization", "Bearer x"));

  EXPECT_EQ(seen.reason, Reason::multiple_credentials);
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.uri, "/v2/a/tags/list");
  EXPECT_EQ(seen.token, std::nullopt);
}

GateQuestion url_asks(const std::string& url) {
  GateQuestion question;
  question.headers = {{"X-Original-Method", "GET"}, {"X-Original-URL", url}};
  return question;
}

TEST(OriginalUrl, IsReadWhereItIsConfigured) {
  GateRules rules = local_rules();
  rules.original_url = true;

  EXPECT_EQ(read(url_asks("https://registry.example/v2/a/tags/list?n=1"), rules).uri, "/v2/a/tags/list?n=1");
  EXPECT_EQ(read(url_asks("HTTP://[::1]:5000/v2/"), rules).uri, "/v2/");
  EXPECT_EQ(read(url_asks("http://h//v2/../x"), rules).uri, "//v2/../x");
  EXPECT_EQ(read(nginx_asks("GET", "/v2/"), rules).reason, Reason::header_ambiguous);
  EXPECT_EQ(read(url_asks("http://h/v2/").with("X-Original-URI", "/v2/"), rules).reason, Reason::header_ambiguous);
  EXPECT_EQ(read(url_asks("http://h/v2/").with("X-Original-URL", "http://h/v2/"), rules).reason, Reason::header_ambiguous);
  EXPECT_EQ(read(url_asks("http://h/v2/")).reason, Reason::header_ambiguous);
}

TEST(OriginalUrl, RefusesWhatIsNoSchemeAuthorityAndPath) {
  GateRules rules = local_rules();
  rules.original_url = true;
  for (const std::string url :
       {"/v2/", "ftp://h/v2/", "://h/v2/", "http:/h/v2/", "http://", "http:///v2/", "http://h", "http://h?x=/v2/", "http://h#/v2/",
        "http://user@h/v2/", "http://h\\@evil/v2/", "http://h /v2/", "h/v2/", "https//h/v2/", "http://h%2f/v2/"}) {
    EXPECT_EQ(read(url_asks(url), rules).reason, Reason::header_invalid) << url;
  }
}

TEST(Peer, IsTrustedByItsAddress) {
  GateQuestion question = nginx_asks("GET", "/v2/");
  GateRules rules = local_rules();
  rules.trusted[0].prefix = 96 + 12;  // 127.0.0.0/12 and so 127.0.0.0 to 127.15.255.255
  const auto reason_of_peer = [&](std::array<std::uint8_t, 4> address) {
    question.peer = test::tcp_peer(address);
    return read(question, rules).reason;
  };

  EXPECT_EQ(reason_of_peer({127, 0, 0, 0}), Reason::allowed);
  EXPECT_EQ(reason_of_peer({127, 15, 255, 255}), Reason::allowed);
  EXPECT_EQ(reason_of_peer({127, 16, 0, 0}), Reason::peer_untrusted);
  EXPECT_EQ(reason_of_peer({126, 255, 255, 255}), Reason::peer_untrusted);
}

TEST(Peer, IsTrustedByAnyOfTheRanges) {
  GateQuestion question = nginx_asks("GET", "/v2/");
  GateRules rules = local_rules();
  rules.trusted.push_back({.bytes = {0x20, 0x01, 0x0d, 0xb8}, .prefix = 33});
  Peer peer;
  peer.address = {0x20, 0x01, 0x0d, 0xb8, 0x7f};
  question.peer = peer;
  EXPECT_EQ(read(question, rules).reason, Reason::allowed);
  question.peer->address[4] = 0x80;
  EXPECT_EQ(read(question, rules).reason, Reason::peer_untrusted);
  rules.trusted.push_back({.bytes = {}, .prefix = 0});
  EXPECT_EQ(read(question, rules).reason, Reason::allowed);
}

TEST(Peer, OfIPv4IsNotTrustedByARangeOfIPv6) {
  GateQuestion question = nginx_asks("GET", "/v2/");
  GateRules rules = local_rules();
  rules.trusted = {{.bytes = {}, .prefix = 0}};  // ::/0
  EXPECT_EQ(read(question, rules).reason, Reason::peer_untrusted);
  rules.trusted = {{.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, .prefix = 96}};  // 0.0.0.0/0
  EXPECT_EQ(read(question, rules).reason, Reason::allowed);
  question.peer->address = {0x20, 0x01, 0x0d, 0xb8};
  EXPECT_EQ(read(question, rules).reason, Reason::peer_untrusted);
}

TEST(Peer, IsTrustedToTheLastBit) {
  GateQuestion question = nginx_asks("GET", "/v2/");
  EXPECT_EQ(read(question).reason, Reason::allowed);
  question.peer = test::tcp_peer({127, 0, 0, 2});
  EXPECT_EQ(read(question).reason, Reason::peer_untrusted);
}

TEST(Peer, IsNotTrustedByDefault) {
  GateQuestion question = nginx_asks("GET", "/v2/");
  EXPECT_EQ(read(question, GateRules{}).reason, Reason::peer_untrusted);
  question.peer.reset();
  EXPECT_EQ(read(question).reason, Reason::peer_untrusted);
}

TEST(Peer, OfAUnixSocketIsTrustedByItsUserAlone) {
  GateQuestion question = nginx_asks("GET", "/v2/");
  question.peer = test::unix_peer(true);
  EXPECT_EQ(read(question, GateRules{}).reason, Reason::allowed);
  question.peer = test::unix_peer(false);
  EXPECT_EQ(read(question).reason, Reason::peer_untrusted);
}

TEST(Marker, MustBeOneOfTheLines) {
  GateRules rules = local_rules();
  rules.markers.emplace_back("0123456789abcdef");
  rules.markers.emplace_back("fedcba9876543210");
  const auto with_marker = [&](const std::string& marker) {
    return read(nginx_asks("GET", "/v2/").with("X-Portcullis-Marker", marker), rules).reason;
  };

  EXPECT_EQ(with_marker("0123456789abcdef"), Reason::allowed);
  EXPECT_EQ(with_marker("fedcba9876543210"), Reason::allowed);
  for (const std::string wrong :
       {"", "0123456789abcde", "0123456789abcdeg", "0123456789abcdef ", "0123456789ABCDEF", "0123456789abcdeffedcba9876543210"}) {
    EXPECT_EQ(with_marker(wrong), Reason::marker_wrong) << wrong;
  }
  EXPECT_EQ(read(nginx_asks("GET", "/v2/"), rules).reason, Reason::marker_wrong);
}

TEST(Marker, MustNotComeTwice) {
  GateRules rules = local_rules();
  rules.markers.emplace_back("0123456789abcdef");
  GateQuestion question =
      nginx_asks("GET", "/v2/").with("X-Portcullis-Marker", "0123456789abcdef").with("x-portcullis-marker", "0123456789abcdef");

  EXPECT_EQ(read(question, rules).reason, Reason::header_ambiguous);
  EXPECT_EQ(check_peer(request_of(question), rules).error().reason, Reason::header_ambiguous);
}

TEST(Marker, IsAskedAfterThePeer) {
  GateRules rules = local_rules();
  rules.markers.emplace_back("0123456789abcdef");
  GateQuestion question = nginx_asks("GET", "/v2/");
  question.peer = test::tcp_peer({10, 0, 0, 1});

  EXPECT_EQ(read(question, rules).reason, Reason::peer_untrusted);
  EXPECT_EQ(check_peer(request_of(question), rules).error().reason, Reason::peer_untrusted);
}

TEST(CheckPeer, PassesATrustedPeerWithTheMarker) {
  GateRules rules = local_rules();
  GateQuestion question = nginx_asks("GET", "/v2/");
  EXPECT_TRUE(check_peer(request_of(question), rules).ok());
  rules.markers.emplace_back("0123456789abcdef");
  EXPECT_EQ(check_peer(request_of(question), rules).error().reason, Reason::marker_wrong);
  question.with("X-Portcullis-Marker", "0123456789abcdef");
  EXPECT_TRUE(check_peer(request_of(question), rules).ok());
}

}  // namespace
}  // namespace portcullis
