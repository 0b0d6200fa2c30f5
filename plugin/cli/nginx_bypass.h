// Ways past the gate: locations of an nginx that reach what stands behind the gate, and ask nobody.
#pragma once

#include <vector>

#include "plugin/cli/nginx_file.h"

namespace portcullis {

/// One location that passes requests to a registry without `auth_request`.
struct NginxBypass {
  enum class Kind {
    open,          ///< clients come in here
    switched_off,  ///< the same, by `auth_request off`
    included,      ///< the same, unless a file that it includes, and that was not read, asks
    internal,      ///< clients come here from another location alone, which may have asked or not
  } kind;
  const NginxDirective* location;  ///< of the directives that were given
};

/// Every location (and `if` in one) whose `proxy_pass` leads to the same place as that of some location with `auth_request`: the same
/// host and port, the same `upstream`, or a server of it. What leads to the gate itself is none, nor what answers by an unconditional
/// `return`, nor what denies all. In the order of the file. `auth_request` is inherited as nginx does (ngx_http_auth_request_module).
std::vector<NginxBypass> find_bypasses(const std::vector<NginxDirective>& directives);

}  // namespace portcullis
