// Any text as a configuration: it loads or is refused with findings, and never both or neither.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const portcullis::LoadedConfig loaded = portcullis::load_config_text(text, "/etc/portcullis", {});
  if (loaded.config.has_value() == loaded.has_errors()) std::abort();
  if (loaded.config) {
    // Fail closed: what loads has a source of keys, a challenge and a listener.
    const portcullis::Config& config = *loaded.config;
    if (!config.bearer.cert && !config.keys.file) std::abort();
    if (config.bearer.realm.empty() || config.bearer.service.empty() || config.listen.empty()) std::abort();
    for (const portcullis::ListenAddress& address : config.listen) {
      if (address.kind == portcullis::ListenAddress::Kind::tcp && config.proxy.trusted.empty()) std::abort();
    }
  }
  // One line each, whatever the text holds; what stands below one is indented.
  const std::string report = portcullis::format_findings(loaded.findings);
  std::size_t lines = 0;
  for (std::size_t i = 0; i < report.size(); ++i) lines += (i == 0 || report[i - 1] == '\n') && report[i] != ' ' ? 1U : 0U;
  if (lines != loaded.findings.size()) std::abort();
  return 0;
}
