// Fuzzes what `/zot/auth/token` reads: first line the Authorization header, second the query, the rest the form. What is read is written
// back in one way, credentials are trimmed, unique and not empty, and the call to another endpoint says the one service and nothing twice.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "plugin/exchange/exchange_question.h"
#include "plugin/exchange/token_owner.h"
#include "plugin/exchange/upstream_call.h"
#include "plugin/http/basic_credential.h"

namespace {

using namespace portcullis;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

void check_basic(std::string_view header) {
  const auto basic = read_basic({.count = 1, .value = header});
  if (!basic || !*basic) return;
  require(header.ends_with((*basic)->encoded));
  require((*basic)->user.find(':') == std::string::npos);
  Secret decoded;
  const auto token = read_bearer_or_basic({.count = 1, .value = header}, decoded);
  require(token.ok());
  require((*basic)->empty() ? !token->has_value() : **token == (*basic)->password.reveal());
}

void check_form(std::string_view text) {
  const auto fields = form_decode(text, 64);
  if (!fields) return;
  require(fields->size() <= 64);
  const auto again = form_decode(form_encode(*fields), 64);
  require(again.ok() && *again == *fields);
}

void check_call(const HttpRequest& request, const ExchangeQuestion& question) {
  const OutgoingRequest call =
      upstream_call(request, question, {.realm = "https://t.example/?a=1", .service = "theirs", .allow_insecure_http = false});
  require(call.url.starts_with("https://t.example/?"));
  require(std::none_of(call.url.begin(), call.url.end(), [](char c) { return c <= ' ' || c > '~'; }));
  if (!question.form) return require(call.body.empty());
  const auto sent = form_decode(call.body, 256);
  require(sent.ok());
  const auto services = std::count_if(sent->begin(), sent->end(), [](const auto& field) { return field.first == "service"; });
  require(services == 1 && sent->back().second == "theirs");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view authorization = take_line(text);
  const std::string uri = "/zot/auth/token?" + std::string(take_line(text));
  check_basic(authorization);
  check_form(text);
  HttpRequest request;
  request.method = "POST";
  request.raw_uri = uri;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
  request.body = text;
  const auto question = read_exchange_question(request, GateRules{});
  if (!question) return 0;
  for (const Secret& one : question->credentials) {
    const std::string_view credential = one.reveal();
    require(!credential.empty() && credential.front() != ' ' && credential.back() != ' ');
    require(std::count_if(question->credentials.begin(), question->credentials.end(),
                          [&](const Secret& other) { return other.reveal() == credential; }) == 1);
    // A token that nobody can read is ours, whatever stands around it; where no three parts are there is none.
    if (std::count(credential.begin(), credential.end(), '.') < 2) require(!says_it_is_ours(credential, State{}));
    const bool one_word = credential.find_first_of(" \t\r\n") == std::string_view::npos;
    if (one_word && says_it_is_ours(credential, State{})) require(says_it_is_ours(std::string("Bearer ").append(credential), State{}));
  }
  check_call(request, *question);
  return 0;
}
