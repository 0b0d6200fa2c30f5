// Each expression that zot's documents and tests show, on data like theirs.
#include <gtest/gtest.h>

#include "tests/policy_cel/evaluating.h"

namespace portcullis::cel {
namespace {

constexpr std::string_view kWorld = R"({
  "claims": {"a": "x", "b": "y", "x/y": "z", "iss": "https://i", "sub": "s", "email": "alice@example.com", "name": "Dev-Team-One", "list": ["t-a", "b", "t-c"],
             "email_verified": true, "roles": ["r", "w"], "empty": []},
  "vars": {"x": "value"},
  "req": {"action": "update", "tag": "v1", "referenceType": "digest", "auth": {"anonymous": false, "admin": true},
          "user": {"username": "alice", "groups": ["dev"]}, "claims": {"roles": ["r"]}, "client": {"ip": "10.0.0.1", "forwardedFor": []}}})";

struct Row {
  std::string_view source;
  std::string_view expected;
};

constexpr Row kRows[] = {
    {"claims.iss + '/' + claims.sub", R"("https://i/s")"},
    {"claims.a + '/' + claims.b", R"("x/y")"},
    {"claims['x/y']", R"("z")"},
    {"claims.email.split('@')[1]", R"("example.com")"},
    {"claims.name.split('-').first().value().lowerAscii()", R"("dev")"},
    {"claims.name.split('-').last().value()", R"("One")"},
    {"claims.list.map(i, i.upperAscii())", R"(["T-A","B","T-C"])"},
    {"claims.list.filter(i, i.startsWith('t'))", R"(["t-a","t-c"])"},
    {"claims.a in ['x', 'y']", "true"},
    {"claims.a in ['a', 'b']", "false"},
    {"vars.x", R"("value")"},
    {"claims.email_verified == true", "true"},
    {"claims.email.startsWith('alice')", "true"},
    {"size(claims.list) > 0 && claims.list[0] == 't-a'", "true"},
    {"size(claims.empty) > 0 && claims.empty[0] == 't-a'", "false"},
    {"timestamp('2026-01-01T00:00:00Z') < timestamp('2027-01-01T00:00:00Z')", "true"},
    {R"(req.action != "update" || req.tag != "stable")", "true"},
    {"!req.auth.anonymous", "true"},
    {R"("r" in req.claims.roles)", "true"},
    {R"(req.referenceType == "digest")", "true"},
    {"req.user.groups.exists(g, g == 'dev')", "true"},
    {"has(req.claims.x)", "false"},
    {"req.claims.x == 'a'", "eval: no such key: x"},
    {"req.client.forwardedFor[0] == '10.0.0.1'", "eval: index out of bounds: 0"},
    {"claims.?groups.orValue([])", "[]"},
};

TEST(CelZotExpressions, EachGivesWhatItGivesThere) {
  for (const Row& row : kRows) EXPECT_EQ(outcome(row.source, kWorld), row.expected) << row.source;
}

TEST(CelZotExpressions, TheTimeOfARequestIsATimestamp) {
  Sample sample("{}");
  sample.add("req", Value::of(Map{{Value::of("time"), Value::of(Timestamp{1'790'000'000, 0})}}), *type_from_name("map(string, dyn)"));

  EXPECT_EQ(outcome_with("req.time > timestamp('2026-01-01T00:00:00Z') && req.time.getFullYear() == 2026", sample), "true");
  EXPECT_EQ(outcome_with("req.time.getHours('Europe/Berlin') - req.time.getHours('UTC')", sample), "2");
}

}  // namespace
}  // namespace portcullis::cel
