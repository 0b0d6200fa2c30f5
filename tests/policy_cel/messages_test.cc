#include "policy/cel/check/messages.h"

#include <gtest/gtest.h>

namespace portcullis::cel {
namespace {

TEST(Messages, AreTheWellKnownOnesAlone) {
  for (const char* name : {"BoolValue", "BytesValue", "DoubleValue", "FloatValue", "Int32Value", "Int64Value", "StringValue", "UInt32Value",
                           "UInt64Value", "Duration", "Timestamp", "Struct", "ListValue", "Value"}) {
    EXPECT_NE(message_type("google.protobuf." + std::string(name)), nullptr) << name;
  }
  for (const char* name : {"google.protobuf.Any", "google.protobuf.Empty", "google.protobuf", "Int64Value", ""}) {
    EXPECT_EQ(message_type(name), nullptr) << name;
  }
}

TEST(Messages, AWrapperIsOfItsPrimitive) {
  EXPECT_EQ(type_name(message_type("google.protobuf.UInt32Value")->type), "wrapper(uint)");
  EXPECT_EQ(type_name(message_type("google.protobuf.FloatValue")->fields.at(0).type), "double");
}

TEST(Messages, HaveTheirFields) {
  EXPECT_EQ(message_type("google.protobuf.Value")->fields.size(), 6U);
  EXPECT_EQ(message_type("google.protobuf.Timestamp")->fields.at(1).name, "nanos");
  EXPECT_EQ(type_name(message_type("google.protobuf.Struct")->fields.at(0).type), "map(string, dyn)");
}

}  // namespace
}  // namespace portcullis::cel
