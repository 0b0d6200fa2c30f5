// The query, read as a registry reads it.
#include "policy/query.h"

#include <gtest/gtest.h>

#include <string>

namespace portcullis {
namespace {

Reason reason_for(std::string_view query) {
  const auto read = read_query(query);
  return read ? Reason::allowed : read.error().reason;
}

TEST(Query, ReadsKnownKeys) {
  const auto query = read_query("mount=sha256:aa&from=team/app&digest=sha256:bb&tag=v1&tag=v2");

  ASSERT_TRUE(query.ok());
  EXPECT_EQ(query->mount, "sha256:aa");
  EXPECT_EQ(query->from, "team/app");
  EXPECT_EQ(query->digest, "sha256:bb");
  EXPECT_EQ(query->tags, (std::vector<std::string>{"v1", "v2"}));
}

TEST(Query, DecodesValuesOnce) {
  EXPECT_EQ(read_query("from=a%2Fb")->from, "a/b");
  EXPECT_EQ(read_query("from=a%252Fb")->from, "a%2Fb");
  EXPECT_EQ(read_query("from=a+b")->from, "a b");
  EXPECT_EQ(read_query("digest=sha256%3Aaa")->digest, "sha256:aa");
}

TEST(Query, TellsAnEmptyValueFromAMissingKey) {
  EXPECT_EQ(read_query("from=")->from, "");
  EXPECT_EQ(read_query("from")->from, "");
  EXPECT_EQ(read_query("")->from, std::nullopt);
  EXPECT_EQ(read_query("&&&")->from, std::nullopt);
}

TEST(Query, KeepsEverythingBehindTheFirstEqualsSign) { EXPECT_EQ(read_query("from=a=b")->from, "a=b"); }

TEST(Query, LetsUnknownKeysPassUnread) {
  EXPECT_EQ(reason_for("_state=%zz%&ns=docker.io&ns=x&mounted=y&fro=z&n=10&last=a;b&=x&x"), Reason::allowed);
}

TEST(Query, LetsForeignBytesPassWhereNobodyReadsThem) { EXPECT_EQ(reason_for("x=\xc3\xa4"), Reason::allowed); }

TEST(Query, RefusesKeysThatAreWrittenInCode) {
  for (const std::string_view query : {"%66rom=x", "fro%6d=x", "%=x", "a+b=x", "+from=x", "a;from=x", ";=x", "x=1&%6dount=y"}) {
    EXPECT_EQ(reason_for(query), Reason::query_malformed) << query;
  }
}

TEST(Query, RefusesKnownKeysInOtherLettersAndBrackets) {
  for (const std::string_view query :
       {"Mount=y", "mounT=y", "FROM=y", "x=1&From=y", "Digest=y", "Tag=y", "mount[]=y", "from[0]=y", "From[]=y", "tag[", "x=1;From=y"}) {
    EXPECT_EQ(reason_for(query), Reason::query_malformed) << query;
  }
  EXPECT_EQ(reason_for("x[]=1&amount=2&froms=3&[mount]=4&digest2=5"), Reason::allowed);
}

TEST(Query, RefusesAKnownKeyBehindASemicolon) {
  for (const std::string_view query : {"x=1;from=y", "x=1;mount=y", "x=;digest", "x=1;a=2;tag=z", "x=1;%66rom=y"}) {
    EXPECT_EQ(reason_for(query), Reason::query_malformed) << query;
  }
  EXPECT_EQ(reason_for("x=1;y=2;z"), Reason::allowed);
}

TEST(Query, RefusesASecondMountFromOrDigest) {
  for (const std::string_view query : {"mount=a&mount=a", "from=a&x=1&from=b", "digest=a&digest=", "from&from"}) {
    EXPECT_EQ(reason_for(query), Reason::query_malformed) << query;
  }
}

TEST(Query, RefusesBrokenEscapesInKnownValues) {
  for (const std::string_view query : {"from=%", "from=%2", "mount=%zz", "digest=a%", "tag=%g0"}) {
    EXPECT_EQ(reason_for(query), Reason::query_malformed) << query;
  }
}

TEST(Query, RefusesFragmentsBlanksAndControls) {
  for (const std::string_view query : {"x=a#b", "#", "x=a b", "x=a\tb", "x=\x01", "x=\x7f"}) {
    EXPECT_EQ(reason_for(query), Reason::query_malformed) << query;
  }
  EXPECT_EQ(reason_for(std::string_view("x=\0", 3)), Reason::query_malformed);
}

}  // namespace
}  // namespace portcullis
