// The IAM policies that `portcullis.broker` needs: of our own identity, of the jump role, and of each role that is assumed.
#pragma once

#include <string>
#include <vector>

#include "config/broker.h"

namespace portcullis {

/// Of one role.
struct RolePolicies {
  std::string arn;
  std::string trust;        ///< JSON: who may assume it, and with which external id
  std::string permissions;  ///< JSON; empty for a role of callers, whose permissions are their own affair
};

struct BrokerPolicies {
  std::string permissions;          ///< of our own identity: JSON; empty where it needs none
  std::vector<RolePolicies> roles;  ///< the jump role first, then in the order of their ARNs
};

/// The least that the logins of `config` need. `principal` is the ARN of our own identity; roles behind a jump role trust that one instead.
/// With `push`, the roles may push too.
BrokerPolicies broker_policies(const BrokerConfig& config, const std::string& principal, bool push);

}  // namespace portcullis
