// What another token endpoint is told, and what of its answer comes back.
#include <string>

#include <gtest/gtest.h>

#include "plugin/exchange/upstream_call.h"
#include "tests/support/exchange.h"

namespace portcullis {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

OutgoingRequest call_for(const GateQuestion& question, std::string_view bearer = kUpstream) {
  TestGate gate(exchange_texts(bearer));
  const GateAnswer answer = gate.ask(question);
  EXPECT_NE(answer.upstream, nullptr) << describe(answer);
  return answer.upstream == nullptr ? OutgoingRequest{} : *answer.upstream;
}

std::string sent(const OutgoingRequest& call, std::string_view name) {
  std::string found;
  for (const auto& [given, value] : call.headers)
    if (given == name) found += (found.empty() ? "" : "|") + value;
  return found;
}

IncomingAnswer brought(int status, HttpHeaders headers, std::string body) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

TEST(UpstreamCall, KeepsMethodAndQueryAndAsksForTheOtherService) {
  const OutgoingRequest call =
      call_for(exchange_asks(basic("bob", "pw"), "account=bob&service=registry.example&scope=repository:a/b:pull&scope=c&servic%65=x"));
  EXPECT_EQ(call.method, "GET");
  EXPECT_EQ(call.url, "https://tokens.example/t?own=1&account=bob&scope=repository%3Aa%2Fb%3Apull&scope=c&service=other");
  EXPECT_EQ(call.body, "");
  EXPECT_EQ(sent(call, "Authorization"), basic("bob", "pw"));
}

TEST(UpstreamCall, LetsTheClientsQueryWinOverTheRealmsOwn) {
  EXPECT_EQ(call_for(exchange_asks({}, "own=2")).url, "https://tokens.example/t?own=2&service=other");
  EXPECT_EQ(call_for(exchange_asks(), R"("upstreamTokenEndpoint":{"realm":"https://t.example","service":"a b"})").url,
            "https://t.example?service=a+b");
}

TEST(UpstreamCall, KeepsTheFormAndAsksForTheOtherServiceThereToo) {
  const OutgoingRequest call = call_for(form_asks("grant_type=password&service=x&username=bob&password=p%2Bw+&scope=a&scope=b"));
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.body, "grant_type=password&username=bob&password=p%2Bw+&scope=a&scope=b&service=other");
  EXPECT_EQ(sent(call, "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(call.url, "https://tokens.example/t?own=1&service=other");
}

TEST(UpstreamCall, PassesFourHeadersOnAndNoOther) {
  GateQuestion question = exchange_asks(basic("bob", "pw"));
  question.with("Accept", "application/json")
      .with("User-Agent", "docker/27")
      .with("Cookie", "session=1")
      .with("X-Forwarded-For", "10.0.0.1");
  question.with("X-Portcullis-Marker", "secret").with("Host", "registry.example").with("Connection", "keep-alive");
  const OutgoingRequest call = call_for(question);
  EXPECT_EQ(call.headers.size(), 3U);
  EXPECT_EQ(sent(call, "Accept"), "application/json");
  EXPECT_EQ(sent(call, "User-Agent"), "docker/27");
}

TEST(UpstreamCall, PassesNoBodyOnThatItCannotRead) {
  const OutgoingRequest call = call_for(form_asks(R"({"password":"x"})", "application/json"));
  EXPECT_EQ(call.body, "");
  EXPECT_EQ(sent(call, "Content-Type"), "");
}

TEST(UpstreamCall, IsBoundedAndSpeaksTlsUnlessTheOperatorSaysSo) {
  const OutgoingRequest call = call_for(exchange_asks());
  EXPECT_EQ(call.timeout, std::chrono::seconds(30));
  EXPECT_EQ(call.body_limit, 256U * 1024);
  EXPECT_EQ(call.reachable, ReachableHosts::public_only);
  const std::string_view plain = R"("upstreamTokenEndpoint":{"realm":"http://t.example/","service":"s","allowInsecureHttp":true})";
  EXPECT_EQ(call_for(exchange_asks(), plain).reachable, ReachableHosts::with_plain_http);
}

TEST(UpstreamAnswer, ComesBackAsItWas) {
  const GateAnswer answer = upstream_answer(
      brought(202,
              {{"content-type", "application/json"}, {"Set-Cookie", "a=b"}, {"Cache-Control", "public"}, {"X-Auth-Request-User", "root"}},
              "{}"),
      "id");
  EXPECT_EQ(answer.http.status, 202);
  EXPECT_EQ(answer.http.body, "{}");
  EXPECT_EQ(header_of(answer, "Content-Type"), "application/json");
  EXPECT_EQ(header_of(answer, "Cache-Control"), "no-store");
  EXPECT_EQ(header_of(answer, "Pragma"), "no-cache");
  EXPECT_EQ(header_count(answer, "Set-Cookie"), 0U);
  EXPECT_EQ(header_count(answer, "X-Auth-Request-User"), 0U);
  EXPECT_EQ(answer.exchange, GateAnswer::Exchange::relayed);
}

TEST(UpstreamAnswer, PassesChallengesAndRedirectsOn) {
  const GateAnswer challenged = upstream_answer(brought(401, {{"WWW-Authenticate", R"(Basic realm="theirs")"}}, "no"), "id");
  EXPECT_EQ(challenged.http.status, 401);
  EXPECT_EQ(header_of(challenged, "WWW-Authenticate"), R"(Basic realm="theirs")");
  const GateAnswer moved = upstream_answer(brought(302, {{"Location", "https://elsewhere/"}}, ""), "id");
  EXPECT_EQ(moved.http.status, 302);
  EXPECT_EQ(header_of(moved, "Location"), "https://elsewhere/");
}

TEST(UpstreamAnswer, IsABadGatewayWhereThereIsNone) {
  const GateAnswer answer = upstream_answer(Error{Reason::io_failed, "tokens.example: timed out"}, "id");
  EXPECT_EQ(answer.http.status, 502);
  EXPECT_EQ(reason_of(answer), Reason::io_failed);
  EXPECT_EQ(answer.http.body.find("tokens.example"), std::string::npos);
  EXPECT_EQ(header_of(answer, "Pragma"), "no-cache");
}

TEST(UpstreamAnswer, IsABadGatewayWhereItCannotBePassedOn) {
  for (const int status : {0, 101, 199, 600}) EXPECT_EQ(upstream_answer(brought(status, {}, ""), "id").http.status, 502) << status;
  for (const int status : {200, 599}) EXPECT_EQ(upstream_answer(brought(status, {}, ""), "id").http.status, status);
  const std::string most(4096 - std::string_view("Location").size(), 'x');
  EXPECT_EQ(upstream_answer(brought(302, {{"Location", most}}, ""), "id").http.status, 302);
  EXPECT_EQ(upstream_answer(brought(302, {{"Location", most + "x"}}, ""), "id").http.status, 502);
}

TEST(UpstreamBusy, AsksTheClientToComeBack) {
  TestGate gate(exchange_texts());
  const GateAnswer answer = upstream_busy(gate.state(), "id");
  EXPECT_EQ(answer.http.status, 503);
  EXPECT_EQ(reason_of(answer), Reason::overloaded);
  EXPECT_EQ(header_count(answer, "Retry-After"), 1U);
}

}  // namespace
}  // namespace portcullis
