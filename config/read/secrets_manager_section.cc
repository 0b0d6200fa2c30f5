// `http.auth.bearer.awsSecretsManager`: zot's three settings, and the cross-account role, version stages and endpoint that are ours. What
// AWS would refuse at the first round is refused here.
#include <algorithm>

#include "config/duration.h"
#include "config/read/sections.h"
#include "config/url.h"

namespace portcullis {
namespace {

constexpr std::string_view kSessionName = "sessionName";
constexpr std::string_view kVersionStage = "versionStage";

bool is_lower_or_digit(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_visible(char c) noexcept { return c > 0x20 && c < 0x7f; }

/// IAM's `[\w+=,.@-]`, and what else a name may hold.
bool is_iam_text(std::string_view text, std::string_view more) noexcept {
  return std::all_of(text.begin(), text.end(), [more](char c) {
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' || more.find(c) != std::string_view::npos;
  });
}

/// A region becomes a label of a host name (RFC 1123 section 2.1).
bool is_region(std::string_view text) noexcept {
  const auto in_label = [](char c) { return is_lower_or_digit(c) || c == '-'; };
  return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), in_label) && text.front() != '-' && text.back() != '-';
}

/// The parts of `arn:partition:service:region:account:rest`; nothing for any other text.
struct Arn {
  std::string_view service;
  std::string_view region;
  std::string_view account;
  std::string_view rest;
};

std::optional<Arn> parse_arn(std::string_view text) {
  const auto next = [&text]() -> std::string_view {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view part = text.substr(0, colon);
    text.remove_prefix(std::min(colon + 1, text.size()));
    return part;
  };
  if (next() != "arn") return std::nullopt;
  const std::string_view partition = next();
  Arn arn;
  arn.service = next();
  arn.region = next();
  arn.account = next();
  arn.rest = text;
  const bool aws = partition.starts_with("aws") &&
                   std::all_of(partition.begin(), partition.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
  if (!aws || arn.account.size() != 12 || !std::all_of(arn.account.begin(), arn.account.end(), is_digit)) return std::nullopt;
  return arn;
}

/// `arn:aws:iam::123456789012:role/path/name`.
bool is_role_arn(std::string_view text) {
  const auto arn = parse_arn(text);
  return arn && text.size() >= 20 && text.size() <= 2048 && arn->service == "iam" && arn->region.empty() &&
         arn->rest.starts_with("role/") && arn->rest.size() > 5 && !arn->rest.ends_with('/') && is_iam_text(arn->rest.substr(5), "+=,.@-/");
}

std::string read_region(Section& aws) {
  const auto region = aws.required_text("region", "awsSecretsManager region must be specified");
  if (region && !is_region(*region)) aws.error("region", in_quotes(*region) + " is no region such as \"eu-west-1\"");
  return region.value_or("");
}

std::string read_secret_name(Section& aws, const std::string& region) {
  // zot's text, and the one that its users know from the documentation.
  const auto name = aws.required_text("secretName", "awsSecretsManager secretName must be specified (secret name must be specified)");
  if (!name) return {};
  if (name->size() > 2048 || !std::all_of(name->begin(), name->end(), is_visible)) {
    aws.error("secretName", "must have 1 to 2048 printable ASCII characters and no blank");
  } else if (name->starts_with("arn:")) {
    const auto arn = parse_arn(*name);
    if (!arn || arn->service != "secretsmanager" || !arn->rest.starts_with("secret:") || arn->rest.size() == 7) {
      aws.error("secretName", "a secret's ARN looks like arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf");
    } else if (!region.empty() && arn->region != region) {
      aws.error("secretName", "the ARN's region is " + in_quotes(arn->region) + ", and region is " + in_quotes(region));
    }
  }
  return *name;
}

/// As in zot, 0 is the default.
Duration read_interval(Section& aws) {
  const auto written = aws.text("refreshInterval");
  if (written && written->starts_with('-') && parse_duration(*written)) {
    aws.error("refreshInterval", "awsSecretsManager refreshInterval must be non-negative");
    return defaults::kRefreshInterval;
  }
  const auto interval = aws.duration("refreshInterval", defaults::kRefreshIntervalBounds);
  if (!interval || interval->count() == 0) return defaults::kRefreshInterval;
  if (*interval < defaults::kLeastRefreshInterval) {
    aws.error("refreshInterval", "must be at least " + format_duration(defaults::kLeastRefreshInterval) + ", or 0 for the default");
  }
  return *interval;
}

void read_role(Section& aws, AwsSecretsManagerConfig& config) {
  config.role_arn = aws.text("roleArn");
  if (config.role_arn && !is_role_arn(*config.role_arn))
    aws.error("roleArn", "a role's ARN looks like arn:aws:iam::123456789012:role/name");
  config.external_id = aws.text("externalId");
  if (config.external_id &&
      (config.external_id->size() < 2 || config.external_id->size() > 1224 || !is_iam_text(*config.external_id, "+=,.@:/-"))) {
    aws.error("externalId", "must have 2 to 1224 characters of A-Z a-z 0-9 _ + = , . @ : / -");
  }
  config.session_name = aws.text(kSessionName).value_or(std::string(defaults::kSessionName));
  if (config.session_name.size() < 2 || config.session_name.size() > 64 || !is_iam_text(config.session_name, "+=,.@-")) {
    aws.error(kSessionName, "must have 2 to 64 characters of A-Z a-z 0-9 _ + = , . @ -");
  }
  config.duration = aws.duration("duration", defaults::kSessionDurationBounds);
  if (config.duration && *config.duration % std::chrono::seconds(1) != Duration(0)) aws.error("duration", "must be whole seconds");
  if (aws.has("roleArn")) return;
  for (const std::string_view name : {std::string_view("externalId"), kSessionName, std::string_view("duration")}) {
    if (aws.has(name)) aws.error(name, "belongs to a role: set roleArn too");
  }
}

std::vector<std::string> read_stages(Section& aws) {
  auto stages = aws.texts(kVersionStage);
  if (!stages) return {std::string(defaults::kVersionStage)};
  if (stages->empty() || stages->size() > defaults::kMostVersionStages) {
    aws.error(kVersionStage, "must name 1 to " + std::to_string(defaults::kMostVersionStages) + " stages: each is a call in each round");
  }
  for (std::size_t i = 0; i < stages->size(); ++i) {
    const std::string& stage = (*stages)[i];
    if (stage.size() > 256 || !std::all_of(stage.begin(), stage.end(), is_visible)) {
      aws.error(kVersionStage, "a stage has 1 to 256 printable ASCII characters and no blank");
    }
    if (std::find(stages->begin(), stages->begin() + static_cast<std::ptrdiff_t>(i), stage) !=
        stages->begin() + static_cast<std::ptrdiff_t>(i)) {
      aws.error(kVersionStage, in_quotes(stage) + " stands there twice");
    }
  }
  return std::move(*stages);
}

std::optional<std::string> read_endpoint(Section& aws) {
  auto endpoint = aws.text("endpoint");
  if (!endpoint) return std::nullopt;
  const auto url = parse_http_url(*endpoint);
  if (!url || endpoint->find_first_of("?#\\") != std::string::npos || (!url->https && !url->loopback())) {
    aws.error("endpoint", "must be an https URL, or http on this host, without user, query and fragment");
  }
  return endpoint;
}

}  // namespace

void read_secrets_manager(Section& aws, Draft& draft) {
  AwsSecretsManagerConfig config;
  config.region = read_region(aws);
  config.secret_name = read_secret_name(aws, config.region);
  config.refresh_interval = read_interval(aws);
  read_role(aws, config);
  config.version_stages = read_stages(aws);
  config.endpoint = read_endpoint(aws);
  if (aws.present()) draft.config.bearer.aws_secrets_manager = std::move(config);
}

}  // namespace portcullis
