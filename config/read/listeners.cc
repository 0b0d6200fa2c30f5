// Which addresses are ours, of those that the command line, `portcullis` and `http` name.
#include "config/address.h"
#include "config/defaults.h"
#include "config/read/sections.h"

namespace portcullis {
namespace {

constexpr std::string_view kOff = "off";

void add(Draft& draft, Report& report, const std::string& path, std::string_view text, const std::string& folder) {
  auto address = parse_listen_address(text, folder);
  if (address) {
    draft.config.listen.push_back(std::move(address).value());
  } else {
    report.error(path, address.error().detail);
  }
}

/// `http.address` and `http.port` with zot's defaults; IPv6 stands without brackets there.
std::string http_listener(const Draft& draft) {
  std::string host = draft.http_address.value_or(std::string(defaults::kHttpAddress));
  if (host.find(':') != std::string::npos && !host.starts_with('[')) host = "[" + host + "]";
  return host + ":" + draft.http_port.value_or(std::string(defaults::kHttpPort));
}

void choose_admin(Draft& draft, const ConfigOverrides& overrides, const ReadContext& context) {
  const std::string text = overrides.admin.value_or(draft.admin.value_or(std::string(defaults::kAdmin)));
  if (text == kOff) return;
  auto address = parse_listen_address(text, overrides.admin ? std::string() : context.folder);
  if (address) {
    draft.config.admin = std::move(address).value();
  } else {
    context.report.error(overrides.admin ? "--admin" : "portcullis.admin", address.error().detail);
  }
}

}  // namespace

void choose_listeners(Draft& draft, const ConfigOverrides& overrides, const ReadContext& context) {
  Report& report = context.report;
  if (!overrides.listen.empty()) {
    // On the command line a relative path starts in the working directory, as everywhere.
    for (const std::string& text : overrides.listen) add(draft, report, "--listen", text, "");
  } else if (draft.listen) {
    for (std::size_t i = 0; i < draft.listen->size(); ++i) {
      add(draft, report, "portcullis.listen[" + std::to_string(i) + "]", draft.listen->at(i), context.folder);
    }
  } else {
    add(draft, report, draft.http_port ? "http.port" : "http.address", http_listener(draft), context.folder);
  }
  choose_admin(draft, overrides, context);
}

void apply_overrides(Draft& draft, const ConfigOverrides& overrides, Report& report) {
  for (const std::string& text : overrides.trusted) {
    const auto range = parse_address_range(text);
    if (range) {
      draft.config.proxy.trusted.push_back(*range);
    } else {
      report.error("--trust", range.error().detail);
    }
  }
  if (!overrides.log_level) return;
  if (const auto level = log_level(*overrides.log_level)) {
    draft.config.log.level = *level;
  } else {
    report.error("--log-level", in_quotes(*overrides.log_level) + " is not one of trace, debug, info, warn, error, fatal, panic");
  }
}

}  // namespace portcullis
