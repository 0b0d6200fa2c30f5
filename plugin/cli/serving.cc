#include "plugin/cli/serving.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include <grp.h>
#include <sys/stat.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/percent.h"

namespace portcullis {
namespace {

bool is_unix(const ListenAddress& address) noexcept { return address.kind == ListenAddress::Kind::unix_socket; }

bool is_group(const std::string& name) {
  std::array<char, 16384> buffer{};
  group entry{};
  group* found = nullptr;
  return ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
}

void judge_group(const Config& config, std::vector<Finding>& findings) {
  const bool used = std::any_of(config.listen.begin(), config.listen.end(), is_unix) || (config.admin && is_unix(*config.admin));
  if (!config.listen_group || !used || is_group(*config.listen_group)) return;
  findings.push_back({Severity::warning, "portcullis.listenGroup",
                      "there is no group \"" + escape_for_log(*config.listen_group) +
                          "\" on this machine, and serve would not start: make the group, or name the proxy's"});
}

/// Why no file could be written at `path`, or nothing.
std::optional<std::string> obstacle(const std::string& path) {
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0) {
    if (S_ISREG(there.st_mode) || S_ISCHR(there.st_mode) || S_ISFIFO(there.st_mode)) return std::nullopt;
    return (S_ISDIR(there.st_mode) ? "is a folder" : "is no file") + std::string(" on this machine: name a file");
  }
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const bool is_folder = ::stat(folder.c_str(), &there) == 0 && S_ISDIR(there.st_mode);
  if (is_folder) return std::nullopt;
  return "there is no folder " + escape_for_log(folder) + " on this machine: make it, or name another";
}

void judge_file(const char* setting, const std::optional<std::string>& path, std::vector<Finding>& findings) {
  if (!path) return;
  if (const auto why = obstacle(*path)) findings.push_back({Severity::warning, setting, escape_for_log(*path) + ": " + *why});
}

}  // namespace

void add_serving_options(CLI::App& command, ConfigOverrides& overrides) {
  command.add_option("--listen", overrides.listen, "Address to listen on, in place of the file's: unix:PATH, HOST:PORT (port 0: any)")
      ->allow_extra_args(false);
  command.add_option("--trust", overrides.trusted, "Address range that may ask, besides the file's: 127.0.0.1/32")->allow_extra_args(false);
}

ConfigOverrides judged_as(ConfigOverrides serving) {
  serving.commands_alone = serving.listen.empty() && serving.trusted.empty();
  return serving;
}

std::vector<Finding> missing_on_this_machine(const Config& config) {
  std::vector<Finding> findings;
  judge_group(config, findings);
  judge_file("log.output", config.log.output, findings);
  judge_file("portcullis.decisionLog.output", config.decision_log.output, findings);
  judge_file("portcullis.keys.lastKnownGood", config.keys.last_known_good, findings);
  return findings;
}

}  // namespace portcullis
