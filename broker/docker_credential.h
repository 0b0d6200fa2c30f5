// The protocol of Docker's credential helpers (github.com/docker/docker-credential-helpers), pure: what arrives, what is answered, and the
// texts that its clients compare to the byte.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "broker/login.h"
#include "config/broker.h"

namespace portcullis {

/// Clients take this for "go on without credentials", and every other error for a failure.
inline constexpr std::string_view kDockerNotFound = "credentials not found in native keychain";
inline constexpr std::string_view kDockerNoServer = "no credentials server URL";
inline constexpr std::string_view kDockerNoUser = "no credentials username";
/// Largest input, in bytes.
inline constexpr std::size_t kDockerInputBytes = 64UL * 1024;

/// The server of `get` and `erase`: the input without blanks around it. `Reason::bad_request` with `kDockerNoServer` as its whole detail.
Result<std::string> read_docker_server(std::string_view input);
/// The server that `store` is about: `{"ServerURL", "Username", "Secret"}`. `Reason::bad_request`; its detail is `kDockerNoServer`,
/// `kDockerNoUser`, or what is wrong with the JSON, and never holds the secret.
Result<std::string> read_docker_store(std::string_view input);

/// What `get` answers: `{"ServerURL", "Username", "Secret"}`.
std::string docker_credential(std::string_view server, const RegistryLogin& login);
/// What `list` answers: every host, and the user where it is known without asking: `{"https://<host>": "AWS"}`.
std::string docker_list(const BrokerConfig& config);

}  // namespace portcullis
