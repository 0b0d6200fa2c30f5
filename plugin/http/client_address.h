// The client's address as a proxy states it, in whatever header `portcullis.proxy.clientAddress` names.
#pragma once

#include <string_view>

namespace portcullis {

/// The one numeric address in `stated`, without a port and without brackets: of `192.0.2.7`, `192.0.2.7:443`, `2001:db8::1` and
/// `[2001:db8::1]:443`. Empty for everything else, which is then nobody's address: a list, whose first element a client may have written
/// itself where proxies append (`X-Forwarded-For`), `unix:`, a name, a zone. A view into `stated`.
std::string_view client_address(std::string_view stated) noexcept;

}  // namespace portcullis
