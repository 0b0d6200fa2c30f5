// policy/cel/functions/message_builders.
#include "tests/policy_cel/rows.h"

namespace portcullis::cel {
namespace {

TEST(CelMessages, LiteralsOfWellKnownMessagesAreValues) {
  constexpr Row kRows[] = {{"google.protobuf.Int64Value{value: 5} == 5", "true"},
                           {"google.protobuf.Int32Value{}", "0"},
                           {"google.protobuf.UInt32Value{value: 5u}", "5"},
                           {"google.protobuf.StringValue{value: \"a\"}", R"("a")"},
                           {"google.protobuf.BoolValue{}", "false"},
                           {"google.protobuf.DoubleValue{value: 1.5}", "1.5"},
                           {"google.protobuf.FloatValue{value: 0.1} == 0.1", "false"},
                           {"google.protobuf.BytesValue{} == b\"\"", "true"},
                           {"google.protobuf.Duration{seconds: 3, nanos: 500000000}", R"("3.5s")"},
                           {"google.protobuf.Timestamp{seconds: 60}", R"("1970-01-01T00:01:00Z")"},
                           {"google.protobuf.ListValue{values: [1.0]}", "[1]"},
                           {"google.protobuf.Struct{fields: {\"a\": 1.0}}", R"({"a":1})"},
                           {"google.protobuf.Value{string_value: \"a\"}", R"("a")"},
                           {"google.protobuf.Value{}", "null"}};
  expect_rows(kRows);
}

TEST(CelMessages, TheirRangesHold) {
  constexpr Row kRows[] = {{"google.protobuf.Int32Value{value: 2147483647}", "2147483647"},
                           {"google.protobuf.Int32Value{value: 2147483648}", "eval: range error: the number does not fit in 32 bits"},
                           {"google.protobuf.UInt32Value{value: 4294967296u}", "eval: range error: the number does not fit in 32 bits"},
                           {"google.protobuf.Duration{seconds: 1, nanos: 1000000000}", "eval: nanos out of range"},
                           {"google.protobuf.Duration{seconds: 10000000000}", "eval: duration out of range"},
                           {"google.protobuf.Timestamp{seconds: 253402300800}", "eval: timestamp out of range"}};
  expect_rows(kRows);
}

}  // namespace
}  // namespace portcullis::cel
