#include <gtest/gtest.h>

#include "config/read/sections.h"
#include "tests/config/sample.h"

namespace portcullis {
namespace {

TEST(Http, KeepsAccessControlWhereItIsWritten) {
  EXPECT_NE(load({.http = R"("accessControl":{},)"}).config->access_control, nullptr);
  EXPECT_EQ(load(Sample{}).config->access_control, nullptr);
}

TEST(Http, TypeFaultsAreFoundEvenWhereListenDecides) {
  EXPECT_TRUE(refuses(load({.http = R"("port":true,)"}), "http.port", "must be a string"));
  EXPECT_TRUE(refuses(load({.http = R"("address":1,)"}), "http.address", "must be a string"));
}

TEST(Log, KnowsZotsLevels) {
  EXPECT_EQ(log_level("trace"), "debug");
  EXPECT_EQ(log_level("debug"), "debug");
  EXPECT_EQ(log_level("info"), "info");
  EXPECT_EQ(log_level("WARN"), "warn");
  EXPECT_EQ(log_level("error"), "error");
  EXPECT_EQ(log_level("fatal"), "error");
  EXPECT_EQ(log_level("panic"), "error");
  EXPECT_EQ(log_level("verbose"), std::nullopt);
  EXPECT_EQ(log_level(""), std::nullopt);
}

TEST(Log, ReadsLevelAndOutput) {
  const LoadedConfig loaded = load({.top = R"("log":{"level":"Debug","output":"gate.log"},)"});

  ASSERT_TRUE(loads(loaded));
  EXPECT_EQ(loaded.config->log.level, "debug");
  EXPECT_EQ(loaded.config->log.output, "/etc/portcullis/gate.log");
  EXPECT_TRUE(refuses(load({.top = R"("log":{"level":"loud"},)"}), "log.level", "\"loud\""));
  EXPECT_TRUE(refuses(load({.top = R"("log":{"levle":"info"},)"}), "log.levle", "did you mean \"level\"?"));
}

}  // namespace
}  // namespace portcullis
