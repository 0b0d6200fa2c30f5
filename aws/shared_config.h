// What the environment and the shared AWS files say, for one profile: region, endpoints, retries, and what the credential chain reads
// (SDKs and Tools Reference Guide, "Settings reference").
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/endpoint.h"
#include "aws/profile.h"
#include "aws/retry.h"
#include "base/io/environment.h"
#include "base/io/files.h"
#include "base/result.h"

namespace portcullis {

/// What the caller asks for; it beats the environment, which beats the files.
struct SharedConfigOptions {
  std::optional<std::string> profile;
  std::optional<std::string> region;
  ProfileStrictness strictness = ProfileStrictness::lenient;
};

/// Who named the profile. One named by an option or by AWS_PROFILE must exist.
enum class ProfileOrigin { option, aws_profile, aws_default_profile, built_in };

/// A value and where it came from, in words: `AWS_REGION`, `profile dev: region`.
struct SettingFrom {
  std::string value;
  std::string origin;
};

/// Settings of the EC2 instance metadata service.
struct ImdsSettings {
  bool disabled = false;                            ///< AWS_EC2_METADATA_DISABLED is `true`
  bool allow_v1 = false;                            ///< AWS_EC2_METADATA_V1_DISABLED says `false` in so many words
  std::string endpoint = "http://169.254.169.254";  ///< without a slash behind
};

/// One loaded configuration. A value: copying it copies the static keys that the files hold.
struct SharedConfig {
  ProfileFiles files;
  std::string profile;  ///< the selected one
  ProfileOrigin profile_origin = ProfileOrigin::built_in;
  std::string home;  ///< HOME, or empty
  std::optional<SettingFrom> region;
  bool fips = false;
  bool dual_stack = false;
  std::optional<std::string> ca_file;
  RetryRules retries;
  ImdsSettings imds;
  std::array<std::optional<SettingFrom>, kAwsServices> endpoints;  ///< configured ones, by service
  std::vector<std::string> warnings;                               ///< for people; never a value of a file

  /// The properties of profile `name`, or null.
  [[nodiscard]] const Properties* find(std::string_view name) const;
  /// The value of `key` in the selected profile, or nothing; a blank value is none.
  [[nodiscard]] std::optional<std::string> get(std::string_view key) const;
  /// Where `service` is, in the configured region or in `region_instead`. Errors of `resolve_endpoint`.
  [[nodiscard]] Result<AwsEndpoint> endpoint(AwsService service, const std::optional<std::string>& region_instead = {}) const;
};

/// The value of `key` in `properties`, or nothing; a blank value is none.
std::optional<std::string> property(const Properties& properties, std::string_view key);

/// Overwrites and drops every secret key and session token in `files`: for who keeps the rest of a configuration.
void wipe_keys(ProfileFiles& files);

/// Loads AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE (or `$HOME/.aws/config` and `…/credentials`), picks the profile (option,
/// AWS_PROFILE, AWS_DEFAULT_PROFILE, `default`) and reads its settings under the environment's. A file that cannot be opened counts as
/// empty; a keys pair of the credentials file replaces that of the config file as a whole. `Reason::bad_request`: the named profile does
/// not exist, a boolean is neither `true` nor `false`, AWS_MAX_ATTEMPTS is no number, AWS_RETRY_MODE is unknown, an IMDS endpoint mode is
/// unknown, or a line is malformed and `strict` was asked for.
Result<SharedConfig> load_shared_config(const Files& files, const Environment& environment, const SharedConfigOptions& options);

}  // namespace portcullis
