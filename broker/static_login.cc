#include "broker/static_login.h"

#include <algorithm>
#include <utility>

#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr std::size_t kPasswordBytes = 16UL * 1024;

Error unavailable(std::string detail) { return {Reason::credentials_unavailable, std::move(detail)}; }

Result<Secret> checked(std::string text, const std::string& where) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  Secret password(std::move(text));
  const std::string_view seen = password.reveal();
  if (seen.empty()) return unavailable(where + " is empty");
  if (std::any_of(seen.begin(), seen.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; })) {
    return unavailable(where + " holds a control character: a password is one line of text");
  }
  return password;
}

Result<Secret> password_of(const StaticLoginConfig& config, const Files& files, const Environment& environment) {
  if (config.password) return Secret(std::string(config.password->reveal()));
  if (config.password_file) {
    auto text = files.read(*config.password_file, kPasswordBytes);
    if (!text) return unavailable("the password file cannot be read: " + text.error().detail);
    return checked(std::move(text).value(), "the password file " + escape_for_log(*config.password_file));
  }
  const std::string name = config.password_variable.value_or("");
  auto text = environment.get(name);
  if (!text) return unavailable("the environment variable " + escape_for_log(name) + " is not set");
  return checked(std::move(*text), "the environment variable " + escape_for_log(name));
}

}  // namespace

Result<RegistryLogin> static_login(const StaticLoginConfig& config, const Files& files, const Environment& environment) {
  auto password = password_of(config, files, environment);
  if (!password) return password.error();
  return RegistryLogin{.user = config.username, .password = std::move(password).value(), .expires = {}};
}

}  // namespace portcullis
