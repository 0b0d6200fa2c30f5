#include "policy/cel/check/inference.h"

#include <gtest/gtest.h>

#include <string>

namespace portcullis::cel {
namespace {

Type type(std::string_view text) { return type_from_name(text).value(); }

std::string resolved(Inference& inference, const Type& of) { return type_name(inference.resolved(of, true)); }

TEST(Inference, AParameterBecomesWhatIsPutInItsPlace) {
  Inference inference;
  const Type element = inference.fresh();
  const Type list{Kind::list, {element}, {}};

  EXPECT_TRUE(inference.assignable(type("list(int)"), list));
  EXPECT_EQ(resolved(inference, element), "int");
  EXPECT_FALSE(inference.assignable(type("list(string)"), list));
  EXPECT_EQ(resolved(inference, element), "int") << "what failed changed nothing";
}

TEST(Inference, WhatIsUnknownIsDyn) {
  Inference inference;
  EXPECT_EQ(resolved(inference, inference.fresh()), "dyn");
  EXPECT_EQ(inference.resolved(type("list(T)"), false), type("list(T)"));
}

TEST(Inference, AnAttemptThatFailsHalfWayIsUndone) {
  Inference inference;
  const Type key = inference.fresh();
  const Type map{Kind::map, {key, type("int")}, {}};

  EXPECT_FALSE(inference.assignable(type("map(string, bool)"), map));
  EXPECT_TRUE(inference.assignable(type("map(bool, int)"), map)) << "the key was not decided by the first attempt";
}

TEST(Inference, DynIsAssignableToAllAndMoreGeneralThanAll) {
  Inference inference;
  EXPECT_TRUE(inference.assignable(type("dyn"), type("int")));
  EXPECT_TRUE(inference.assignable(type("list(int)"), type("list(dyn)")));
  EXPECT_EQ(inference.more_general(type("list(int)"), type("list(dyn)")), type("list(dyn)"));
}

TEST(Inference, NullIsAssignableToWhatCanBeAbsent) {
  Inference inference;
  for (const char* name : {"wrapper(int)", "timestamp", "duration", "optional_type(int)", "null"}) {
    EXPECT_TRUE(inference.assignable(type("null"), type(name))) << name;
    EXPECT_TRUE(inference.assignable(type(name), type("null"))) << name;
  }
  for (const char* name : {"int", "string", "list(int)", "map(int, int)", "bool"}) {
    EXPECT_FALSE(inference.assignable(type("null"), type(name))) << name;
  }
}

TEST(Inference, AWrapperIsItsPrimitiveOrNull) {
  Inference inference;
  EXPECT_TRUE(inference.assignable(type("wrapper(int)"), type("int")));
  EXPECT_TRUE(inference.assignable(type("int"), type("wrapper(int)")));
  EXPECT_FALSE(inference.assignable(type("wrapper(int)"), type("uint")));
  EXPECT_FALSE(inference.assignable(type("wrapper(int)"), type("wrapper(string)")));
  EXPECT_EQ(inference.more_general(type("int"), type("wrapper(int)")), type("wrapper(int)"));
  EXPECT_EQ(inference.more_general(type("null"), type("wrapper(int)")), type("wrapper(int)"));
}

TEST(Inference, AParameterDoesNotHoldItself) {
  Inference inference;
  const Type parameter = inference.fresh();
  EXPECT_FALSE(inference.assignable(Type{Kind::list, {parameter}, {}}, parameter));
  EXPECT_TRUE(inference.assignable(parameter, parameter));
}

TEST(Inference, EachUseOfAnOverloadHasItsOwnParameters) {
  Inference inference;
  std::vector<Type> first = {type("list(T)"), type("T")};
  std::vector<Type> second = first;
  inference.rename(first);
  inference.rename(second);

  EXPECT_EQ(first[0].parameters[0], first[1]);
  EXPECT_NE(first[1], second[1]);
}

TEST(Inference, ATypeThatGrowsTooLargeExhaustsIt) {
  Inference inference;
  Type doubling = type("int");
  for (int i = 0; i < 7; ++i) doubling = Type{Kind::map, {doubling, doubling}, {}};
  EXPECT_EQ(inference.resolved(doubling, true), doubling) << "255 parts";
  EXPECT_FALSE(inference.exhausted());

  doubling = Type{Kind::map, {doubling, doubling}, {}};
  (void)inference.resolved(doubling, true);
  EXPECT_TRUE(inference.exhausted());
  EXPECT_FALSE(inference.assignable(type("int"), type("int"))) << "nothing is, any more";
}

}  // namespace
}  // namespace portcullis::cel
