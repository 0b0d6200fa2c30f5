// AWS IAM: how long sessions of a role may last (API version 2010-05-08, Query protocol, XML answers).
#pragma once

#include <chrono>
#include <string_view>

#include "aws/client.h"

namespace portcullis {

/// GetRole's MaxSessionDuration, 3600 to 43,200 s. `role_name` is the name alone, without path. `Reason::io_failed` with what AWS said.
Result<std::chrono::seconds> get_longest_session(AwsClient& iam, std::string_view role_name);

}  // namespace portcullis
