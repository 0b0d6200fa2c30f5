// Which URLs container credentials may come from (SDKs and Tools Reference Guide, "Container credential provider").
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portcullis {

/// `http://169.254.170.2` and `path`, which begins with `/`. `Reason::bad_request`.
Result<std::string> relative_container_url(std::string_view path);
/// `url` if it is https to any host, or http to a loopback or container address, or to a name: what the name leads to is judged again on
/// the address when the call connects (`ReachableHosts::credential_hosts`). `Reason::bad_request` for anything else, and for a URL with a
/// user, a fragment, blanks or controls.
Result<std::string> full_container_url(std::string_view url);

}  // namespace portcullis
