#include "aws/endpoint.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace portcullis {
namespace {

struct Partition {
  std::string_view name;
  std::string_view region_prefix;
  std::string_view suffix;
  std::string_view dual_stack_suffix;
  std::string_view iam_host;    ///< IAM is one global service a partition
  std::string_view iam_region;  ///< that signs for it
};

// Longest prefixes first: `us-gov-` before the default, `us-isob-` before `us-iso-`.
constexpr std::array<Partition, 8> kPartitions = {{
    {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", "iam.us-gov.amazonaws.com", "us-gov-west-1"},
    {"aws-eusc", "eusc-de-", "amazonaws.eu", "api.amazonwebservices.eu", "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"},
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", "iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "iam.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "iam.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"},
    {"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", "iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
    {"aws", "", "amazonaws.com", "api.aws", "iam.amazonaws.com", "us-east-1"},
}};

const Partition& partition_for(std::string_view region) noexcept {
  for (const Partition& one : kPartitions) {
    if (region.starts_with(one.region_prefix)) return one;
  }
  std::abort();  // the last prefix is empty
}

struct ServiceRow {
  AwsService service;
  std::string_view name;
  std::string_view variable;
  std::string_view signing_name;
};

constexpr std::array<ServiceRow, 7> kServices = {{
    {AwsService::sts, "sts", "STS", "sts"},
    {AwsService::secrets_manager, "secretsmanager", "SECRETS_MANAGER", "secretsmanager"},
    {AwsService::ecr, "ecr", "ECR", "ecr"},
    {AwsService::ecr_public, "ecr-public", "ECR_PUBLIC", "ecr-public"},
    {AwsService::sso, "sso", "SSO", "awsssoportal"},
    {AwsService::sso_oidc, "sso-oidc", "SSO_OIDC", "sso-oauth"},
    {AwsService::iam, "iam", "IAM", "iam"},
}};

const ServiceRow& row_of(AwsService service) noexcept { return kServices[static_cast<std::size_t>(service)]; }

bool is_host_label(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

Error bad(std::string detail) { return {Reason::bad_request, std::move(detail)}; }

Result<std::string> checked_url(std::string_view url) {
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return bad("a configured endpoint must begin with https:// or http://");
  }
  const std::string_view host = rest.substr(0, rest.find('/'));
  if (host.empty() || rest.find_first_of("?#@\\") != std::string_view::npos ||
      std::any_of(rest.begin(), rest.end(), [](char c) { return c <= ' ' || c >= 0x7f; })) {
    return bad("a configured endpoint must be a host with an optional port and path, without user, query and fragment");
  }
  std::string out(url);
  while (out.ends_with('/')) out.pop_back();
  return out;
}

/// IAM is one global service a partition.
std::string iam_host(const EndpointQuestion& q, const Partition& p) {
  const bool gov = p.name == "aws-us-gov";
  const std::string name = q.fips && !gov ? "iam-fips" : "iam";
  if (q.dual_stack) return name + (gov ? ".us-gov." : ".global.") + std::string(p.dual_stack_suffix);
  if (!q.fips || gov) return std::string(p.iam_host);
  const bool regional = p.name == "aws-iso" || p.name == "aws-iso-b";
  return name + "." + (regional ? std::string(p.iam_region) + "." : "") + std::string(p.suffix);
}

/// The published rules differ by service in where FIPS and dual stack stand in the name.
std::string host_of(const EndpointQuestion& q, const Partition& p) {
  const std::string region = "." + q.region + ".";
  const std::string_view suffix = q.dual_stack ? p.dual_stack_suffix : p.suffix;
  const std::string plain_tail = region + std::string(p.suffix);
  const std::string tail = region + std::string(suffix);
  const bool gov = p.name == "aws-us-gov";
  const bool fips_name = q.fips && !(gov && !q.dual_stack);  // GovCloud's plain hosts are FIPS already
  switch (q.service) {
    case AwsService::sts:
      if (q.region == "aws-global") return "sts.amazonaws.com";
      return (fips_name ? "sts-fips" : "sts") + tail;
    case AwsService::secrets_manager: {
      const std::string host = q.fips ? "secretsmanager-fips" : "secretsmanager";
      const bool same_host = p.name == "aws" || gov || (p.name == "aws-cn" && !q.fips);
      return host + (same_host ? plain_tail : tail);
    }
    case AwsService::ecr:
      if (q.dual_stack) return (q.fips ? "ecr-fips" : "ecr") + tail;
      return (q.fips ? "api.ecr-fips" : "api.ecr") + tail;
    case AwsService::ecr_public:
      if (q.dual_stack && !q.fips && p.name == "aws") return "ecr-public" + tail;
      return (q.fips ? "api.ecr-public-fips" : "api.ecr-public") + tail;
    case AwsService::sso: return (fips_name ? "portal.sso-fips" : "portal.sso") + tail;
    case AwsService::sso_oidc: return (fips_name ? "oidc-fips" : "oidc") + tail;
    case AwsService::iam: return iam_host(q, p);
  }
  std::abort();
}

}  // namespace

Result<AwsEndpoint> resolve_endpoint(const EndpointQuestion& question) {
  const ServiceRow& row = row_of(question.service);
  AwsEndpoint endpoint{.url = {}, .signing_name = std::string(row.signing_name), .signing_region = question.region};
  if (question.region == "aws-global") endpoint.signing_region = "us-east-1";
  if (question.configured_url) {
    if (question.fips) return bad("Invalid Configuration: FIPS and custom endpoint are not supported");
    if (question.dual_stack) return bad("Invalid Configuration: Dualstack and custom endpoint are not supported");
    auto url = checked_url(*question.configured_url);
    if (!url) return url.error();
    endpoint.url = std::move(url).value();
    if (question.service == AwsService::iam) endpoint.signing_region = partition_for(question.region).iam_region;
    return endpoint;
  }
  if (question.region.empty()) return bad("Invalid Configuration: Missing Region: set AWS_REGION or the profile's region");
  if (!is_host_label(question.region)) return bad("Invalid Configuration: the region is no host name label");
  const Partition& partition = partition_for(question.region);
  if (question.service == AwsService::iam) endpoint.signing_region = partition.iam_region;
  endpoint.url = "https://" + host_of(question, partition);
  return endpoint;
}

std::optional<AwsService> aws_service_from_name(std::string_view name) noexcept {
  for (const ServiceRow& row : kServices) {
    if (row.name == name) return row.service;
  }
  return std::nullopt;
}

std::string_view endpoint_variable_id(AwsService service) noexcept { return row_of(service).variable; }

std::string_view partition_of(std::string_view region) noexcept { return partition_for(region).name; }

}  // namespace portcullis
