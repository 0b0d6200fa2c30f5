// Fuzzes the client's address in a proxy's words: what is taken is one numeric address that stands in them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/address.h"
#include "plugin/http/client_address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view stated(reinterpret_cast<const char*>(data), size);
  const std::string_view address = portcullis::client_address(stated);
  if (address.empty()) return 0;
  if (!portcullis::parse_address(address) || stated.find(address) == std::string_view::npos) std::abort();
  if (address.find_first_not_of("0123456789abcdefABCDEF.:") != std::string_view::npos) std::abort();
  if (portcullis::client_address(address) != address) std::abort();
  return 0;
}
