#include "plugin/round_report.h"

#include <gtest/gtest.h>

#include <string>

#include "plugin/log_output.h"
#include "tests/support/fake_clock.h"
#include "tests/support/key_sets.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

class RoundReportTest : public testing::Test {
 protected:
  [[nodiscard]] std::string said() const { return folder_.read("log"); }

  TempFolder folder_;
  FakeClock clock_;
  LogOutput output_ = LogOutput::open(folder_.path("log")).value();
  Log log_{clock_, output_.descriptor(), LogForm::json, LogLevel::info};
};

TEST_F(RoundReportTest, NamesTheKeyWhoseCertificateEndsSoonAndWhen) {
  const auto end = std::chrono::floor<std::chrono::seconds>(kNow) + std::chrono::days(3);
  SourceState source;
  source.name = "file";
  source.keys = std::make_shared<const KeySet>(key_set_of({verification_key(key_pair("P-256"), "c\n1").certified_until(end)}));

  report_endings(log_, source, std::nullopt, kNow);
  const std::string line = said();
  EXPECT_NE(line.find(R"("level":"warn","message":"a key's certificate ends soon)"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("source":"file","kid":"c\\x0a1","notAfter":"2026-03-04T12:00:00.000Z")"), std::string::npos) << line;

  report_endings(log_, source, kNow, kNow + std::chrono::hours(1));
  EXPECT_EQ(said(), line) << "said once";
}

TEST_F(RoundReportTest, OfASourceWithoutKeysSaysNothing) {
  report_endings(log_, SourceState(), std::nullopt, kNow);
  EXPECT_EQ(said(), "");
}

}  // namespace
}  // namespace portcullis::test
