// The last good public keys of a remote source, on disk: what a gate serves with that starts while its source is away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/io/files.h"
#include "base/result.h"
#include "config/config.h"
#include "keystore/refresh/round.h"

namespace portcullis {

/// More than 1 MiB of keys with what stands around them.
inline constexpr std::size_t kMaxRememberedBytes = 2UL * 1024 * 1024;

/// What a file was made for; a file of another source is refused.
struct SourceIdentity {
  std::string kind;      ///< the source's name: "awsSecretsManager", "jwksURL"
  std::string identity;  ///< SHA-256, hex, of everything in the configuration that says which keys are meant
  std::string account;   ///< of AWS, 12 digits; empty where nobody knows it, or there is none
};

/// Region, secret, role, endpoint, version stages; and the account: that of the secret's or of the role's ARN, else `account`, 12 digits
/// that the caller knows without asking anybody (AWS_ROLE_ARN, AWS_ACCOUNT_ID), or empty.
SourceIdentity identity_of(const AwsSecretsManagerConfig& config, std::string_view account);
/// The whole URL.
SourceIdentity identity_of_jwks(std::string_view url);

/// What was read back.
struct RememberedKeys {
  KeySet keys;
  TimePoint last_success;  ///< at their origin
  std::string account;     ///< whose they were; empty where that was never known
};

/// The file's text: JSON with a digest over all of it. The digest finds what a disk or an editor did; it stops nobody who may write the
/// file, who is trusted with the keys.
std::string write_remembered(const SourceIdentity& source, const KeySet& keys, TimePoint last_success);

/// The text of a file, whoever wrote it, made for `source`. Refused, with the cause in the detail: what is not such JSON, or not whole
/// (`json_malformed`); another source's, another account's where both are known, another format's, one whose digest differs or whose last
/// success lies behind `now`
/// (`secret_malformed`); keys that would be refused anywhere else (their own reasons). How old they may be is not judged here, but by
/// `SourceState::freshness`, as ever.
Result<RememberedKeys> read_remembered(std::string_view text, const SourceIdentity& source, TimePoint now);

/// Replaces `path` by rename, mode 0600, with the keys of `state`, after a good round: the caller asks after each, also where the keys did
/// not change, because the time did. The account is the one in the ARN that AWS answered with. Nothing is written, and that is no fault,
/// for a state that is itself remembered, or empty. `io_failed`.
Result<void> save_last_known_good(Files& files, const std::string& path, const SourceIdentity& source, const SourceState& state);

/// `before`, the state of a source that has not answered since the process began, with the keys of `path`: serving, *stale* until the first
/// good round, and as old as its file says; `origin->account` is the file's, to compare with what the first good round says. A source that
/// has answered keeps what it brought: the file is not read then. An error leaves nothing to do but to go on with `before`; a file that is
/// not there is one too (`io_failed`), which on a first start is no fault.
Result<SourceState> recall_last_known_good(const Files& files, const std::string& path, const SourceIdentity& source,
                                           const SourceState& before, std::uint64_t new_generation, TimePoint now);

}  // namespace portcullis
