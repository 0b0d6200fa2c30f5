// Which registry a host name means: anchored at both ends, so that a look-alike gets nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace portcullis {

/// A registry of Amazon's, by its name.
struct EcrHost {
  enum class Kind { ecr, ecr_public } kind = Kind::ecr;
  std::string account;  ///< 12 digits; empty for the public registry
  std::string region;   ///< us-east-1 for the public registry
  bool fips = false;
  bool dualstack = false;
};

/// Reads `<12 digits>.dkr.ecr[-fips].<region>.<suffix>`, `<12 digits>.dkr-ecr[-fips].<region>.<dual-stack suffix>`, `public.ecr.aws` and
/// `ecr-public.aws.com`, in any letter case, without port: suffixes of every partition, each beside a region of that partition. Anything
/// else is nothing.
std::optional<EcrHost> parse_ecr_host(std::string_view host);

}  // namespace portcullis
