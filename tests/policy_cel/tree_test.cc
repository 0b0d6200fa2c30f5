#include "policy/cel/parse/tree.h"

#include <gtest/gtest.h>

namespace portcullis::cel {
namespace {

class TreeTest : public testing::Test {
 protected:
  Faults faults_{"source"};
  ParseLimits limits_{.source_bytes = 100, .nesting = 32, .nodes = 5, .height = 3};
};

TEST_F(TreeTest, PutsChildrenBeforeTheirParents) {
  Tree tree("source", limits_, faults_);
  const NodeId one = tree.literal(0, Value::of(true));
  const NodeId call = tree.call(1, "!_", {one});

  EXPECT_LT(one, call);
  const Ast ast = tree.take(call);
  EXPECT_EQ(ast.root, call);
  EXPECT_EQ(ast.source, "source");
  EXPECT_EQ(ast.nodes.size(), 2U);
}

TEST_F(TreeTest, AMissingChildMakesAMissingParent) {
  Tree tree("source", limits_, faults_);

  EXPECT_EQ(tree.call(0, "!_", {kNoNode}), kNoNode);
  EXPECT_EQ(tree.method(0, kNoNode, "f", {}), kNoNode);
  EXPECT_TRUE(faults_.empty()) << "whoever made no child said why";
}

TEST_F(TreeTest, HoldsItsNodesAndSaysOnceThatItHoldsNoMore) {
  Tree tree("source", limits_, faults_);
  for (int i = 0; i < 5; ++i) EXPECT_NE(tree.identifier(0, "a"), kNoNode);
  EXPECT_TRUE(faults_.empty());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(tree.identifier(2, "a"), kNoNode);

  EXPECT_EQ(faults_.error().detail, "ERROR: <input>:1:3: the expression is too large: it has more than 5 parts\n | source\n | ..^");
}

TEST_F(TreeTest, IsNoTallerThanItsBound) {
  Tree tree("source", limits_, faults_);
  const NodeId leaf = tree.identifier(0, "a");
  const NodeId second = tree.call(0, "!_", {leaf});
  const NodeId third = tree.call(0, "!_", {second});

  EXPECT_NE(third, kNoNode);
  EXPECT_EQ(tree.call(0, "!_", {third}), kNoNode);
  EXPECT_FALSE(faults_.empty());
}

}  // namespace
}  // namespace portcullis::cel
