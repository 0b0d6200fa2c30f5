#include "broker/login.h"

#include "base/codec/base64url.h"
#include "base/secret.h"

namespace portcullis {

std::string basic_authorization(const RegistryLogin& login) {
  std::string pair;
  pair.reserve(login.user.size() + 1 + login.password.size());
  pair.append(login.user).append(":");
  login.password.append_to(pair);
  std::string value = "Basic ";
  base64_append(value, pair);
  wipe(pair);
  return value;
}

}  // namespace portcullis
