// Another program with text on its standard input.
#include "plugin/cli/piped_program.h"

#include <string>

#include <gtest/gtest.h>

namespace portcullis {
namespace {

TEST(PipedProgram, ReadsTheTextAndGivesItsStatus) {
  EXPECT_EQ(run_piped({"sh", "-c", "read line; test \"$line\" = secret"}, "secret\n").value(), 0);
  EXPECT_EQ(run_piped({"sh", "-c", "read line; test \"$line\" = secret"}, "another\n").value(), 1);
  EXPECT_EQ(run_piped({"sh", "-c", "exit 7"}, "").value(), 7);
}

TEST(PipedProgram, ThatReadsNothingDoesNotEndUs) {
  EXPECT_EQ(run_piped({"true"}, std::string(1024UL * 1024, 'x')).value(), 0);
  EXPECT_EQ(run_piped({"sh", "-c", "kill -9 $$"}, "x").value(), 128 + 9);
}

TEST(PipedProgram, ThatIsNotThereIsAnError) {
  const auto ran = run_piped({"portcullis-no-such-program"}, "canary");
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().reason, Reason::io_failed);
  EXPECT_EQ(ran.error().detail, "portcullis-no-such-program: No such file or directory");
  EXPECT_FALSE(run_piped({}, "").ok());
}

}  // namespace
}  // namespace portcullis
