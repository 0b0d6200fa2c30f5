// The real transport against a small server on loopback: bounds, no redirects, no surprises.
#include <atomic>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io/curl_http.h"

namespace portcullis {
namespace {

/// Accepts one connection, reads until a blank line and what Content-Length says, and answers with a fixed text.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~OneAnswer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  [[nodiscard]] const std::string& url() const { return url_; }
  /// What was asked; call after the answer was read.
  [[nodiscard]] std::string asked() {
    while (!done_.load()) std::this_thread::yield();
    return asked_;
  }

 private:
  void serve() {
    const int peer = ::accept(listener_, nullptr, nullptr);
    if (peer >= 0) {
      char buffer[4096];
      while (asked_.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::read(peer, buffer, sizeof buffer);
        if (got <= 0) break;
        asked_.append(buffer, static_cast<std::size_t>(got));
      }
      [[maybe_unused]] const ssize_t written = ::write(peer, answer_.data(), answer_.size());
      ::shutdown(peer, SHUT_WR);
      ::close(peer);
    }
    done_ = true;
  }

  const std::string answer_;
  const int listener_;
  std::string url_;
  std::string asked_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

OutgoingRequest get(const std::string& url) {
  OutgoingRequest request;
  request.method = "GET";
  request.url = url;
  request.reachable = ReachableHosts::with_loopback;
  return request;
}

TEST(CurlHttp, ReadsStatusHeadersAndBody) {
  OneAnswer server("HTTP/1.1 418 Teapot\r\nX-One: a\r\nx-one: b\r\nContent-Length: 2\r\n\r\nhi");
  CurlHttp http("portcullis-test");
  OutgoingRequest request = get(server.url() + "/p?q=1");
  request.headers = {{"X-Sent", "v"}, {"X-Empty", ""}};
  const auto answer = http.send(request);
  ASSERT_TRUE(answer.ok()) << answer.error().detail;
  EXPECT_EQ(answer->status, 418);
  EXPECT_EQ(answer->header("X-ONE"), "a");
  EXPECT_EQ(answer->header("X"), std::nullopt);
  EXPECT_EQ(answer->body, "hi");
  const std::string asked = server.asked();
  EXPECT_TRUE(asked.starts_with("GET /p?q=1 HTTP/1.1\r\n")) << asked;
  EXPECT_NE(asked.find("X-Sent: v\r\n"), std::string::npos);
  EXPECT_NE(asked.find("X-Empty:\r\n"), std::string::npos);
  EXPECT_EQ(asked.find("Accept-Encoding"), std::string::npos);
}

TEST(CurlHttp, FollowsNoRedirect) {
  OneAnswer server("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(CurlHttp("t").send(get(server.url()))->status, 302);
}

TEST(CurlHttp, HoldsTheBoundOfTheBody) {
  OutgoingRequest request = get("");
  request.body_limit = 4;
  {
    OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n1234");
    request.url = server.url();
    EXPECT_TRUE(CurlHttp("t").send(request).ok());
  }
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345");
  request.url = server.url();
  const auto answer = CurlHttp("t").send(request);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().reason, Reason::io_failed);
  EXPECT_NE(answer.error().detail.find("too large"), std::string::npos);
}

TEST(CurlHttp, HoldsTheBoundOfTheHeaders) {
  OneAnswer server("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(CurlHttp("t").send(get(server.url())).ok());
}

TEST(CurlHttp, RefusesPlainHttpWhereItMustBeTls) {
  OutgoingRequest request = get("http://127.0.0.1:1/");
  request.reachable = ReachableHosts::public_only;
  EXPECT_FALSE(CurlHttp("t").send(request).ok());
}

TEST(CurlHttp, SpeaksPlainHttpToLoopbackAloneWhateverTheSchemesLetterCase) {
  for (const char* url : {"http://192.0.2.1/", "HTTP://192.0.2.1/", "hTTp://192.0.2.1/"}) {
    const auto answer = CurlHttp("t").send(get(url));
    ASSERT_FALSE(answer.ok()) << url;
    EXPECT_NE(answer.error().detail.find("loopback addresses only"), std::string::npos) << answer.error().detail;
  }
}

TEST(CurlHttp, SpeaksPlainHttpWhereItIsAllowed) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  OutgoingRequest request = get(server.url());
  request.reachable = ReachableHosts::with_plain_http;
  EXPECT_TRUE(CurlHttp("t").send(request).ok());
  request.url = "http://169.254.169.254/";
  EXPECT_FALSE(CurlHttp("t").send(request).ok());
}

TEST(CurlHttp, GivesACallUpOnRequest) {
  // It listens and never answers.
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  std::atomic<bool> stop{false};
  OutgoingRequest request = get("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  request.timeout = std::chrono::minutes(10);
  request.stop = &stop;
  std::thread stopper([&] {
    const int peer = ::accept(listener, nullptr, nullptr);  // the call is under way
    stop = true;
    char byte = 0;
    while (::read(peer, &byte, 1) > 0) {
    }
    ::close(peer);
  });

  const auto answer = CurlHttp("t").send(request);

  ::shutdown(listener, SHUT_RDWR);
  stopper.join();
  ::close(listener);
  ASSERT_FALSE(answer.ok());
  EXPECT_NE(answer.error().detail.find("given up"), std::string::npos) << answer.error().detail;
}

TEST(CurlHttp, RefusesOtherSchemes) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "nonsense", ""})
    EXPECT_FALSE(CurlHttp("t").send(get(url)).ok()) << url;
}

TEST(CurlHttp, NeverReachesTheMetadataServiceByAnotherName) {
  for (const char* url : {"http://169.254.169.254/", "http://2852039166/", "http://0xa9fea9fe/", "http://[::ffff:169.254.169.254]/",
                          "http://0251.0376.0251.0376/"}) {
    const auto answer = CurlHttp("t").send(get(url));
    ASSERT_FALSE(answer.ok()) << url;
    EXPECT_NE(answer.error().detail.find("may not reach"), std::string::npos) << answer.error().detail;
  }
}

TEST(CurlHttp, RefusesALineBreakInAHeader) {
  OutgoingRequest request = get("http://127.0.0.1:1/");
  request.headers = {{"X", "a\r\nY: b"}};
  EXPECT_NE(CurlHttp("t").send(request).error().detail.find("line break"), std::string::npos);
}

TEST(CurlHttp, SaysWhichHostFailedAndNothingOfTheRequest) {
  OutgoingRequest request = get("http://127.0.0.1:1/secret-path?secret-query");
  request.headers = {{"Authorization", "secret-header"}};
  const auto answer = CurlHttp("t").send(request);
  ASSERT_FALSE(answer.ok());
  EXPECT_TRUE(answer.error().detail.starts_with("127.0.0.1:1: "));
  EXPECT_EQ(answer.error().detail.find("secret"), std::string::npos);
}

TEST(CurlHttp, SendsABodyWithTheTypeThatWasGivenOrNone) {
  for (const bool typed : {false, true}) {
    OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    OutgoingRequest request = get(server.url());
    request.method = "POST";
    request.body = "x";
    if (typed) request.headers = {{"content-type", "application/json"}};
    ASSERT_TRUE(CurlHttp("t").send(request).ok());
    const std::string asked = server.asked();
    EXPECT_TRUE(asked.starts_with("POST / HTTP/1.1\r\n")) << asked;
    EXPECT_NE(asked.find("Content-Length: 1\r\n"), std::string::npos) << asked;
    EXPECT_EQ(asked.find("content-type: application/json\r\n") != std::string::npos, typed) << asked;
    EXPECT_EQ(asked.find("Content-Type"), std::string::npos) << "curl invented one: " << asked;
    EXPECT_EQ(asked.find("Expect"), std::string::npos) << asked;
  }
}

TEST(CurlHttp, KeepsTheHeadersOfTheLastAnswerWithoutTheirPadding) {
  OneAnswer server(
      "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Pad: \t v w \t\r\nX-None:\r\nContent-Length: 0\r\n\r\n");
  const auto answer = CurlHttp("t").send(get(server.url()));
  ASSERT_TRUE(answer.ok()) << answer.error().detail;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("X-Early"), std::nullopt);
  EXPECT_EQ(answer->header("X-Pad"), "v w");
  EXPECT_EQ(answer->header("X-None"), "");
}

TEST(CurlHttp, ALineBreakIsRefusedInANameToo) {
  for (const char* name : {"X\r\nY", "X\nY", "X\rY"}) {
    OutgoingRequest request = get("http://127.0.0.1:1/");
    request.headers = {{name, "v"}};
    EXPECT_NE(CurlHttp("t").send(request).error().detail.find("line break"), std::string::npos);
  }
}

}  // namespace
}  // namespace portcullis
