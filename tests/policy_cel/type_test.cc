#include "policy/cel/type.h"

#include <gtest/gtest.h>

namespace portcullis::cel {
namespace {

TEST(Type, IsWrittenAndReadBack) {
  for (const char* text : {"dyn", "null", "bool", "int", "uint", "double", "string", "bytes", "duration", "timestamp", "list(int)",
                           "map(string, dyn)", "optional_type(list(T))", "type", "type(K)", "wrapper(int)", "map(map(K, V), list(T1))"}) {
    const auto type = type_from_name(text);
    ASSERT_TRUE(type.has_value()) << text;
    EXPECT_EQ(type_name(*type), text);
  }
}

TEST(Type, HasTwoNamesForTimes) {
  EXPECT_EQ(type_from_name("google.protobuf.Timestamp"), type_from_name("timestamp"));
  EXPECT_EQ(type_from_name("google.protobuf.Duration"), type_from_name("duration"));
}

TEST(Type, IsNotReadFromAnotherText) {
  for (const char* text : {"", "Int", "list", "list(", "list()", "list(int", "list(int))", "map(int)", "map(int,int)", "int(int)", "t",
                           "Tx", "!error!", "a b"}) {
    EXPECT_FALSE(type_from_name(text).has_value()) << text;
  }
}

TEST(Type, IsReadToABoundedDepth) {
  const auto nested = [](int depth) {
    std::string text = "int";
    for (int i = 0; i < depth; ++i) text = "list(" + text + ")";
    return text;
  };
  EXPECT_TRUE(type_from_name(nested(64)).has_value());
  EXPECT_FALSE(type_from_name(nested(65)).has_value());
}

}  // namespace
}  // namespace portcullis::cel
