// What may be asked for without a signature: IMDS of EC2, the container endpoints of ECS and EKS Pod Identity, and the portal of IAM
// Identity Center (SSO).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "tests/fake_aws/message.h"
#include "tests/fake_aws/world.h"

namespace portcullis::fake_aws {

/// A call that one of these endpoints knows: `metadata` with Token, ListRoles, GetCredentials or Read; `container` with GetCredentials;
/// `sso` with GetRoleCredentials.
struct MachineCall {
  std::string service;
  std::string operation;
};

class Machines {
 public:
  /// Nothing where the path belongs to none of them.
  static std::optional<MachineCall> recognize(const World& world, const Request& request);
  /// The answer. The session of a role is given out again until five minutes before its end, or until it is revoked.
  Answer answer(World& world, const MachineCall& call, const Request& request);

 private:
  Answer metadata_token(World& world, const Request& request);
  Answer metadata(World& world, const MachineCall& call, const Request& request);
  Answer container(World& world, const Request& request);
  Answer role_credentials(World& world, const Request& request);
  std::string current_session(World& world, const std::string& role_arn, const std::string& session_name);

  std::map<std::string, TimePoint> tokens_;      ///< of IMDSv2, with their ends
  std::map<std::string, std::string> sessions_;  ///< role ARN to access key id
};

}  // namespace portcullis::fake_aws
