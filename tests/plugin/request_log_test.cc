#include "plugin/request_log.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "plugin/log_output.h"
#include "tests/support/gate_fixture.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

class RequestLogTest : public testing::Test {
 protected:
  /// Notes what the gate says to `question`.
  void note(const GateQuestion& question, SteadyPoint at = SteadyPoint(std::chrono::seconds(100))) {
    const GateAnswer answer = gate_.ask(question);
    HttpRequest request{.method = question.method, .raw_uri = question.uri, .headers = {}, .has_body = false, .body = {}, .peer = nullptr};
    Peer peer = trusted_peer();
    peer.text = "127.0.0.1";
    request.peer = &peer;
    for (const auto& [name, value] : question.headers) request.headers.emplace_back(name, value);
    lines_.note(request, answer, gate_.state().rules, "some-id", at);
  }
  [[nodiscard]] std::string text() const { return folder_.read("log"); }
  [[nodiscard]] std::size_t line_count() const {
    const std::string all = text();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
  }

  TempFolder folder_;
  FakeClock clock_;
  LogOutput output_ = LogOutput::open(folder_.path("log")).value();
  Log log_{clock_, output_.descriptor(), LogForm::json, LogLevel::info};
  RequestLog lines_{log_};
  TestGate gate_;
};

SteadyPoint second(int number) { return SteadyPoint(std::chrono::seconds(number)); }

TEST_F(RequestLogTest, WritesOneLineForARefusal) {
  note(nginx_asks("GET", "/v2/other/app/tags/list", bearer(good_token("team/app"))));

  EXPECT_EQ(line_count(), 1U);
  for (const std::string_view part : {"\"level\":\"info\"", "\"message\":\"refused\"", "\"id\":\"some-id\"", "\"endpoint\":\"auth\"",
                                      "\"status\":401", "\"method\":\"GET\"", "\"route\":\"/v2/<name>/tags/list\"",
                                      "\"repository\":\"other/app\"", "\"reason\":\"scope_insufficient\"", "\"peer\":\"127.0.0.1\""})
    EXPECT_NE(text().find(part), std::string::npos) << part << " in " << text();
}

TEST_F(RequestLogTest, IsSilentAboutAllowsAndFirstVisitsAtInfo) {
  note(nginx_asks("GET", "/v2/team/app/tags/list", bearer(good_token())));
  note(nginx_asks("GET", "/v2/"));

  EXPECT_EQ(text(), "");
}

TEST_F(RequestLogTest, TellsAllowsAndFirstVisitsAtDebug) {
  log_.set_level(LogLevel::debug);

  note(nginx_asks("GET", "/v2/team/app/tags/list", bearer(good_token())));
  note(nginx_asks("GET", "/v2/"));

  EXPECT_NE(text().find("\"message\":\"allowed\""), std::string::npos);
  EXPECT_NE(text().find("\"reason\":\"token_missing\""), std::string::npos);
}

TEST_F(RequestLogTest, EscapesAndCutsWhatAClientSent) {
  const std::string method = "FOO\x01\"" + std::string(1000, 'm');

  note(nginx_asks(method, "/v2/team/app/tags/list", bearer(good_token())));

  EXPECT_EQ(line_count(), 1U);
  EXPECT_EQ(text().find('\x01'), std::string::npos);
  EXPECT_EQ(text().find(std::string(300, 'm')), std::string::npos);
}

TEST_F(RequestLogTest, WritesNoCredential) {
  const std::string token = good_token("team/app");

  note(nginx_asks("GET", "/v2/other/app/tags/list", bearer(token)));
  note(nginx_asks("GET", "/v2/other/app/tags/list", "Basic dXNlcjpzZWNyZXQ="));

  EXPECT_EQ(line_count(), 2U);
  EXPECT_EQ(text().find(token.substr(token.rfind('.'))), std::string::npos);
  EXPECT_EQ(text().find("dXNlcjpzZWNyZXQ"), std::string::npos);
}

TEST_F(RequestLogTest, WritesAllLinesUpToTheBound) {
  const GateQuestion question = nginx_asks("GET", "/nothing", bearer(good_token()));

  for (std::uint32_t i = 0; i < RequestLog::kLinesPerSecond; ++i) note(question, second(7));

  EXPECT_EQ(line_count(), RequestLog::kLinesPerSecond);
}

TEST_F(RequestLogTest, CountsWhatIsAboveTheBoundInOneLine) {
  const GateQuestion question = nginx_asks("GET", "/nothing", bearer(good_token()));
  for (std::uint32_t i = 0; i < RequestLog::kLinesPerSecond + 5; ++i) note(question, second(7));
  ASSERT_EQ(line_count(), RequestLog::kLinesPerSecond);

  note(question, second(8));

  EXPECT_EQ(line_count(), RequestLog::kLinesPerSecond + 2);
  EXPECT_NE(text().find("\"message\":\"refusals not logged\",\"count\":5"), std::string::npos);
}

}  // namespace
}  // namespace portcullis::test
