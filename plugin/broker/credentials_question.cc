#include "plugin/broker/credentials_question.h"

#include <utility>

#include "base/codec/json.h"
#include "broker/registry_choice.h"
#include "plugin/http/request.h"
#include "plugin/http/verify_route.h"

namespace portcullis {
namespace {

constexpr JsonLimits kBodyLimits{.bytes = kVerifyBodyBytes, .depth = 3, .members = 128};

Error malformed(std::string text) { return {Reason::bad_request, std::move(text)}; }

Result<void> read_repositories(JsonView value, CredentialsQuestion& question) {
  if (!value.is_array() || value.size() == 0 || value.size() > kNamedRepositories) {
    return malformed("repositories is not a list of 1 to 64 names");
  }
  for (const JsonView one : value.elements()) {
    const auto name = one.string();
    if (!name) return malformed("repositories is not a list of 1 to 64 names");
    question.repositories.emplace_back(*name);
  }
  return {};
}

Result<void> read_member(std::string_view name, JsonView value, CredentialsQuestion& question) {
  if (name == "repositories") return read_repositories(value, question);
  if (name == "fresh") {
    const auto flag = value.boolean();
    if (!flag) return malformed("fresh is not a boolean");
    question.fresh = *flag;
    return {};
  }
  if (name != "registry" && name != "username" && name != "password") {
    return malformed("the body holds an unknown member; known are registry, repositories, username, password, fresh");
  }
  const auto text = value.string();
  if (!text || text->empty()) return malformed(std::string(name) + " is not a string with a content");
  if (name == "username") question.role_arn = std::string(*text);
  if (name == "password") question.external_id = Secret(std::string(*text));
  if (name != "registry") return {};
  const auto host = host_of_server(*text);
  if (!host) return malformed("registry is not the name of a host");
  question.registry = *host;
  return {};
}

}  // namespace

Result<CredentialsQuestion> read_credentials_question(const HttpRequest& request) {
  const auto document = parse_json(request.body, kBodyLimits);
  if (!document || !document->root().is_object()) return malformed("the body is not a JSON object without repeated members");
  CredentialsQuestion question;
  for (const auto& [name, value] : document->root().members()) {
    if (auto read = read_member(name, value, question); !read) return read.error();
  }
  if (question.registry.empty()) return malformed("registry is missing");
  if (question.role_arn.has_value() == question.external_id.empty())
    return malformed("username (a role) and password (its external id) go together");
  if (question.role_arn && !question.repositories.empty())
    return malformed("repositories limit a login of ours; a role of your own is not limited");
  const auto token = bearer_token(request);
  if (!token) return malformed("the Authorization header is not one Bearer token");
  if (*token) question.token = std::string(**token);
  return question;
}

}  // namespace portcullis
