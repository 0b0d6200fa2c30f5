// The secrets of one pull secret, filled: what a round delivers.
#pragma once

#include <map>

#include "broker/pull_secret/contents.h"
#include "broker/pull_secret/manifest.h"

namespace portcullis {

/// One login in every form that is wanted. Not copyable.
struct SecretSet {
  std::map<GeneratedSecretConfig::Type, SecretData> data;
  LoginTimes times{};
};

/// The data of every type among `pull_secret.secrets`. Errors of `secret_data`.
Result<SecretSet> fill_secrets(const PullSecretConfig& pull_secret, const std::vector<HostLogin>& logins, const LoginTimes& times);
/// Whether both hold the same texts, whatever their times.
bool same_secrets(const SecretSet& left, const SecretSet& right) noexcept;

}  // namespace portcullis
