// Which source judges a token: the unverified `iss` selects among the configured issuers, and does nothing else.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "verifier/token.h"
#include "verifier/verify.h"

namespace portcullis {

/// What one OIDC issuer's tokens must keep.
struct IssuerRules {
  std::string issuer;
  bool skips_verification = false;  ///< owns no `iss`
  TokenRules tokens;
};

/// Who may judge a token.
struct SourceChoice {
  std::optional<std::size_t> owner;    ///< of its `iss`: judges alone
  std::optional<std::size_t> skipper;  ///< where nobody owns it: tried before the traditional keys
};

/// Chooses by the `iss` of a token that nobody has verified. A payload that is no JSON object within the limits, or whose `iss` is no text,
/// is nobody's. Reads nothing but that claim, and the result holds nothing of it.
SourceChoice choose_source(const UnverifiedToken& token, const std::vector<IssuerRules>& issuers);

}  // namespace portcullis
