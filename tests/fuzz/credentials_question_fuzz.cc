// Any text as the body of `POST /v1/credentials`: an error with a fixed text, or a question that names a host and either repositories or a
// role.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/broker/credentials_question.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portcullis;
  HttpRequest request;
  request.method = "POST";
  request.raw_uri = "/v1/credentials";
  request.headers = {{"Authorization", "Bearer token"}};
  request.has_body = size > 0;
  request.body = {reinterpret_cast<const char*>(data), size};
  const auto question = read_credentials_question(request);
  if (!question) {
    require(question.error().reason == Reason::bad_request && question.error().detail.size() < 128);
    return 0;
  }
  require(!question->registry.empty() && question->registry.find_first_of("/@ ") == std::string::npos);
  require(question->token == "token" && question->repositories.size() <= kNamedRepositories);
  require(question->role_arn.has_value() == !question->external_id.empty());
  require(!question->role_arn || question->repositories.empty());
  return 0;
}
