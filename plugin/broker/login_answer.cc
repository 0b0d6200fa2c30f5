#include "plugin/broker/login_answer.h"

#include <string>
#include <utility>

#include "base/secret.h"
#include "plugin/broker/login_routes.h"
#include "plugin/http/respond.h"

namespace portcullis {

const LoginTarget* wanted_login(const Decision& decision, const GateRules& rules) {
  if (rules.login_routes == nullptr || !decision.allowed() || !decision.access) return nullptr;
  return rules.login_routes->find(decision.access->repository);
}

Result<void> add_login(GateAnswer& given, const RegistryLogin& login) {
  std::string value = basic_authorization(login);
  if (value.size() > kLoginBytes) {
    wipe(value);
    return Error{Reason::credentials_unavailable, "the login does not fit into a header of 8 KiB"};
  }
  given.http.headers.emplace_back(given.endpoint == Endpoint::forward ? "Authorization" : "X-Registry-Authorization", std::move(value));
  given.login = nullptr;
  return {};
}

GateAnswer refuse_without_login(const GateAnswer& given, const Error& error, const GateRules& rules, std::string_view method,
                                std::string_view id) {
  Decision decision = refuse(error, given.decision->access);
  decision.token = given.decision->token;
  HttpAnswer http = respond(decision, rules, given.endpoint, id);
  if (method == "HEAD") http.body.clear();
  return {std::move(http), given.endpoint, std::move(decision)};
}

}  // namespace portcullis
