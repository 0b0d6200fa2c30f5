// Each answer carries its own id and identity, however requests are interleaved. This is also what would tell that another libmicrohttpd
// writes its headers later than 0.9.75 does.
#include "plugin/http/response_cache.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/http/server.h"
#include "tests/support/raw_client.h"

namespace portcullis::test {
namespace {

constexpr const char* kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

HttpAnswer allow_for(std::string_view id, std::string_view user) {
  HttpAnswer answer;
  answer.status = 200;
  answer.headers = {{"Cache-Control", "no-store"}, {"X-Portcullis-Id", std::string(id)}, {"X-Auth-Request-User", std::string(user)}};
  return answer;
}

std::string header_of(MHD_Response* response, const char* name) {
  const char* value = MHD_get_response_header(response, name);
  return value == nullptr ? std::string() : std::string(value);
}

TEST(ResponseCache, UsesTheResponseAgainWithTheNewId) {
  ResponseCache cache;

  MHD_Response* first = cache.prepare(allow_for("1", "alice"), kDate);
  MHD_Response* second = cache.prepare(allow_for("2", "alice"), kDate);

  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first, second);
  EXPECT_EQ(header_of(second, "X-Portcullis-Id"), "2");
  EXPECT_EQ(header_of(second, "X-Auth-Request-User"), "alice");
  EXPECT_EQ(MHD_get_response_headers(second, nullptr, nullptr), 4);
}

TEST(ResponseCache, RenewsTheDate) {
  ResponseCache cache;
  cache.prepare(allow_for("1", "alice"), kDate);

  MHD_Response* later = cache.prepare(allow_for("1", "alice"), "Sun, 06 Nov 1994 08:49:38 GMT");

  EXPECT_EQ(header_of(later, "Date"), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(MHD_get_response_headers(later, nullptr, nullptr), 4);
}

TEST(ResponseCache, NeverGivesOneIdentityForAnother) {
  ResponseCache cache;

  for (int i = 0; i < 100; ++i) {
    const std::string user = "user-" + std::to_string(i % 40);
    EXPECT_EQ(header_of(cache.prepare(allow_for("1", user), kDate), "X-Auth-Request-User"), user);
  }
}

TEST(ResponseCache, TellsAnswersWithMoreHeadersApart) {
  ResponseCache cache;
  HttpAnswer more = allow_for("1", "alice");
  more.headers.emplace_back("X-Portcullis-Drop-Mount", "1");

  EXPECT_EQ(header_of(cache.prepare(more, kDate), "X-Portcullis-Drop-Mount"), "1");
  EXPECT_EQ(header_of(cache.prepare(allow_for("1", "alice"), kDate), "X-Portcullis-Drop-Mount"), "");
}

TEST(ResponseCache, LeavesOtherAnswersAlone) {
  ResponseCache cache;
  HttpAnswer refusal = allow_for("1", "alice");
  refusal.status = 401;
  HttpAnswer with_body = allow_for("1", "alice");
  with_body.body = "text";
  HttpAnswer without_id = allow_for("1", "alice");
  without_id.headers.erase(without_id.headers.begin() + 1);
  HttpAnswer two_ids = allow_for("1", "alice");
  two_ids.headers.emplace_back("X-Portcullis-Id", "2");

  for (const HttpAnswer& answer : {refusal, with_body, without_id, two_ids, allow_for("1", std::string(513, 'u'))})
    EXPECT_EQ(cache.prepare(answer, kDate), nullptr);
  EXPECT_NE(cache.prepare(allow_for("1", std::string(512, 'u')), kDate), nullptr);
}

TEST(ResponseCache, RenewsAnIdOfAnyLength) {
  ResponseCache cache;

  for (const char* id : {"1", "22", "333", "1", "a-very-much-longer-id-than-the-first", "2"}) {
    MHD_Response* const response = cache.prepare(allow_for(id, "alice"), kDate);
    EXPECT_EQ(header_of(response, "X-Portcullis-Id"), id);
    EXPECT_EQ(header_of(response, "X-Auth-Request-User"), "alice");
    EXPECT_EQ(header_of(response, "Date"), kDate);
    EXPECT_EQ(MHD_get_response_headers(response, nullptr, nullptr), 4);
  }
}

TEST(ResponseCache, WritesNoIdThatCouldNotBeSentOverOneThatCould) {
  ResponseCache cache;
  for (const char* id : {"\n", "\r", "", "a\nb"}) {
    cache.prepare(allow_for(std::string(std::string_view(id).size(), 'x'), "alice"), kDate);

    EXPECT_EQ(cache.prepare(allow_for(id, "alice"), kDate), nullptr);
  }
}

TEST(ResponseCache, LeavesAnEarlierAnswersBytesAlone) {
  ResponseCache cache;
  const HttpAnswer first = allow_for("1", "alice");
  cache.prepare(first, kDate);

  cache.prepare(allow_for("2", "alice"), kDate);

  EXPECT_EQ(first.headers[1].second, "1");
}

TEST(ResponseCache, GivesNothingForAHeaderThatCannotBeSent) {
  ResponseCache cache;

  EXPECT_EQ(cache.prepare(allow_for("1", "a\r\nX-Forged: 1"), kDate), nullptr);
  EXPECT_EQ(cache.prepare(allow_for("1\n", "alice"), kDate), nullptr);
  EXPECT_NE(cache.prepare(allow_for("1", "alice"), kDate), nullptr);
}

/// Allows the user that the path names, with the path as id.
class AllowHandler final : public RequestHandler {
 public:
  [[nodiscard]] bool reads_body(std::string_view /*method*/, std::string_view /*raw_uri*/) const noexcept override { return false; }
  std::optional<HttpAnswer> handle(Connection& connection) override {
    const std::string_view uri = connection.request.raw_uri;
    return allow_for(uri, uri.substr(1, uri.find('/', 1) - 1));
  }
};

TEST(ResponseCache, LeavesEachAnswerItsOwnIdOnManyConnectionsAtOnce) {
  constexpr int rounds = 20;
  constexpr int pipelined = 10;
  AllowHandler handler;
  auto socket = ListenSocket::open({ListenAddress::Kind::tcp, "127.0.0.1", 0, "127.0.0.1:0"}, std::nullopt);
  ASSERT_TRUE(socket.ok());
  const ServerLimits limits{.workers = 2, .header_bytes = 8192, .connections = 64, .idle = std::chrono::seconds(75), .body_bytes = 0};
  auto server = HttpServer::start(std::move(socket).value(), limits, handler);
  ASSERT_TRUE(server.ok());
  std::vector<std::unique_ptr<RawClient>> clients;
  clients.reserve(8);
  for (int i = 0; i < 8; ++i) clients.push_back(std::make_unique<RawClient>((*server)->address()));

  for (int round = 0; round < rounds; ++round) {
    const auto uri_of = [round](std::size_t client, int n) {
      return "/user-" + std::to_string((client + static_cast<std::size_t>(n)) % 3) + "/" + std::to_string(client) + "-" +
             std::to_string(round) + "-" + std::to_string(n);
    };
    for (std::size_t client = 0; client < clients.size(); ++client) {
      std::string bytes;
      for (int n = 0; n < pipelined; ++n) bytes += "GET " + uri_of(client, n) + " HTTP/1.1\r\nHost: t\r\n\r\n";
      ASSERT_TRUE(clients[client]->send(bytes));
    }
    for (std::size_t client = 0; client < clients.size(); ++client)
      for (int n = 0; n < pipelined; ++n) {
        const auto answer = clients[client]->receive();
        ASSERT_TRUE(answer.has_value());
        const std::string uri = uri_of(client, n);
        ASSERT_EQ(answer->header("X-Portcullis-Id"), uri);
        ASSERT_EQ(answer->header("X-Auth-Request-User"), uri.substr(1, uri.find('/', 1) - 1));
      }
  }
}

}  // namespace
}  // namespace portcullis::test
