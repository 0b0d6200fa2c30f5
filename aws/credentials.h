// What signs a call to AWS.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/secret.h"

namespace portcullis {

/// Short-lived or static keys of one identity. Not copyable: the secret half exists once.
struct AwsCredentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;                   ///< empty for static keys
  std::optional<TimePoint> expires;       ///< absent: never
  std::optional<std::string> account_id;  ///< 12 digits, where the source says it
};

}  // namespace portcullis
