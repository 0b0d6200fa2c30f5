#include "plugin/http/server.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/mirror_handler.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBodyLimit = 1000;
constexpr std::size_t kHeaderLimit = 8192;

class Server : public testing::Test {
 protected:
  /// A server on a port that the system chooses, or on `address`.
  void start(ServerLimits limits = usual(), const std::string& address = {}) {
    ListenAddress where{ListenAddress::Kind::tcp, "127.0.0.1", 0, "127.0.0.1:0"};
    if (!address.empty()) where = {ListenAddress::Kind::unix_socket, address, 0, "unix:" + address};
    Result<ListenSocket> socket = ListenSocket::open(where, std::nullopt);
    ASSERT_TRUE(socket.ok()) << socket.error().detail;
    Result<std::unique_ptr<HttpServer>> started = HttpServer::start(std::move(socket).value(), limits, handler_);
    ASSERT_TRUE(started.ok()) << started.error().detail;
    server_ = std::move(started).value();
  }

  static ServerLimits usual() {
    return {.workers = 1, .header_bytes = kHeaderLimit, .connections = 64, .idle = 75s, .body_bytes = kBodyLimit};
  }

  [[nodiscard]] const std::string& address() const { return server_->address(); }

  MirrorHandler handler_;
  std::unique_ptr<HttpServer> server_;
};

constexpr std::string_view kPlain = "GET /plain HTTP/1.1\r\nHost: test\r\n\r\n";

std::string post(std::size_t size) {
  return "POST /read HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'b');
}

/// A request whose line and headers have exactly `size` bytes, the blank line included.
std::string request_of(std::size_t size) {
  const std::string begin = "GET /plain HTTP/1.1\r\nHost: test\r\nX-Fill: ";
  const std::string end = "\r\n\r\n";
  return begin + std::string(size - begin.size() - end.size(), 'f') + end;
}

TEST_F(Server, AnswersManyRequestsOnOneConnection) {
  start();
  RawClient client(address());

  for (int i = 0; i < 100; ++i) {
    const auto answer = client.ask(kPlain);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->header("Connection"), "");
  }
}

TEST_F(Server, AnswersPipelinedRequestsInOrder) {
  start();
  RawClient client(address());

  ASSERT_TRUE(client.send("GET /one HTTP/1.1\r\nHost: t\r\n\r\nGET /two HTTP/1.1\r\nHost: t\r\n\r\n"));

  EXPECT_EQ(client.receive()->body.substr(0, 9), "GET /one\n");
  EXPECT_EQ(client.receive()->body.substr(0, 9), "GET /two\n");
}

TEST_F(Server, ServesWithAPoolOfThreads) {
  ServerLimits limits = usual();
  limits.workers = 3;
  start(limits);

  std::vector<std::unique_ptr<RawClient>> clients;
  clients.reserve(12);
  for (int i = 0; i < 12; ++i) clients.push_back(std::make_unique<RawClient>(address()));

  for (const auto& client : clients) {
    const auto answer = client->ask(kPlain);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
  }
}

TEST_F(Server, ShowsBothAuthorizationHeaders) {
  start();

  const auto answer = ask_once(address(), "GET / HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n");

  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->body.find("Authorization=Bearer a\n"), std::string::npos);
  EXPECT_NE(answer->body.find("authorization=Bearer b\n"), std::string::npos);
}

TEST_F(Server, ShowsTheUriAsItWasSent) {
  start();
  const std::string uri = "/envoy//v2/a%2fb/%00/..;x/%zz?q=%41&q=+&r#f";

  const auto answer = ask_once(address(), "GET " + uri + " HTTP/1.1\r\nHost: t\r\n\r\n");

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body.substr(0, answer->body.find('\n')), "GET " + uri);
}

TEST_F(Server, ShowsTheOwnUriOfEachRequestOfAConnection) {
  start();
  RawClient client(address());

  const auto first = client.ask("GET /a%20long/path/first HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto second = client.ask("GET /b HTTP/1.1\r\nHost: t\r\n\r\n");

  EXPECT_TRUE(first->body.starts_with("GET /a%20long/path/first\n"));
  EXPECT_TRUE(second->body.starts_with("GET /b\n"));
}

TEST_F(Server, AnswersUnreadBodyWithoutWaitingForItAndCloses) {
  start();
  RawClient client(address());

  const auto answer = client.ask("GET /auth HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n");

  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->body.find("has_body=1 body=0"), std::string::npos);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(Server, TakesTransferEncodingForABody) {
  start();

  const auto answer = ask_once(address(), "GET /auth HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");

  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->body.find("has_body=1"), std::string::npos);
}

TEST_F(Server, TakesContentLengthZeroForNoBody) {
  start();
  RawClient client(address());

  const auto answer = client.ask("GET /auth HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n");

  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->body.find("has_body=0"), std::string::npos);
  EXPECT_TRUE(client.ask(kPlain).has_value());
}

TEST_F(Server, ReadsABodyUpToTheLimit) {
  start();
  RawClient client(address());

  const auto answer = client.ask(post(kBodyLimit));

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_NE(answer->body.find("has_body=1 body=1000"), std::string::npos);
  EXPECT_TRUE(client.ask(kPlain).has_value());
}

TEST_F(Server, RefusesABodyAboveTheLimit) {
  start();

  const auto answer = ask_once(address(), post(kBodyLimit + 1));

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
}

TEST_F(Server, RefusesAChunkedBodyAboveTheLimit) {
  start();
  std::string request = "POST /read HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 3; ++i) request += "1f4\r\n" + std::string(500, 'c') + "\r\n";

  const auto answer = ask_once(address(), request + "0\r\n\r\n");

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
}

TEST_F(Server, CutsABodyThatDoesNotEnd) {
  start();
  RawClient client(address());
  ASSERT_TRUE(client.send("POST /read HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"));
  const std::string chunk = "10000\r\n" + std::string(65536, 'c') + "\r\n";

  bool open = true;
  for (int i = 0; open && i < 1000; ++i) open = client.send(chunk);

  EXPECT_FALSE(open);
  EXPECT_EQ(ask_once(address(), kPlain)->status, 200);
}

TEST_F(Server, TakesHeadersUpToTheLimit) {
  start();

  const auto answer = ask_once(address(), request_of(kHeaderLimit));

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
}

TEST_F(Server, RefusesHeadersAboveTheLimit) {
  start();

  const auto answer = ask_once(address(), request_of(kHeaderLimit + 1));

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 431);
}

TEST_F(Server, SurvivesAHeaderOfAMebibyte) {
  start();
  RawClient client(address());

  client.send(request_of(1024UL * 1024));  // cut before it is all sent
  const auto refused = client.receive();

  if (refused.has_value()) {
    EXPECT_EQ(refused->status, 431);
  }
  EXPECT_EQ(ask_once(address(), kPlain)->status, 200);
  EXPECT_TRUE(eventually([&] { return server_->active() == 0; }));
}

TEST_F(Server, RefusesWithoutHarmWhatIsNotHttp) {
  start();

  for (const std::string_view bytes :
       {"\r\n\r\n\r\n", "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"}) {
    RawClient client(address());
    ASSERT_TRUE(client.send(bytes));
    const auto answer = client.receive(false, 200ms);
    if (answer.has_value()) {
      EXPECT_GE(answer->status, 400) << bytes;
    }
  }

  EXPECT_EQ(ask_once(address(), kPlain)->status, 200);
  EXPECT_TRUE(eventually([&] { return server_->active() == 0; }));
}

TEST_F(Server, RefusesWhereTheHandlerThrows) {
  start();
  RawClient client(address());

  const auto answer = client.ask("GET /throw HTTP/1.1\r\nHost: t\r\n\r\n");

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->header("X-Portcullis-Decision"), "deny");
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(client.ask(kPlain)->status, 200);
}

TEST_F(Server, RefusesWhereAHeaderCannotBeSent) {
  start();

  const auto answer = ask_once(address(), "GET /unsendable HTTP/1.1\r\nHost: t\r\n\r\n");

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->header("X-Forged"), "");
}

TEST_F(Server, DatesEachAnswer) {
  start();

  const auto answer = ask_once(address(), kPlain);

  const std::string date = answer->header("Date");
  ASSERT_EQ(date.size(), std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size());
  EXPECT_EQ(date.substr(25), " GMT");
  EXPECT_EQ(std::count_if(answer->headers.begin(), answer->headers.end(), [](const auto& header) { return header.first == "Date"; }), 1);
}

TEST_F(Server, CountsARequestUntilItIsAnswered) {
  start();
  RawClient client(address());

  ASSERT_TRUE(client.send("POST /read HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nab"));
  EXPECT_TRUE(eventually([&] { return server_->active() == 1; }));
  ASSERT_TRUE(client.send("cd"));

  EXPECT_EQ(client.receive()->status, 200);
  EXPECT_TRUE(eventually([&] { return server_->active() == 0; }));
}

TEST_F(Server, StopsCountingARequestWhoseClientLeaves) {
  start();
  {
    RawClient client(address());
    ASSERT_TRUE(client.send("POST /read HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nab"));
    ASSERT_TRUE(eventually([&] { return server_->active() == 1; }));
  }

  EXPECT_TRUE(eventually([&] { return server_->active() == 0; }));
}

TEST_F(Server, KeepsOpenConnectionsWhenItStopsAccepting) {
  start();
  RawClient open(address());
  ASSERT_TRUE(open.ask(kPlain).has_value());

  server_->stop_accepting();
  server_->stop_accepting();

  EXPECT_EQ(open.ask(kPlain)->status, 200);
  EXPECT_FALSE(RawClient(address()).connected());
}

TEST_F(Server, ClosesBehindTheAnswerWhenTold) {
  start();
  RawClient client(address());
  ASSERT_TRUE(client.ask(kPlain).has_value());

  server_->close_after_answers();
  const auto answer = client.ask(kPlain);

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(Server, LetsNoMoreConnectionsInThanTheLimit) {
  ServerLimits limits = usual();
  limits.connections = 2;
  start(limits);
  auto first = std::make_unique<RawClient>(address());
  RawClient second(address());
  ASSERT_TRUE(first->ask(kPlain).has_value());
  ASSERT_TRUE(second.ask(kPlain).has_value());

  RawClient third(address());  // waits in the backlog
  third.send(kPlain);
  EXPECT_FALSE(third.receive(false, 100ms).has_value());
  first.reset();

  const auto answer = third.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
}

TEST_F(Server, ClosesAnIdleConnection) {
  ServerLimits limits = usual();
  limits.idle = 1s;
  start(limits);
  RawClient client(address());
  ASSERT_TRUE(client.ask(kPlain).has_value());

  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(Server, TellsTheAddressOfATcpPeer) {
  start();

  EXPECT_NE(ask_once(address(), kPlain)->body.find("peer=127.0.0.1\n"), std::string::npos);
}

TEST_F(Server, TellsTheUserOfAUnixPeer) {
  const TempFolder folder;
  start(usual(), folder.path("gate.sock"));

  EXPECT_EQ(address(), "unix:" + folder.path("gate.sock"));
  EXPECT_NE(ask_once(address(), kPlain)->body.find("peer=unix:" + std::to_string(::geteuid()) + "\n"), std::string::npos);
}

TEST_F(Server, EndsOpenConnectionsWhenItGoes) {
  start();
  RawClient client(address());
  ASSERT_TRUE(client.ask(kPlain).has_value());

  server_.reset();

  EXPECT_TRUE(client.closed_by_peer());
}

}  // namespace
}  // namespace portcullis::test
