#include "broker/pull_secret/secret_set.h"

#include <algorithm>

namespace portcullis {

Result<SecretSet> fill_secrets(const PullSecretConfig& pull_secret, const std::vector<HostLogin>& logins, const LoginTimes& times) {
  SecretSet set{.data = {}, .times = times};
  for (const GeneratedSecretConfig& secret : pull_secret.secrets) {
    if (set.data.contains(secret.type)) continue;
    auto data = secret_data(secret.type, logins);
    if (!data) return data.error();
    set.data.emplace(secret.type, std::move(data).value());
  }
  return set;
}

bool same_secrets(const SecretSet& left, const SecretSet& right) noexcept {
  return std::equal(left.data.begin(), left.data.end(), right.data.begin(), right.data.end(),
                    [](const auto& one, const auto& other) { return same_data(one.second, other.second); });
}

}  // namespace portcullis
