// Section 2H: request lines that the gate and the registry could read differently.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/attacks/attack.h"

namespace portcullis::attacks {
namespace {

/// A token that may do anything to `pub`, and nothing to `priv`.
std::string public_token() { return good_token("pub", "pull,push,delete,*"); }

void expect_path_refused(TestGate& gate, std::string_view uri, Reason reason = Reason::path_not_canonical) {
  SCOPED_TRACE(std::string(uri));
  const std::string authorization = bearer(public_token());
  expect_refused(gate.ask_uncached(nginx_asks("GET", uri, authorization)), reason);
  expect_refused(gate.ask_uncached(forward_asks("GET", uri, authorization)), reason);
  if (uri.starts_with('/')) {
    expect_refused(gate.ask_uncached(envoy_asks("GET", uri, authorization)), reason);
  }
}

TEST(Attacks2H, N1_RefusesDotSegments) {
  TestGate gate;

  for (const char* uri : {"/v2/pub/../priv/manifests/x", "/v2/pub/./manifests/x", "/v2/../v2/pub/manifests/x", "/v2/pub/manifests/..",
                          "/v2/pub/manifests/.", "/..", "/v2/.."})
    expect_path_refused(gate, uri);
}

TEST(Attacks2H, N2_RefusesEncodedDots) {
  TestGate gate;

  for (const char* uri :
       {"/v2/pub/%2e%2e/priv/manifests/x", "/v2/pub/%2E./priv/manifests/x", "/v2/pub/.%2e/priv/manifests/x", "/v2/pub/manifests/v1%2e0"})
    expect_path_refused(gate, uri);
}

TEST(Attacks2H, N3_RefusesEncodedSlashes) {
  TestGate gate;

  for (const char* uri : {"/v2/pub%2F..%2Fpriv/manifests/x", "/v2/pub/manifests/..%2f..%2fpriv%2fmanifests%2fx", "/v2/pub%2fmanifests/x",
                          "/v2%2fpub/manifests/x"})
    expect_path_refused(gate, uri);
}

TEST(Attacks2H, N4_RefusesDoubleEncoding) {
  TestGate gate;

  for (const char* uri : {"/v2/pub/%252e%252e/priv/manifests/x", "/v2/pub%252fpriv/manifests/x", "/v2/pub/manifests/%25"})
    expect_path_refused(gate, uri);
}

TEST(Attacks2H, N5_RefusesRepeatedSlashes) {
  TestGate gate;

  for (const char* uri : {"//v2/pub/manifests/x", "/v2//pub/manifests/x", "/v2/pub//manifests/x", "/v2/pub/manifests//x",
                          "/v2/pub///manifests/x", "/v2//", "//"})
    expect_path_refused(gate, uri);
}

TEST(Attacks2H, N6_RefusesPathsThatOnlyResolveToV2) {
  TestGate gate;

  for (const char* uri : {"/x/../v2/priv/manifests/x", "/x/../v2/pub/manifests/x", "/./v2/pub/manifests/x"}) expect_path_refused(gate, uri);
}

TEST(Attacks2H, N7_RefusesBytesThatSomeServerReadsAsSomethingElse) {
  TestGate gate;

  for (const std::string& uri :
       {std::string("/v2/pub;x=1/manifests/x"), std::string("/v2/pub/..;/priv/manifests/x"), std::string("/v2/pub\\..\\priv/manifests/x"),
        std::string("/v2/pub%5c/manifests/x"), std::string("/v2/pub%00/manifests/x"), std::string("/v2/pub/manifests/x%0d%0a"),
        std::string("/v2/pub%09/manifests/x"), std::string("/v2/pub/manifests/x\xc0\xaf"), std::string("/v2/p\xc3\xa9/manifests/x"),
        std::string("/v2/pub/manifests/x\x7f"), std::string("/v2/pub/manifests/x\x01"), std::string("/v2/pub/manifests/x y"),
        std::string("/v2/pub\0/manifests/x", 21), std::string("/v2/pub/manifests/x\r\nX-A: 1")}) {
    expect_path_refused(gate, uri);
  }
}

TEST(Attacks2H, N8_KeepsLetterCase) {
  TestGate gate;

  for (const char* uri : {"/V2/pub/manifests/x", "/v2/pub/Manifests/x", "/v2/pub/BLOBS/uploads/"})
    expect_path_refused(gate, uri, Reason::route_unknown);
  for (const char* uri : {"/v2/PUB/manifests/x", "/v2/Pub/tags/list", "/v2/pub/PRIV/manifests/x"})
    expect_path_refused(gate, uri, Reason::name_invalid);
}

TEST(Attacks2H, N9_MatchesOnlyThePathBeforeTheQuery) {
  TestGate gate;
  const std::string authorization = bearer(public_token());
  const auto ask = [&](std::string_view uri) { return gate.ask_uncached(nginx_asks("GET", uri, authorization)); };

  // The query does not reach into the path, whichever way it is written.
  expect_allowed(ask("/v2/pub/manifests/x?/../../priv/manifests/x"));
  expect_refused(ask("/v2/priv/manifests/x?/v2/pub/manifests/x"), Reason::scope_insufficient);
  expect_refused(ask("/v2/priv/manifests/x?x=/v2/pub/tags/list"), Reason::scope_insufficient);
  expect_refused(ask("/v2/pub/manifests/x%3f/../priv"), Reason::path_not_canonical);
  expect_refused(ask("?/v2/pub/manifests/x"), Reason::path_not_canonical);
}

TEST(Attacks2H, N10_RefusesFragments) {
  TestGate gate;

  for (const char* uri : {"/v2/priv/manifests/x#/pub", "/v2/pub/manifests/x#", "/v2/pub#/manifests/x"}) expect_path_refused(gate, uri);
  expect_path_refused(gate, "/v2/pub/manifests/x?a#b", Reason::query_malformed);
}

TEST(Attacks2H, N11_RefusesRequestTargetsOfOtherForms) {
  TestGate gate;

  for (const char* uri : {"http://evil.example/v2/pub/manifests/x", "evil.example:443", "*", "v2/pub/manifests/x", "\\v2\\pub"})
    expect_path_refused(gate, uri);
}

}  // namespace
}  // namespace portcullis::attacks
