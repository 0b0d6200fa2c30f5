// Which configured registry a client means by a server's address or an image's name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/broker.h"

namespace portcullis {

/// Host and port of what container clients call a server: `https://host:5000/v2/`, `http://host`, `host/path` or `host`, in lower case.
/// Nothing for a text without a host, for one with a user before it, and for blanks, controls or bytes beyond ASCII.
std::optional<std::string> host_of_server(std::string_view server);

/// Host and port of an image's name: what stands before the first slash if it holds a dot or a colon or is `localhost`, else `docker.io`
/// (github.com/distribution/reference). In lower case. Nothing where `host_of_server` has nothing.
std::optional<std::string> host_of_image(std::string_view image);

/// The registry of `config` that opens `host`: by its name, or as one of an Artifactory's subdomains. Null where none does.
const RegistryLoginConfig* registry_that_opens(const BrokerConfig& config, std::string_view host) noexcept;

/// The gate's own AWS identity at `host`, where that is a registry of Amazon's: for who has no configuration. Nothing for another host.
std::optional<RegistryLoginConfig> own_ecr_login(const std::string& host);

}  // namespace portcullis
