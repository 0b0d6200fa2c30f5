#include "policy/cel/check/declarations.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "policy/cel/check/library.h"

namespace portcullis::cel {
namespace {

TEST(Declarations, EveryRowIsReadAndEveryIdIsUnique) {
  std::set<std::string_view> ids;
  for (const Overload& overload : all_overloads()) EXPECT_TRUE(ids.insert(overload.id).second) << overload.id;
  EXPECT_EQ(ids.size(), library_rows().size());
}

TEST(Declarations, AMethodHasATarget) {
  for (const Overload& overload : all_overloads()) EXPECT_FALSE(overload.method && overload.parameters.empty()) << overload.id;
}

TEST(Declarations, OverloadsOfAFunctionStandTogetherInTheirOrder) {
  const auto found = overloads_of("indexOf");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].id, "string_index_of_string");
  EXPECT_EQ(found[0].parameters.size(), 2U);
  EXPECT_EQ(found[1].parameters.size(), 3U);
  EXPECT_TRUE(found[1].method);
  EXPECT_EQ(type_name(found[1].result), "int");
  EXPECT_TRUE(overloads_of("").empty());
  EXPECT_TRUE(overloads_of("zzz").empty());
  EXPECT_TRUE(overloads_of("index").empty());
}

TEST(Declarations, WhatTheEnvironmentLacksIsNotThere) {
  for (const char* name :
       {"cel.bind", "math.greatest", "slice", "flatten", "sort", "lists.range", "distinct", "ip", "cidr", "proto.getExt"}) {
    EXPECT_TRUE(overloads_of(name).empty()) << name;
  }
}

TEST(Declarations, NamesOfTypes) {
  for (const char* name : {"bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type", "optional_type",
                           "google.protobuf.Timestamp", "google.protobuf.Duration"}) {
    EXPECT_NE(denoted_type(name), nullptr) << name;
  }
  for (const char* name : {"dyn", "timestamp", "duration", "error", "T", ""}) EXPECT_EQ(denoted_type(name), nullptr) << name;
}

}  // namespace
}  // namespace portcullis::cel
