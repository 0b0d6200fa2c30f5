// Seam for where keys come from: a file, Secrets Manager, a JWKS on the network.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "keystore/key_text.h"

namespace portcullis {

/// One place that vouches for keys. `fetch` may block; nobody calls it on a request thread, and no two threads call it at once.
class KeySource {
 public:
  virtual ~KeySource() = default;
  /// Label in logs and metrics: "cert", "file", "awsSecretsManager", "jwksURL".
  [[nodiscard]] virtual const std::string& name() const noexcept = 0;
  /// Files whose change means that a round is due. Empty: the source is remote, and `schedule` says when.
  [[nodiscard]] virtual std::vector<std::string> watched_files() const = 0;
  /// All keys, now. Any error means that the round failed and the old keys stay.
  [[nodiscard]] virtual Result<ParsedKeys> fetch(TimePoint now) = 0;
};

}  // namespace portcullis
