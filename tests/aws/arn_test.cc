#include "aws/arn.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

TEST(Arn, NamesItsAccount) {
  EXPECT_EQ(arn_account("arn:aws:secretsmanager:eu-west-1:123456789012:secret:zot/keys-AbCdEf"), "123456789012");
  EXPECT_EQ(arn_account("arn:aws-cn:iam::123456789012:role/reader"), "123456789012");
  EXPECT_EQ(arn_account("arn:aws:iam::123456789012"), "123456789012");
}

TEST(Arn, WithoutTwelveDigitsInThatPlaceNamesNone) {
  for (const char* text :
       {"", "zot/keys", "arn:", "arn:aws:s3:::bucket", "arn:aws:iam::12345678901:role/r", "arn:aws:iam::1234567890123:role/r",
        "arn:aws:iam::12345678901a:role/r", "arn:aws:iam", "ARN:aws:iam::123456789012:role/r"})
    EXPECT_EQ(arn_account(text), "") << text;
}

}  // namespace
}  // namespace portcullis
