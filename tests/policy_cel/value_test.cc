// policy/cel/value.
#include "policy/cel/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace portcullis::cel {
namespace {

constexpr std::int64_t kMostInt = std::numeric_limits<std::int64_t>::max();

Value number(std::int64_t value) { return Value::of(value); }

TEST(CelValue, NumbersAreEqualAcrossTypes) {
  EXPECT_TRUE(equal(number(1), Value::of(std::uint64_t{1})));
  EXPECT_TRUE(equal(number(1), Value::of(1.0)));
  EXPECT_TRUE(equal(Value::of(std::uint64_t{1}), Value::of(1.0)));
  EXPECT_FALSE(equal(number(-1), Value::of(std::numeric_limits<std::uint64_t>::max())));
  EXPECT_FALSE(equal(number(1), Value::of(1.5)));
}

TEST(CelValue, NaNIsUnequalToItselfAndHasNoOrder) {
  const Value nan = Value::of(std::nan(""));

  EXPECT_FALSE(equal(nan, nan));
  EXPECT_TRUE(comparable(nan, number(1)));
  EXPECT_FALSE(compare(nan, number(1)).has_value());
}

TEST(CelValue, DifferentTypesAreUnequalAndHaveNoOrder) {
  EXPECT_FALSE(equal(Value::of("1"), number(1)));
  EXPECT_FALSE(equal(Value(), Value::of(false)));
  EXPECT_FALSE(comparable(Value::of("1"), number(1)));
  EXPECT_FALSE(comparable(Value(), Value()));
}

TEST(CelValue, AnIntegerAndADoubleOutsideItsRangeAreOrdered) {
  EXPECT_EQ(compare(number(kMostInt), Value::of(1e300)), std::strong_ordering::less);
  EXPECT_EQ(compare(number(kMostInt), Value::of(-1e300)), std::strong_ordering::greater);
  EXPECT_EQ(compare(Value::of(1e300), number(kMostInt)), std::strong_ordering::greater);
  EXPECT_EQ(compare(Value::of(std::uint64_t{0}), Value::of(-0.5)), std::strong_ordering::greater);
}

TEST(CelValue, MapsAreEqualWhateverTheOrderOfTheirEntries) {
  const Value one = Value::of(Map{{Value::of("a"), number(1)}, {Value::of("b"), number(2)}});
  const Value other = Value::of(Map{{Value::of("b"), number(2)}, {Value::of("a"), Value::of(1.0)}});

  EXPECT_TRUE(equal(one, other));
  EXPECT_FALSE(equal(one, Value::of(Map{{Value::of("a"), number(1)}})));
}

TEST(CelValue, AMapFindsEachOfItsKeysOnBothSidesOfItsIndex) {
  for (const int size : {1, 8, 9, 10, 100, 10'000}) {
    Mapping map;
    for (int i = 0; i < size; ++i) ASSERT_TRUE(map.add(Value::of("key-" + std::to_string(i)), number(i))) << size;

    for (int i = 0; i < size; ++i) {
      const Value* found = map.find("key-" + std::to_string(i));
      ASSERT_NE(found, nullptr) << size << " " << i;
      EXPECT_EQ(*found->as<std::int64_t>(), i);
    }
    EXPECT_EQ(map.find("key-" + std::to_string(size)), nullptr) << size;
    EXPECT_FALSE(map.add(Value::of("key-0"), number(1)));
  }
}

TEST(CelValue, AMapFindsANumberUnderAnyOfItsTypes) {
  for (const int size : {3, 50}) {
    Mapping map;
    for (int i = 0; i < size; ++i) ASSERT_TRUE(map.add(number(i), Value::of(true)));

    EXPECT_NE(map.find(Value::of(2.0)), nullptr) << size;
    EXPECT_NE(map.find(Value::of(std::uint64_t{2})), nullptr) << size;
    EXPECT_EQ(map.find(Value::of(2.5)), nullptr) << size;
    EXPECT_EQ(map.find(Value::of("2")), nullptr) << size;
  }
}

TEST(CelValue, OfTwoEntriesUnderOneKeyTheFirstStays) {
  const Value map = Value::of(Map{{Value::of("a"), number(1)}, {Value::of("a"), number(2)}});

  EXPECT_EQ(*map.member("a")->as<std::int64_t>(), 1);
  EXPECT_EQ(map.as<Mapping>()->entries().size(), 1U);
}

TEST(CelValue, ComparingWithinABudgetGivesUpWhereItIsSpent) {
  const Value list = Value::of(List(100, Value::of(std::string(160, 'a'))));
  std::size_t enough = 10'000;
  std::size_t little = 100;

  EXPECT_EQ(equal_within(list, Value::of(List(list.as<List>()->begin(), list.as<List>()->end())), enough), true);
  EXPECT_FALSE(equal_within(list, Value::of(List(list.as<List>()->begin(), list.as<List>()->end())), little).has_value());
  EXPECT_LT(enough, 10'000U);
}

TEST(CelValue, TextsOfOneLengthArePaidForByTheirBytes) {
  const Value text = Value::of(std::string(64'000, 'a'));
  std::size_t budget = 1'000;

  EXPECT_FALSE(equal_within(text, Value::of(std::string(64'000, 'a')), budget).has_value());
}

TEST(CelValue, EachKindKnowsItsName) {
  EXPECT_EQ(value_type_name(Value()), "null_type");
  EXPECT_EQ(value_type_name(Value::of("a")), "string");
  EXPECT_EQ(value_type_name(Value::of(List())), "list");
  EXPECT_EQ(value_type_name(Value::of(Map())), "map");
  EXPECT_EQ(value_type_name(Value::of(Bytes{"a"})), "bytes");
  EXPECT_EQ(value_type_name(Value::none()), "optional_type");
  EXPECT_EQ(value_type_name(Value::of(Timestamp{})), "google.protobuf.Timestamp");
  EXPECT_EQ(value_type_name(Value::of(TypeValue{"int"})), "type");
  EXPECT_EQ(Value::of(1.5).kind(), Kind::floating);
}

TEST(CelValue, AnOptionalIsUnwrappedToItsValueOrNull) {
  EXPECT_TRUE(without_optional(Value::none()).is_null());
  EXPECT_EQ(without_optional(Value::some(number(1))).kind(), Kind::int64);
  EXPECT_EQ(without_optional(number(1)).kind(), Kind::int64);
}

}  // namespace
}  // namespace portcullis::cel
