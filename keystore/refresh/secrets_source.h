// Keys from AWS Secrets Manager: `http.auth.bearer.awsSecretsManager`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/client.h"
#include "base/result.h"
#include "keystore/refresh/source.h"

namespace portcullis {

/// Which secret, and which of its versions.
struct SecretVersions {
  std::string secret_id;            ///< name or ARN
  std::vector<std::string> stages;  ///< at least one; the first must exist
};

/// The client of Secrets Manager, whenever a round needs it: null is never returned. It is a function, because a chain of credentials that
/// cannot be built is a failed round and no reason not to start; the fault begins with `failed to load AWS configuration`.
using SecretsClient = std::function<Result<AwsClient*>()>;

/// One GetSecretValue for each stage, merged. The client lives at least until the source's next call of `client`, and outlives its last.
///
/// A round fails, and so changes nothing, where AWS gives no answer or denies (`failed to retrieve secret …`), where a version is no JSON
/// object (`failed to parse secret JSON …`), where two versions hold different keys under one id (`key_duplicate`), and where no version
/// holds a usable key (`keys_empty`). A stage behind the first that no version has (a secret that was never rotated has no AWSPREVIOUS)
/// counts as empty. `KeysOrigin` tells the version and stages of each key.
///
/// Pending versions are never read unless their stage is asked for: `portcullis keys --stage AWSPENDING` makes a source with that stage.
std::unique_ptr<KeySource> make_secrets_source(SecretsClient client, SecretVersions versions);

}  // namespace portcullis
