#include "broker/registry_choice.h"

#include <algorithm>

#include "aws/ecr_host.h"
#include "broker/authenticator.h"

namespace portcullis {
namespace {

/// A name of 253 bytes (RFC 1035 section 2.3.4), a colon and a port.
constexpr std::size_t kHostBytes = 259;

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool is_host_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
}

}  // namespace

std::optional<std::string> host_of_server(std::string_view server) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (server.size() >= scheme.size() && lower_case(server.substr(0, scheme.size())) == scheme) {
      server.remove_prefix(scheme.size());
      break;
    }
  }
  std::string host = lower_case(server.substr(0, server.find_first_of("/?#")));
  if (host.empty() || host.size() > kHostBytes || !std::all_of(host.begin(), host.end(), is_host_character)) return std::nullopt;
  return host;
}

std::optional<std::string> host_of_image(std::string_view image) {
  const std::size_t slash = image.find('/');
  const std::string_view first = image.substr(0, slash == std::string_view::npos ? 0 : slash);
  const bool names_host = first.find_first_of(".:") != std::string_view::npos || first == "localhost";
  return host_of_server(names_host ? first : std::string_view("docker.io"));
}

const RegistryLoginConfig* registry_that_opens(const BrokerConfig& config, std::string_view host) noexcept {
  if (const RegistryLoginConfig* named = find_registry(config, host)) return named;
  for (const RegistryLoginConfig& registry : config.registries) {
    const auto* artifactory = std::get_if<ArtifactoryLoginConfig>(&registry.login);
    if (artifactory == nullptr) continue;
    const auto& more = artifactory->subdomains;
    if (std::find(more.begin(), more.end(), host) != more.end()) return &registry;
  }
  return nullptr;
}

std::optional<RegistryLoginConfig> own_ecr_login(const std::string& host) {
  if (!parse_ecr_host(host)) return std::nullopt;
  return RegistryLoginConfig{.host = host, .login = EcrLoginConfig{}};
}

}  // namespace portcullis
