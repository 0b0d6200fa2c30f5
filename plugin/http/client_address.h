// The client's address as a proxy states it, in whatever header `portcullis.proxy.clientAddress` names.
#pragma once

#include <string>
#include <string_view>

namespace portcullis {

/// The one numeric address in `stated`, without a port and without brackets: of `192.0.2.7`, `192.0.2.7:443`, `2001:db8::1` and
/// `[2001:db8::1]:443`. Empty for everything else, which is then nobody's address: a list, whose first element a client may have written
/// itself where proxies append (`X-Forwarded-For`), `unix:`, a name, a zone. Of `::ffff:192.0.2.7`, as a proxy that listens on one socket
/// for both families may write it, `192.0.2.7`: conditions read one form. A view into `stated`.
std::string_view client_address(std::string_view stated) noexcept;

/// Whose share of bounded places a client's address takes: the address itself, of IPv6 its network of 64 bits, which one host can have
/// whole (RFC 4291 section 2.5.1). Empty for what is no address.
std::string client_share(std::string_view address);

}  // namespace portcullis
