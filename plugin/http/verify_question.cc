#include "plugin/http/verify_question.h"

#include <utility>

#include "base/codec/json.h"
#include "base/codec/percent.h"
#include "plugin/http/request.h"
#include "plugin/http/verify_route.h"

namespace portcullis {
namespace {

constexpr JsonLimits kBodyLimits{.bytes = kVerifyBodyBytes, .depth = 2, .members = 16};

/// A token that came from a file has the file's line end; no token begins or ends with a blank.
std::string without_blanks_around(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

Error malformed(std::string text) { return {Reason::bad_request, std::move(text)}; }

std::optional<std::string>* text_member(VerifyQuestion& question, std::optional<std::string>& token, std::string_view name) noexcept {
  if (name == "token") return &token;
  if (name == "repository") return &question.repository;
  if (name == "action") return &question.action;
  if (name == "method") return &question.method;
  if (name == "uri") return &question.uri;
  return nullptr;
}

Result<void> read_members(JsonView root, VerifyQuestion& question, std::optional<std::string>& token) {
  if (!root.is_object()) return malformed("the body is not a JSON object");
  for (const auto& [name, value] : root.members()) {
    if (name == "explain") {
      const auto flag = value.boolean();
      if (!flag) return malformed("explain is not a boolean");
      question.explain = *flag;
      continue;
    }
    std::optional<std::string>* slot = text_member(question, token, name);
    if (slot == nullptr) return malformed("the body holds an unknown member; known are token, repository, action, method, uri, explain");
    const auto text = value.string();
    if (!text) return malformed(std::string(name) + " is not a string");
    *slot = std::string(*text);
  }
  return {};
}

Result<void> check_completeness(const VerifyQuestion& question) {
  if (question.uri && question.repository) return malformed("uri and repository are two ways to ask; give one");
  if (question.repository.has_value() != question.action.has_value()) return malformed("repository and action go together");
  if (question.method && !question.uri) return malformed("method goes with uri");
  return {};
}

}  // namespace

Result<VerifyQuestion> read_verify_question(const HttpRequest& request) {
  VerifyQuestion question;
  std::optional<std::string> token;
  if (!request.body.empty()) {
    const auto document = parse_json(request.body, kBodyLimits);
    if (!document) return malformed("the body is not a JSON object without repeated members");
    const auto members = read_members(document->root(), question, token);
    if (!members) return members.error();
  }
  const auto header = bearer_token(request);
  if (!header) return malformed("the Authorization header is not one Bearer token");
  if (token.has_value() == header->has_value()) return malformed("the token comes as member or as Bearer header, exactly once");
  question.token = token ? std::move(*token) : std::string(**header);
  const auto complete = check_completeness(question);
  if (!complete) return complete.error();
  return question;
}

Result<std::string> read_introspect_token(std::string_view body) {
  std::optional<std::string> token;
  while (!body.empty()) {
    const std::size_t end = body.find('&');
    const std::string_view pair = body.substr(0, end);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != "token") continue;
    if (token) return malformed("token is there twice");
    auto value = query_decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (!value) return malformed("the value of token has a broken escape");
    token = std::move(value).value();
  }
  if (!token) return malformed("the form field token is missing");
  return without_blanks_around(*token);
}

}  // namespace portcullis
