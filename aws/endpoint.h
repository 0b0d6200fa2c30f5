// Where AWS services are: host names of all partitions, plain, FIPS and dual stack, and configured endpoints (reference: AWS service
// endpoints).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portcullis {

enum class AwsService { sts, secrets_manager, ecr, ecr_public, sso, sso_oidc, iam };
inline constexpr std::size_t kAwsServices = 7;

struct EndpointQuestion {
  AwsService service;
  std::string region;
  bool fips = false;
  bool dual_stack = false;
  std::optional<std::string> configured_url;  ///< of AWS_ENDPOINT_URL* or a file
};

struct AwsEndpoint {
  std::string url;  ///< `https://sts.eu-west-1.amazonaws.com`, without a slash behind
  std::string signing_name;
  std::string signing_region;
};

/// `Reason::bad_request` for a region that is no host label, no region at all, FIPS or dual stack beside a configured endpoint, a
/// combination that the partition lacks, or a configured URL that is not http(s) with a host and without user, query and fragment.
Result<AwsEndpoint> resolve_endpoint(const EndpointQuestion& question);

/// `sts`, `secretsmanager`, `ecr`, `ecr-public`, `sso`, `sso-oidc`, `iam`; nothing for another name.
std::optional<AwsService> aws_service_from_name(std::string_view name) noexcept;
/// The tail of AWS_ENDPOINT_URL_<ID>: `SECRETS_MANAGER`.
std::string_view endpoint_variable_id(AwsService service) noexcept;
/// `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`, `aws-iso`, …: the partition of `region`; `aws` for an unknown one.
std::string_view partition_of(std::string_view region) noexcept;

}  // namespace portcullis
