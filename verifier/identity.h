// Who the token speaks for: user and groups by the configured mapping.
#pragma once

#include <memory>
#include <string>

#include "base/codec/json.h"
#include "base/result.h"
#include "policy/cel/value.h"
#include "verifier/claim_program.h"

namespace portcullis {

struct IdentityRules {
  std::shared_ptr<const ClaimProgram> mapping;  ///< null: `claims.sub`, or nobody where that is absent
  std::string username_prefix;
  std::string groups_prefix;
};

/// Maps; the prefixes are put before each name that is not empty. `claims` is the payload as CEL sees it, and there wherever
/// `rules.mapping` is. A name with a control character and an empty group are `claim_invalid`; an empty user name of an expression is
/// `identity_empty`; else the reasons of `ClaimProgram::run`.
Result<Identity> map_identity(JsonView payload, const cel::Value* claims, const IdentityRules& rules);

}  // namespace portcullis
