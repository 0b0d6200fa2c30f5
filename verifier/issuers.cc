#include "verifier/issuers.h"

#include "verifier/claims.h"

namespace portcullis {

SourceChoice choose_source(const UnverifiedToken& token, const std::vector<IssuerRules>& issuers) {
  SourceChoice choice;
  if (issuers.empty()) return choice;
  const auto payload = parse_payload(token.payload);
  const auto issuer = payload ? payload->root().get("iss").string() : std::nullopt;
  for (std::size_t i = 0; i < issuers.size(); ++i) {
    if (issuers[i].skips_verification) {
      choice.skipper = i;
    } else if (issuer == issuers[i].issuer) {
      return {.owner = i, .skipper = std::nullopt};
    }
  }
  return choice;
}

}  // namespace portcullis
