// The role that may read the secret, where the secret belongs to another account.
#pragma once

#include <memory>

#include "aws/client.h"
#include "aws/credential_cache.h"
#include "aws/sts.h"

namespace portcullis {

/// What AWS gives a role that was assumed by a role: an hour at most, whatever is asked for.
inline constexpr std::chrono::seconds kMostOfAChainedRole = std::chrono::hours(1);

/// Credentials of the role in `request` (which passes `check_assume_role`), assumed at `sts` with those of `own`, the default chain of this
/// host. One session serves until five minutes before its end; one that cannot be renewed serves until it really ends. Where `own` are
/// temporary credentials, a longer duration than an hour is asked for as an hour. Errors are `Reason::io_failed` and begin with
/// `failed to load AWS configuration`. `background` as in `CredentialCache`; the references in `tools` outlive the result.
std::unique_ptr<CredentialSource> make_reader_role(const AwsTools& tools, AwsEndpoint sts, std::unique_ptr<CredentialSource> own,
                                                   AssumeRoleRequest request, CredentialCache::Background background = {});

}  // namespace portcullis
