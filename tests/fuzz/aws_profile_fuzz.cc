// Fuzzes the parser of the shared AWS files: no text may crash it, and lenient parsing never fails below the size limit.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "aws/profile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portcullis;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t half = text.size() / 2;
  const auto lenient = parse_profiles(text.substr(0, half), text.substr(half), ProfileStrictness::lenient);
  if (!lenient.ok() && size < 1024UL * 1024) std::abort();
  const auto strict = parse_profiles(text, "", ProfileStrictness::strict);
  if (strict.ok()) {
    for (const auto& [name, properties] : strict->services) {
      for (const auto& [key, value] : properties) (void)sub_property(value, "endpoint_url");
    }
  }
  return 0;
}
