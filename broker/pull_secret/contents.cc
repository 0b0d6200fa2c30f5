#include "broker/pull_secret/contents.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/codec/base64url.h"
#include "base/codec/json_writer.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

/// What `docker login` without a host writes; the Docker command line looks nowhere else for Docker Hub.
constexpr std::string_view kDockerHubKey = "https://index.docker.io/v1/";

Result<void> check_user(const HostLogin& one) {
  if (one.login->user.find(':') == std::string::npos) return {};
  return Error{Reason::config_invalid,
               "the user of " + escape_for_log(one.hosts.front()) + " holds a colon, which no registry client can send"};
}

void write_auth(JsonWriter& json, std::string_view host, const std::string& auth) {
  json.key(host).begin_object().key("auth").string(auth).end_object();
}

Result<SecretData> docker_data(const std::vector<HostLogin>& logins) {
  JsonWriter json;
  std::set<std::string_view> written;  // two registries may share a subdomain: the first has it
  json.begin_object().key("auths").begin_object();
  for (const HostLogin& one : logins) {
    if (const auto user = check_user(one); !user) return user.error();
    std::string pair;
    pair.reserve(one.login->user.size() + 1 + one.login->password.size());
    pair.append(one.login->user).append(":");
    one.login->password.append_to(pair);
    std::string auth = base64_encode(pair);
    wipe(pair);
    for (const std::string& host : one.hosts) {
      if (written.insert(host).second) write_auth(json, host, auth);
      if (host == "docker.io" && written.insert(kDockerHubKey).second) write_auth(json, kDockerHubKey, auth);
    }
    wipe(auth);
  }
  json.end_object().end_object();
  SecretData data{.type = GeneratedSecretConfig::Type::docker, .entries = {}};
  data.entries.emplace_back(".dockerconfigjson", Secret(std::move(json).text()));
  return data;
}

Result<SecretData> generic_data(const std::vector<HostLogin>& logins) {
  if (logins.size() != 1)
    return Error{Reason::config_invalid, "a generic secret holds one user and one token: name one registry, or make it docker"};
  if (const auto user = check_user(logins.front()); !user) return user.error();
  const RegistryLogin& login = *logins.front().login;
  SecretData data{.type = GeneratedSecretConfig::Type::generic, .entries = {}};
  data.entries.emplace_back("user", Secret(login.user));
  data.entries.emplace_back("token", login.password.text());
  return data;
}

}  // namespace

Result<SecretData> secret_data(GeneratedSecretConfig::Type type, const std::vector<HostLogin>& logins) {
  switch (type) {
    case GeneratedSecretConfig::Type::docker: return docker_data(logins);
    case GeneratedSecretConfig::Type::generic: return generic_data(logins);
  }
  std::abort();
}

std::vector<std::string> hosts_of(const RegistryLoginConfig& registry) {
  std::vector<std::string> hosts{registry.host};
  if (const auto* artifactory = std::get_if<ArtifactoryLoginConfig>(&registry.login)) {
    hosts.insert(hosts.end(), artifactory->subdomains.begin(), artifactory->subdomains.end());
  }
  return hosts;
}

bool same_data(const SecretData& left, const SecretData& right) noexcept {
  return left.type == right.type && std::equal(left.entries.begin(), left.entries.end(), right.entries.begin(), right.entries.end(),
                                               [](const auto& one, const auto& other) {
                                                 return one.first == other.first &&
                                                        equal_in_constant_time(one.second.reveal(), other.second.reveal());
                                               });
}

std::string_view kubernetes_type(GeneratedSecretConfig::Type type) noexcept {
  switch (type) {
    case GeneratedSecretConfig::Type::docker: return "kubernetes.io/dockerconfigjson";
    case GeneratedSecretConfig::Type::generic: return "Opaque";
  }
  std::abort();
}

std::string_view secret_type_name(GeneratedSecretConfig::Type type) noexcept {
  switch (type) {
    case GeneratedSecretConfig::Type::docker: return "docker";
    case GeneratedSecretConfig::Type::generic: return "generic";
  }
  std::abort();
}

}  // namespace portcullis
