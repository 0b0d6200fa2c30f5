// Any text as a discovery document: an error, or keys in a place that the operator named, and algorithms of ours alone.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/url.h"
#include "keystore/refresh/discovery.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const portcullis::DiscoveryRules kRules{
      .issuer = "https://idp.example", .discovery_url = {}, .jwks_hosts = {"keys.example", "10.0.0.1:6443"}};
  const auto read = portcullis::read_discovery({reinterpret_cast<const char*>(data), size}, kRules);
  if (!read) {
    require(read.error().reason == portcullis::Reason::discovery_invalid && read.error().detail.size() < 2048);
    return 0;
  }
  const auto url = portcullis::parse_http_url(read->jwks_uri);
  require(url.has_value() && url->https && read->jwks_uri.find('#') == std::string::npos);
  const auto named = [&url](std::string_view host, unsigned port) {
    if (url->port != port || url->host.size() != host.size()) return false;
    for (std::size_t i = 0; i < host.size(); ++i)
      if ((url->host[i] | 0x20) != (host[i] | 0x20)) return false;
    return true;
  };
  require(named("idp.example", 443) || named("keys.example", 443) || named("10.0.0.1", 6443));
  return 0;
}
