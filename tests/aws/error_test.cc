// XML, AWS errors and the retry quota.
#include <string>

#include <gtest/gtest.h>

#include "aws/aws_error.h"
#include "aws/retry.h"
#include "aws/xml.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

TEST(Xml, ReadsLocalNamesTextAndCdata) {
  const auto root = parse_xml("<a:R xmlns:a='urn:x'><a:C> x<![CDATA[<y>]]> </a:C><D/><C>second</C></a:R>");
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->name, "R");
  EXPECT_EQ(root->find("C")->text, "x<y>");
  EXPECT_EQ(root->find("none"), nullptr);
}

TEST(Xml, FindsBelowAtAnyDepth) {
  const auto root = parse_xml("<R><A><B><C>deep</C></B></A></R>");
  EXPECT_EQ(root->find("C"), nullptr);
  EXPECT_EQ(root->find_deep("C")->text, "deep");
}

TEST(Xml, RefusesDtdsAndWhatIsNotWellFormed) {
  EXPECT_FALSE(parse_xml("<!DOCTYPE r [<!ENTITY x 'y'>]><r>&x;</r>").ok());
  for (const char* text : {"", "x", "<a>", "<a></b>", "<a/><b/>", "<a>&nope;</a>"}) EXPECT_FALSE(parse_xml(text).ok()) << text;
}

std::string nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += "<a>";
  for (int i = 0; i < depth; ++i) text += "</a>";
  return text;
}

TEST(Xml, HoldsItsBounds) {
  EXPECT_TRUE(parse_xml(nested(32)).ok());
  EXPECT_FALSE(parse_xml(nested(33)).ok());
  std::string many = "<r>";
  for (int i = 0; i < 9'999; ++i) many += "<a/>";
  EXPECT_TRUE(parse_xml(many + "</r>").ok());
  EXPECT_FALSE(parse_xml(many + "<a/></r>").ok());
}

AwsError error_of(int status, std::string body, HttpHeaders headers = {}) {
  return read_aws_error({.status = status, .headers = std::move(headers), .body = std::move(body)});
}

TEST(AwsErrorTest, ReadsJsonServices) {
  const AwsError error = error_of(400, R"({"__type":"com.amazonaws.secretsmanager#ResourceNotFoundException","message":"no such secret"})");
  EXPECT_EQ(error.code, "ResourceNotFoundException");
  EXPECT_EQ(error.message, "no such secret");
  EXPECT_EQ(error.kind, AwsErrorKind::other);
}

TEST(AwsErrorTest, PrefersTheHeaderAndReadsTheCapitalMessage) {
  const AwsError error =
      error_of(400, R"({"__type":"x","Message":"not authorized"})", {{"x-amzn-errortype", "AccessDeniedException:http://x/"}});
  EXPECT_EQ(error.code, "AccessDeniedException");
  EXPECT_EQ(error.message, "not authorized");
  EXPECT_EQ(error.kind, AwsErrorKind::denied);
}

TEST(AwsErrorTest, ReadsQueryServices) {
  const AwsError error =
      error_of(403,
               "<ErrorResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><Error><Type>Sender</Type><Code>ExpiredToken</Code>"
               "<Message>expired</Message></Error></ErrorResponse>");
  EXPECT_EQ(error.code, "ExpiredToken");
  EXPECT_EQ(error.kind, AwsErrorKind::expired);
}

TEST(AwsErrorTest, SortsWhatItCannotReadByStatus) {
  EXPECT_EQ(error_of(503, "<html>").kind, AwsErrorKind::transient);
  EXPECT_EQ(error_of(429, "").kind, AwsErrorKind::throttle);
  EXPECT_EQ(error_of(403, "").kind, AwsErrorKind::denied);
  EXPECT_EQ(error_of(404, "").kind, AwsErrorKind::other);
}

TEST(AwsErrorTest, EscapesAndCutsTheMessage) {
  const AwsError error = error_of(400, R"({"code":"X","message":"a\n)" + std::string(1000, 'm') + "\"}");
  EXPECT_LE(error.message.size(), 256U);
  EXPECT_EQ(error.message.find('\n'), std::string::npos);
}

TEST(Retry, GivesUpBehindTheLastAttempt) {
  RetryQuota quota;
  EXPECT_TRUE(quota.next_wait({}, 3, AwsErrorKind::transient, false, {}, 0.5).has_value());
  EXPECT_FALSE(quota.next_wait({}, 4, AwsErrorKind::transient, false, {}, 0.5).has_value());
}

TEST(Retry, NeverRepeatsADenial) {
  RetryQuota quota;
  EXPECT_FALSE(quota.next_wait({}, 2, AwsErrorKind::denied, false, {}, 0.5).has_value());
  EXPECT_FALSE(quota.next_wait({}, 2, AwsErrorKind::other, false, {}, 0.5).has_value());
  EXPECT_EQ(quota.next_wait({}, 2, AwsErrorKind::expired, false, {}, 0.5), 0ms);
}

TEST(Retry, DoublesWithFullJitterUpToTheCap) {
  RetryQuota quota;
  const RetryRules many{.attempts = 20};
  EXPECT_EQ(quota.next_wait(many, 2, AwsErrorKind::transient, false, {}, 0.5), 1000ms);
  EXPECT_EQ(quota.next_wait(many, 3, AwsErrorKind::transient, false, {}, 0.5), 2000ms);
  EXPECT_EQ(quota.next_wait(many, 2, AwsErrorKind::transient, false, {}, 0.0), 0ms);
  EXPECT_EQ(quota.next_wait(many, 12, AwsErrorKind::throttle, false, {}, 1.0), 20'000ms);
  EXPECT_EQ(quota.next_wait(many, 2, AwsErrorKind::throttle, false, 60'000ms, 0.5), 20'000ms);
}

TEST(Retry, StopsWhenTheQuotaIsSpentAndRefillsWithSuccess) {
  RetryQuota quota;
  int granted = 0;
  while (quota.next_wait({}, 2, AwsErrorKind::transient, true, {}, 0.5)) ++granted;
  EXPECT_EQ(granted, 50);
  quota.succeeded(2);
  EXPECT_TRUE(quota.next_wait({}, 2, AwsErrorKind::transient, true, {}, 0.5).has_value());
}

}  // namespace
}  // namespace portcullis
