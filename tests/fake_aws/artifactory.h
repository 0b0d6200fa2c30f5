// The exchange of JFrog Artifactory: a signed GetCallerIdentity, sent on by its headers, becomes an access token of the user whom the role
// stands for.
#pragma once

#include <string>
#include <string_view>

#include "tests/fake_aws/message.h"
#include "tests/fake_aws/world.h"

namespace portcullis::fake_aws {

inline constexpr std::string_view kExchangePath = "/access/api/v1/aws/token";

/// Verifies the headers as STS would verify the request that they belong to: GET https://sts[.<region>].amazonaws.com/ with
/// Action=GetCallerIdentity and an empty body, SigV4A for the region of that host. `who` gets the ARN behind a good signature.
Answer exchange_identity(const World& world, const Request& request, std::string& who);

}  // namespace portcullis::fake_aws
