// What a pull secret holds: the texts that container engines read a login from.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "broker/login.h"
#include "config/broker.h"

namespace portcullis {

/// A login and every host that it opens.
struct HostLogin {
  std::vector<std::string> hosts;  ///< at least one, as clients write them: with port, without scheme
  SharedLogin login;
};

/// One secret of Kubernetes, or one set of files, before it has a place. Not copyable.
struct SecretData {
  GeneratedSecretConfig::Type type = GeneratedSecretConfig::Type::docker;
  std::vector<std::pair<std::string, Secret>> entries;  ///< key and value, in the order in which they are written
};

/// `docker`: `.dockerconfigjson`, `{"auths":{"HOST":{"auth":base64("user:password")}}}` with every host of every login. Docker Hub has the
/// name under which engines look it up, too. `generic`: `user` and `token` of the one login.
/// `Reason::config_invalid`: `generic` of several logins, which no reader could tell apart; a user with a colon, which ends it there
/// (RFC 7617 section 2).
Result<SecretData> secret_data(GeneratedSecretConfig::Type type, const std::vector<HostLogin>& logins);

/// The hosts of `registry`: its own, then the subdomains that the same token opens (Artifactory).
std::vector<std::string> hosts_of(const RegistryLoginConfig& registry);

/// Whether both hold the same texts, told in a time that depends on their lengths alone.
bool same_data(const SecretData& left, const SecretData& right) noexcept;

/// `kubernetes.io/dockerconfigjson` or `Opaque`.
std::string_view kubernetes_type(GeneratedSecretConfig::Type type) noexcept;
/// "docker" or "generic", as the configuration has it.
std::string_view secret_type_name(GeneratedSecretConfig::Type type) noexcept;

}  // namespace portcullis
