// Checks signatures as AWS does: the request is signed again with the stored secret, and both signatures are compared.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "tests/fake_aws/message.h"
#include "tests/fake_aws/protocol.h"
#include "tests/fake_aws/world.h"

namespace portcullis::fake_aws {

struct SigningRules {
  std::string service;               ///< the signing name that the scope must have
  std::vector<std::string> regions;  ///< that the scope may have
  TimePoint now;
};

/// Whoever signed, and for which region.
struct Signed {
  Principal principal;
  std::string region;  ///< of SigV4A: the region set
};

struct BadSignature {
  SignatureFault fault;
  std::string message;
};

/// Checks header signatures, SigV4 and SigV4A. In the order of AWS: is there one, is it complete, is the key known and the session token
/// its own, does the scope fit (service, region, day), is the time within five minutes of `rules.now`, does the signature match (compared
/// in constant time), has the session expired.
std::variant<Signed, BadSignature> check_signature(const Request& request, const SigningRules& rules,
                                                   const std::map<std::string, AccessKey>& keys);

/// The access key id that a request claims, unchecked; empty where it claims none.
std::string claimed_key(const Request& request);

}  // namespace portcullis::fake_aws
