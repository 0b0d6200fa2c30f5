// Which ECR registry a host name means: anchored at both ends, so that a look-alike gets nothing.
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
  bool dual_stack = false;

  friend bool operator==(const EcrHost&, const EcrHost&) = default;
};

/// Reads `<12 digits>.dkr.ecr[-fips].<region>.<suffix>`, `<12 digits>.dkr-ecr[-fips].<region>.<dual-stack suffix>`, `public.ecr.aws` and
/// `ecr-public.aws.com`, in any letter case, without port (Amazon ECR endpoints and quotas): suffixes of every partition, each beside a
/// region of that partition. Anything else is nothing.
std::optional<EcrHost> parse_ecr_host(std::string_view host);

/// `arn:<partition>:ecr:<region>:<account>:repository/<repository>`: what a policy names. `repository` may be a pattern of IAM. The public
/// registry's repositories have no region and are not limited: `*`.
std::string ecr_repository_arn(const EcrHost& host, std::string_view repository);

}  // namespace portcullis
