#include "broker/docker_credential.h"

#include <map>
#include <utility>

#include "base/codec/json.h"
#include "base/codec/json_writer.h"

namespace portcullis {
namespace {

constexpr JsonLimits kLimits{.bytes = kDockerInputBytes, .depth = 4, .members = 16};
constexpr std::string_view kBlanks = " \t\r\n";

Error bad(std::string_view text) { return {Reason::bad_request, std::string(text)}; }

/// The user, where it is known without a login.
struct UserOf {
  std::string operator()(const EcrLoginConfig& /*login*/) const { return "AWS"; }
  std::string operator()(const ArtifactoryLoginConfig& /*login*/) const { return ""; }
  std::string operator()(const StaticLoginConfig& login) const { return login.username; }
};

}  // namespace

Result<std::string> read_docker_server(std::string_view input) {
  const std::size_t begin = input.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return bad(kDockerNoServer);
  return std::string(input.substr(begin, input.find_last_not_of(kBlanks) - begin + 1));
}

Result<std::string> read_docker_store(std::string_view input) {
  const auto json = parse_json(input, kLimits);
  if (!json) return bad("the credentials are " + json.error().detail);
  const auto server = json->root().get("ServerURL").string();
  if (!server || server->empty()) return bad(kDockerNoServer);
  const auto user = json->root().get("Username").string();
  if (!user || user->empty()) return bad(kDockerNoUser);
  return std::string(*server);
}

std::string docker_credential(std::string_view server, const RegistryLogin& login) {
  JsonWriter json;
  json.begin_object().key("ServerURL").string(server).key("Username").string(login.user);
  return std::move(json.key("Secret").string(login.password.text().reveal()).end_object()).text();
}

std::string docker_list(const BrokerConfig& config) {
  std::map<std::string, std::string> users;  // sorted, and once each
  for (const RegistryLoginConfig& registry : config.registries) {
    const std::string user = std::visit(UserOf{}, registry.login);
    users.emplace(registry.host, user);
    if (const auto* artifactory = std::get_if<ArtifactoryLoginConfig>(&registry.login)) {
      for (const std::string& host : artifactory->subdomains) users.emplace(host, user);
    }
  }
  JsonWriter json;
  json.begin_object();
  for (const auto& [host, user] : users) json.key("https://" + host).string(user);
  return std::move(json.end_object()).text();
}

}  // namespace portcullis
