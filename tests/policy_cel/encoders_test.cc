// policy/cel/functions/encoders.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelEncoders, BytesGoToBase64AndBack) {
  constexpr Row kRows[] = {{R"(base64.encode(b"hello"))", R"("aGVsbG8=")"},
                           {R"(base64.encode(b"\xfb\xff"))", R"("+/8=")"},
                           {R"(base64.decode("aGVsbG8=") == b"hello")", "true"},
                           {R"(base64.decode("aGVsbG8") == b"hello")", "true"},
                           {R"(base64.decode("") == b"")", "true"},
                           {R"(base64.decode("a"))", "eval: the text is no base64"},
                           {R"(base64.decode("-_8="))", "eval: the text is no base64"},
                           {R"(base64.decode("aGVs!G8="))", "eval: the text is no base64"}};
  expect_rows(kRows);
  EXPECT_EQ(unchecked("base64.encode(1)"), "eval: no such overload");
  EXPECT_EQ(unchecked("base64.decode(1)"), "eval: no such overload");
}

}  // namespace
}  // namespace portcullis::cel
