// Brings the secrets of one pull secret to files.
#pragma once

#include <string>

#include "base/io/files.h"
#include "broker/pull_secret/report.h"
#include "broker/pull_secret/secret_set.h"

namespace portcullis {

/// Writes each secret of `pull_secret` into `folder`, which exists: `NAME.json` for `docker` (what `--authfile` of skopeo, podman and
/// buildah reads), `NAME.user` and `NAME.token` for `generic`. Each file is replaced as a whole, mode 0600, and only where it does not hold
/// that already with that mode. Counts and problems go to `report`: a secret whose files were replaced counts as renewed.
void deliver_files(Files& files, const std::string& folder, const PullSecretConfig& pull_secret, const SecretSet& set, RoundReport& report);

}  // namespace portcullis
