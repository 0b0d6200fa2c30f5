#include "broker/kubernetes/kube_object.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

constexpr std::string_view kSecret =
    R"({"kind":"PartialObjectMetadata","metadata":{"name":"regcred","namespace":"shop","uid":"u-1","resourceVersion":"7",)"
    R"("labels":{"a":"b"},"annotations":{"c":"d"}}})";

bool reads(std::string_view text) { return read_kube_object(text).ok(); }

std::string named(const std::string& name, const std::string& more = R"("uid":"u","resourceVersion":"1")") {
  return R"({"metadata":{"name":")" + name + "\"," + more + "}}";
}

TEST(KubeObject, HasWhatTheMetadataSay) {
  const auto object = read_kube_object(kSecret);

  ASSERT_TRUE(object.ok());
  EXPECT_EQ(
      *object,
      (KubeObject{.space = "shop", .name = "regcred", .uid = "u-1", .version = "7", .labels = {{"a", "b"}}, .annotations = {{"c", "d"}}}));
}

TEST(KubeObject, IsGoingOnceItsDeletionHasBegun) {
  EXPECT_FALSE(read_kube_object(named("a"))->going);
  EXPECT_TRUE(read_kube_object(named("a", R"("uid":"u","resourceVersion":"1","deletionTimestamp":"2026-03-01T12:00:00Z")"))->going);
}

TEST(KubeObject, RefusesWhatIsNone) {
  for (const char* text : {"", "[]", "{}", "null", R"({"metadata":[]})", R"({"metadata":{"name":"a"}})",
                           R"({"metadata":{"name":7,"uid":"u","resourceVersion":"1"}})"}) {
    EXPECT_FALSE(reads(text)) << text;
  }
  EXPECT_TRUE(reads(named("a")));
  EXPECT_FALSE(reads(named("a", R"("uid":"","resourceVersion":"1")")));
  EXPECT_FALSE(reads(named("a", R"("uid":"u v","resourceVersion":"1")")));
  EXPECT_FALSE(reads(named("a", R"("uid":"u","resourceVersion":1)")));
  EXPECT_FALSE(reads(named("a", R"("uid":"u","resourceVersion":"1","labels":[])")));
  EXPECT_FALSE(reads(named("a", R"("uid":"u","resourceVersion":"1","labels":{"x":1})")));
  EXPECT_TRUE(reads(named("a", R"("uid":"u","resourceVersion":"1","labels":null)")));
  EXPECT_FALSE(reads(named("a", R"("uid":"u","resourceVersion":"1","namespace":"../x")")));
}

TEST(KubeObject, NamesAreThoseThatMayStandInAPath) {
  for (const char* name : {"a", "a-b", "a.b", "0", "a0.b-1.c"}) EXPECT_TRUE(is_dns_subdomain(name)) << name;
  for (const char* name : {"", ".", "a.", ".a", "a..b", "-a", "a-", "a-.b", "a.-b", "A", "a_b", "a/b", "a%2fb", "..", "a b"}) {
    EXPECT_FALSE(is_dns_subdomain(name)) << name;
    EXPECT_FALSE(reads(named(name))) << name;
  }
  EXPECT_TRUE(is_dns_subdomain(std::string(253, 'a')));
  EXPECT_FALSE(is_dns_subdomain(std::string(254, 'a')));
}

TEST(KubeList, HasEveryObjectAndThePageThatFollows) {
  const auto list = read_kube_list(R"({"metadata":{"continue":"next"},"items":[)" + named("a") + "," + named("b") + "]}");

  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->objects.size(), 2U);
  EXPECT_EQ(list->objects[1].name, "b");
  EXPECT_EQ(list->next, "next");
}

TEST(KubeList, AnEmptyOneMayBeNull) {
  EXPECT_TRUE(read_kube_list(R"({"items":null})").ok());
  EXPECT_TRUE(read_kube_list(R"({"items":[]})").ok());
  EXPECT_FALSE(read_kube_list(R"({"items":{}})").ok());
  EXPECT_FALSE(read_kube_list(R"({})").ok());
  EXPECT_FALSE(read_kube_list(R"({"items":[{}]})").ok());
}

TEST(KubeFailure, TellsWhatTheApiSays) {
  EXPECT_EQ(describe_kube_failure(403, R"({"kind":"Status","reason":"Forbidden","message":"secrets is forbidden"})"),
            "HTTP 403 Forbidden: secrets is forbidden");
  EXPECT_EQ(describe_kube_failure(500, "<html>oops</html>"), "HTTP 500");
  EXPECT_EQ(describe_kube_failure(500, R"({"kind":"Other","message":"x"})"), "HTTP 500");
}

TEST(KubeFailure, OfARefusedObjectNamesFieldsAndQuotesNothing) {
  EXPECT_EQ(describe_kube_failure(422, R"({"kind":"Status","reason":"Invalid","message":"Invalid value: \"canary\"",)"
                                       R"("details":{"causes":[{"field":"data[token]","message":"canary"},{"field":"type"}]}})"),
            "HTTP 422 Invalid: data[token], type");
  EXPECT_EQ(describe_kube_failure(400, R"({"kind":"Status","reason":"BadRequest","message":"cannot read canary"})"), "HTTP 400 BadRequest");
}

TEST(KubeObject, BoundsItsIdentity) {
  const auto with = [](const std::string& uid) { return reads(named("a", R"("uid":")" + uid + R"(","resourceVersion":"1")")); };
  EXPECT_TRUE(with(std::string(256, 'u')));
  EXPECT_FALSE(with(std::string(257, 'u')));
  EXPECT_TRUE(with("!~"));
  EXPECT_FALSE(with("a\\u007f"));
  EXPECT_FALSE(with("\xC3\xA9"));
  EXPECT_FALSE(reads(named("a", R"("uid":"u","resourceVersion":"")")));
  EXPECT_FALSE(reads(named("a", R"("resourceVersion":"1")")));
  EXPECT_FALSE(reads(named("a", R"("uid":"u","resourceVersion":"1","annotations":{"x":1})")));
  EXPECT_FALSE(reads(named("a", R"("uid":"u","resourceVersion":"1","annotations":[])")));
}

TEST(KubeFailure, ShowsTheMessagesThatQuoteNoData) {
  const auto told = [](int status) { return describe_kube_failure(status, R"({"kind":"Status","message":"shown"})"); };
  for (const int shown : {401, 403, 404, 409, 410, 429}) EXPECT_EQ(told(shown), "HTTP " + std::to_string(shown) + ": shown");
  for (const int hidden : {400, 402, 405, 408, 411, 422, 428, 430, 500}) EXPECT_EQ(told(hidden), "HTTP " + std::to_string(hidden));
  EXPECT_EQ(describe_kube_failure(403, R"({"kind":"Status","reason":"","message":7})"), "HTTP 403");
}

TEST(KubeFailure, ListsNoMoreFieldsThanALineHolds) {
  std::string causes = R"({"message":"without a field"})";
  for (int i = 0; i < 10; ++i) causes += R"(,{"field":")" + std::string(70, static_cast<char>('a' + i)) + R"("})";

  const std::string told = describe_kube_failure(422, R"({"kind":"Status","details":{"causes":[)" + causes + "]}}");

  const auto field = [](char c) { return std::string(64, c); };
  EXPECT_EQ(told, "HTTP 422: " + field('a') + ", " + field('b') + ", " + field('c') + ", " + field('d'));
}

}  // namespace
}  // namespace portcullis
