// Amazon Resource Names: `arn:partition:service:region:account:resource`.
#pragma once

#include <string_view>

namespace portcullis {

/// The 12 digits of the account in `arn`; empty where it is no ARN, or one without an account (S3 has such). Points into `arn`.
std::string_view arn_account(std::string_view arn) noexcept;

}  // namespace portcullis
