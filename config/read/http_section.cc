// `http` and `log`: what a zot file says, with zot's meaning.
#include <algorithm>
#include <array>

#include "config/read/nearest.h"
#include "config/read/sections.h"

namespace portcullis {
namespace {

/// zot's levels and ours.
struct Level {
  std::string_view zot;
  std::string_view ours;
};
constexpr std::array kLevels = {Level{"trace", "debug"}, Level{"debug", "debug"}, Level{"info", "info"},  Level{"warn", "warn"},
                                Level{"error", "error"}, Level{"fatal", "error"}, Level{"panic", "error"}};

void read_auth(Section& auth, Draft& draft) {
  for (const std::string_view name : {"failDelay", "htpasswd", "ldap", "openid", "apikey", "sessionKeysFile", "sessionHashKey",
                                      "sessionEncryptKey", "sessionDriver", "secureSession", "mtls"}) {
    auth.unused(name);
  }
  auth.object("bearer", [&](Section& bearer) { read_bearer(bearer, draft); });
}

}  // namespace

void read_http(Section& http, Draft& draft) {
  draft.http_address = http.text("address");
  draft.http_port = http.text_or_number("port");
  for (const std::string_view name : {"realm", "externalUrl", "allowOrigin", "tls", "ratelimit", "compat"}) http.unused(name);
  http.object("auth", [&](Section& auth) { read_auth(auth, draft); });
  http.object("accessControl", [&](Section& access) {
    AccessControlConfig config = read_access_control(access);
    if (access.present()) draft.config.access_control = std::make_shared<const AccessControlConfig>(std::move(config));
  });
  draft.has_access_control = http.has("accessControl");
}

std::optional<std::string> log_level(std::string_view text) {
  const auto* found = std::find_if(kLevels.begin(), kLevels.end(), [&](const Level& level) { return equal_in_any_case(level.zot, text); });
  if (found == kLevels.end()) return std::nullopt;
  return std::string(found->ours);
}

void read_log(Section& log, LogConfig& config) {
  config.level = defaults::kLogLevel;
  config.output = log.file("output");
  log.unused("audit");
  const auto written = log.text("level");
  if (!written) return;
  if (const auto level = log_level(*written)) {
    config.level = *level;
  } else {
    log.error("level", in_quotes(*written) + " is not one of trace, debug, info, warn, error, fatal, panic");
  }
}

}  // namespace portcullis
