// A handler for tests of the server alone.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "plugin/http/connection.h"

namespace portcullis::test {

/// Answers with what it saw, one line a fact.
class MirrorHandler final : public RequestHandler {
 public:
  [[nodiscard]] bool reads_body(std::string_view method, std::string_view raw_uri) const noexcept override {
    return method == "POST" && raw_uri == "/read";
  }
  std::optional<HttpAnswer> handle(Connection& connection) override {
    const HttpRequest& request = connection.request;
    if (request.raw_uri == "/throw") throw std::runtime_error("boom");
    HttpAnswer answer;
    answer.status = 200;
    answer.headers.emplace_back("Cache-Control", "no-store");  // an answer without any header is taken for one that nobody filled in
    if (request.raw_uri == "/unsendable") answer.headers.emplace_back("X-Bad", "a\r\nX-Forged: 1");
    answer.body = std::string(request.method) + " " + std::string(request.raw_uri) + "\n";
    for (const auto& [name, value] : request.headers) answer.body += std::string(name) + "=" + std::string(value) + "\n";
    answer.body += "has_body=" + std::to_string(request.has_body) + " body=" + std::to_string(request.body.size()) + "\n";
    answer.body += "peer=" + request.peer->text + "\n";
    return answer;
  }
};

}  // namespace portcullis::test
