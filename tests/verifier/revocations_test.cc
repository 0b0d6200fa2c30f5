// The revocations file.
#include "verifier/revocations.h"

#include <gtest/gtest.h>

#include "base/codec/json_writer.h"
#include "tests/support/fake_clock.h"
#include "tests/support/printing.h"

namespace portcullis {
namespace {

using test::kNow;

const Sha256 kDigest = sha256("header.payload");

Revocations parsed(std::string_view entries) {
  auto all = Revocations::parse(R"({"revocations":[)" + std::string(entries) + "]}");
  if (all.ok()) return std::move(all).value();
  ADD_FAILURE() << all.error().detail;
  return {};
}

Revocations::Subject token(std::string_view kid, std::string_view iss, std::string_view sub, std::string_view jti) {
  return {kid, iss, sub, jti, kDigest};
}

bool is_revoked(const Revocations& all, const Revocations::Subject& token, TimePoint now = kNow) {
  return all.match(token, now).has_value();
}

std::string fault(std::string_view text) {
  const auto all = Revocations::parse(text);
  if (all) return "accepted";
  EXPECT_EQ(all.error().reason, Reason::revocations_malformed);
  return all.error().detail;
}

TEST(Revocations, AnEmptyListNamesNothing) {
  EXPECT_FALSE(is_revoked(Revocations(), token("k", "i", "s", "j")));
  EXPECT_FALSE(is_revoked(parsed(""), token("k", "i", "s", "j")));
  EXPECT_EQ(parsed("").size(), 0U);
}

TEST(Revocations, NameAKey) {
  const Revocations all = parsed(R"({"kid":"k1","note":"leaked"})");

  EXPECT_EQ(all.match(token("k1", "i", "s", "j"), kNow), "leaked");
  EXPECT_FALSE(is_revoked(all, token("k2", "i", "s", "j")));
  EXPECT_FALSE(is_revoked(all, token("", "i", "s", "j")));
}

TEST(Revocations, NameATokenOfOneIssuer) {
  const Revocations all = parsed(R"({"jti":"t1","iss":"idp"})");

  EXPECT_EQ(all.match(token("k", "idp", "s", "t1"), kNow), "");
  EXPECT_FALSE(is_revoked(all, token("k", "other", "s", "t1")));
  EXPECT_FALSE(is_revoked(all, token("k", "", "s", "t1")));
  EXPECT_FALSE(is_revoked(all, token("k", "idp", "t1", "")));
}

TEST(Revocations, NameASubjectOfOneIssuer) {
  const Revocations all = parsed(R"({"sub":"alice","iss":"idp"})");

  EXPECT_TRUE(is_revoked(all, token("k", "idp", "alice", "j")));
  EXPECT_FALSE(is_revoked(all, token("k", "other", "alice", "j")));
  EXPECT_FALSE(is_revoked(all, token("k", "idp", "Alice", "j")));
}

TEST(Revocations, AnEmptyIssuerStandsForTokensWithoutOne) {
  const Revocations all = parsed(R"({"sub":"alice","iss":""})");

  EXPECT_TRUE(is_revoked(all, token("k", "", "alice", "")));
  EXPECT_FALSE(is_revoked(all, token("k", "idp", "alice", "")));
}

TEST(Revocations, NameATokenByItsSigningInput) {
  EXPECT_TRUE(is_revoked(parsed(R"({"tokenSha256":")" + to_hex(kDigest) + "\"}"), token("", "", "", "")));
  std::string upper = to_hex(kDigest);
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_TRUE(is_revoked(parsed(R"({"tokenSha256":")" + upper + "\"}"), token("", "", "", "")));
  EXPECT_FALSE(is_revoked(parsed(R"({"tokenSha256":")" + to_hex(sha256("other")) + "\"}"), token("", "", "", "")));
}

TEST(Revocations, NoValuePassesForAnother) {
  const Revocations all = parsed(R"({"sub":"bc","iss":"a"},{"kid":"x"},{"jti":"1:a","iss":"s"})");

  EXPECT_FALSE(is_revoked(all, token("bc", "ab", "c", "")));
  EXPECT_FALSE(is_revoked(all, token("", "", "abc", "")));
  EXPECT_FALSE(is_revoked(all, token("", "x", "x", "x")));
}

TEST(Revocations, EndWhenTheySay) {
  const Revocations all = parsed(R"({"kid":"k1","until":"2026-03-01T12:00:00Z"})");

  EXPECT_TRUE(is_revoked(all, token("k1", "", "", ""), kNow - Milliseconds(1)));
  EXPECT_FALSE(is_revoked(all, token("k1", "", "", ""), kNow));
}

TEST(Revocations, AnEndedEntryDoesNotHideAnotherThatIsInForce) {
  const Revocations all = parsed(R"({"kid":"k1","until":"2020-01-01T00:00:00Z"},{"sub":"alice","iss":"idp","note":"left"})");

  EXPECT_EQ(all.match(token("k1", "idp", "alice", ""), kNow), "left");
}

TEST(Revocations, OfEqualEntriesTheLastToEndCounts) {
  const std::string past = R"({"kid":"k","until":"2020-01-01T00:00:00Z","note":"past"})";
  const std::string next = R"({"kid":"k","until":"2027-01-01T00:00:00Z","note":"next"})";
  const std::string ever = R"({"kid":"k","note":"ever"})";

  EXPECT_EQ(parsed(past + "," + next).match(token("k", "", "", ""), kNow), "next");
  EXPECT_EQ(parsed(next + "," + past).match(token("k", "", "", ""), kNow), "next");
  EXPECT_EQ(parsed(next + "," + ever).match(token("k", "", "", ""), kNow), "ever");
  EXPECT_EQ(parsed(ever + "," + next).match(token("k", "", "", ""), kNow), "ever");
  EXPECT_EQ(parsed(past + "," + next).size(), 1U);
}

TEST(Revocations, RefuseATextThatIsNoSuchList) {
  for (const std::string_view text : {"", "[]", "{}", "null", R"({"revocations":{}})", R"({"revocations":[],"more":1})",
                                      R"({"revocation":[]})", R"({"revocations":[]}x)", R"({"revocations":[],"revocations":[]})"}) {
    EXPECT_NE(fault(text), "accepted") << text;
  }
}

TEST(Revocations, RefuseEntriesThatCouldRevokeNothing) {
  for (const std::string_view entry : {"1",
                                       "{}",
                                       "null",
                                       R"({"note":"x"})",
                                       R"({"kid":""})",
                                       R"({"kid":1})",
                                       R"({"kid":null})",
                                       R"({"jti":"t"})",
                                       R"({"sub":"s"})",
                                       R"({"iss":"i"})",
                                       R"({"kid":"k","iss":"i"})",
                                       R"({"kid":"k","sub":"s","iss":"i"})",
                                       R"({"kid":"k","jti":"j"})",
                                       R"({"sub":"","iss":"i"})",
                                       R"({"jti":"","iss":"i"})",
                                       R"({"tokenSha256":"ab"})",
                                       R"({"tokenSha256":""})",
                                       R"({"tokenSha256":"zz"})",
                                       R"({"Kid":"k"})",
                                       R"({"kid":"k","untill":"x"})",
                                       R"({"kid":"k","until":"tomorrow"})",
                                       R"({"kid":"k","until":1})",
                                       R"({"kid":"k","until":null})",
                                       R"({"kid":"k","note":1})",
                                       R"({"tokenSha256":"aa","iss":"i"})"}) {
    const std::string text = fault(R"({"revocations":[{"kid":"good"},)" + std::string(entry) + "]}");
    EXPECT_TRUE(text.starts_with("revocations[1] ")) << entry << ": " << text;
  }
}

std::string many(int count) {
  JsonWriter out;
  out.begin_object().key("revocations").begin_array();
  for (int i = 0; i < count; ++i)
    out.begin_object().key("jti").string("t" + std::to_string(i)).key("iss").string("i").key("note").string("n").end_object();
  out.end_array().end_object();
  return std::move(out).text();
}

TEST(Revocations, HoldUpTo100000Entries) {
  const auto all = Revocations::parse(many(100000));

  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->size(), 100000U);
  EXPECT_TRUE(is_revoked(*all, token("", "i", "", "t99999")));
  EXPECT_EQ(fault(many(100001)), "revocations: more than 100000 entries");
}

TEST(Revocations, RefuseMoreThan10Mebibytes) {
  const std::string text = R"({"revocations":[]})";
  EXPECT_EQ(fault(text + std::string((10U << 20U) - text.size(), ' ')), "accepted");
  EXPECT_NE(fault(text + std::string((10U << 20U) - text.size() + 1, ' ')), "accepted");
}

TEST(Revocations, AFaultNeverQuotesTheFile) {
  EXPECT_EQ(fault(R"({"revocations":[{"kid":"k","canary-member":"x"}]})").find("canary"), std::string::npos);
  EXPECT_EQ(fault(R"({"revocations":[{"kid":"k","until":"canary-value"}]})").find("canary"), std::string::npos);
}

}  // namespace
}  // namespace portcullis
