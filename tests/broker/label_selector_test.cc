#include "broker/kubernetes/label_selector.h"

#include <gtest/gtest.h>

#include "tests/fake_kube/selectors.h"

namespace portcullis {
namespace {

using Operator = LabelRequirement::Operator;

TEST(LabelSelector, IsEmptyWhereNothingIsAskedFor) { EXPECT_EQ(label_selector({}, {}), ""); }

TEST(LabelSelector, HasEachPartInTheGrammarOfTheApi) {
  EXPECT_EQ(label_selector({{"a", "b"}, {"example.com/c", ""}}, {{.key = "d", .op = Operator::in, .values = {"e", "f"}},
                                                                 {.key = "g", .op = Operator::not_in, .values = {"h"}},
                                                                 {.key = "i", .op = Operator::exists, .values = {}},
                                                                 {.key = "j", .op = Operator::does_not_exist, .values = {}}}),
            "a=b,example.com/c=,d in (e,f),g notin (h),i,!j");
}

/// A server reads what we write as we mean it: each operator with labels that meet it and labels that do not.
TEST(LabelSelector, MeansWhatItSays) {
  const auto picks = [](const LabelRequirement& one, const std::map<std::string, std::string>& labels) {
    const auto read = fake_kube::read_label_selector(label_selector({}, {one}));
    return read && fake_kube::matches(*read, labels);
  };
  const LabelRequirement in{.key = "t", .op = Operator::in, .values = {"x", "y"}};
  EXPECT_TRUE(picks(in, {{"t", "y"}}));
  EXPECT_FALSE(picks(in, {{"t", "z"}}));
  EXPECT_FALSE(picks(in, {}));
  const LabelRequirement not_in{.key = "t", .op = Operator::not_in, .values = {"x"}};
  EXPECT_TRUE(picks(not_in, {{"t", "z"}}));
  EXPECT_TRUE(picks(not_in, {}));
  EXPECT_FALSE(picks(not_in, {{"t", "x"}}));
  const LabelRequirement exists{.key = "t", .op = Operator::exists, .values = {}};
  EXPECT_TRUE(picks(exists, {{"t", ""}}));
  EXPECT_FALSE(picks(exists, {}));
  const LabelRequirement absent{.key = "t", .op = Operator::does_not_exist, .values = {}};
  EXPECT_TRUE(picks(absent, {}));
  EXPECT_FALSE(picks(absent, {{"t", ""}}));
}

}  // namespace
}  // namespace portcullis
