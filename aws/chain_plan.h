// Which source of credentials is used, decided from the configuration alone: the order of aws-sdk-go-v2, with every source that was passed
// over and why. Nothing here reads a file or the network, and no plan holds a secret but the command line of a credential process.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "aws/shared_config.h"
#include "base/io/environment.h"
#include "base/result.h"

namespace portcullis {

/// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
struct EnvironmentKeys {};

/// `aws_access_key_id` and `aws_secret_access_key` of a profile.
struct ProfileKeys {
  std::string profile;
};

/// AssumeRoleWithWebIdentity with a token file: of the environment (IRSA) or of a profile.
struct WebIdentityRole {
  std::string role_arn;
  std::optional<std::string> session_name;
  std::string token_file;
  std::optional<std::chrono::seconds> duration;
};

/// `credential_process`. The command may hold secrets: it is run, and never shown.
struct CredentialProcess {
  std::string command;
  std::optional<std::string> account_id;  ///< of the profile, where the process names none
};

/// AWS IAM Identity Center.
struct SsoRole {
  std::string profile;
  std::optional<std::string> session;  ///< of `sso_session`; absent: the legacy form
  std::string start_url;
  std::string region;
  std::string account_id;  ///< empty with an empty `role_name`: the profile gives an access token, and no credentials
  std::string role_name;
};

/// ECS task role, EKS Pod Identity, or anything that speaks as they do.
struct ContainerEndpoint {
  std::string url;
  std::optional<std::string> token_file;  ///< re-read at each use
  bool token_in_environment = false;      ///< AWS_CONTAINER_AUTHORIZATION_TOKEN, where there is no file
};

/// The role of the EC2 instance.
struct InstanceRole {};

using BaseSource = std::variant<EnvironmentKeys, ProfileKeys, WebIdentityRole, CredentialProcess, SsoRole, ContainerEndpoint, InstanceRole>;

/// One AssumeRole on top of what came before.
struct RoleStep {
  std::string profile;
  std::string role_arn;
  std::optional<std::string> session_name;
  std::optional<std::string> external_id;
  std::optional<std::chrono::seconds> duration;  ///< 900 to 43,200 s; at most 3,600 s on top of a role
};

/// One line of the explanation.
struct ConsideredSource {
  std::string name;
  bool chosen = false;
  std::string why;  ///< what it is, or why it was passed over
};

struct ChainPlan {
  BaseSource base;
  std::vector<RoleStep> roles;               ///< in the order in which they are assumed
  std::vector<ConsideredSource> considered;  ///< in the order of precedence, down to the one that was chosen
  std::vector<std::string> warnings;         ///< of the choice; those of the files are in `SharedConfig`
};

/// The plan for `config`. A profile that an option named beats the environment. `Reason::bad_request`: nothing is configured, or what comes
/// first cannot be used (a circle of profiles, half a pair of keys, MFA, a login session, …); its detail lists every source in order and
/// begins with `failed to load AWS configuration: `.
Result<ChainPlan> plan_chain(const SharedConfig& config, const Environment& environment);

/// The source in words, without secrets: `web identity: role arn:… with the token of /var/run/token`.
std::string describe(const BaseSource& source);
/// `name: why; name: why; `, for an error that goes on.
std::string list_of(const std::vector<ConsideredSource>& considered);

}  // namespace portcullis
