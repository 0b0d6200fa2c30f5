#include "aws/shared_config.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/codec/percent.h"
#include "base/secret.h"

namespace portcullis {
namespace {

constexpr std::size_t kFileBytes = 1024UL * 1024;
constexpr int kMostAttempts = 20;

Error bad(std::string detail) { return {Reason::bad_request, std::move(detail)}; }

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

/// Reads settings in their order of precedence: environment, then the selected profile.
class Loader {
 public:
  Loader(const Files& files, const Environment& environment, const SharedConfigOptions& options)
      : files_(files), environment_(environment), options_(options) {}

  Result<SharedConfig> load() {
    config_.home = environment_.get("HOME").value_or("");
    if (auto read = read_files(); !read) return read.error();
    if (auto picked = pick_profile(); !picked) return picked.error();
    pick_region();
    for (const auto& read : {read_booleans(), read_retries(), read_imds()}) {
      if (!read) return read.error();
    }
    config_.ca_file = first("AWS_CA_BUNDLE", "ca_bundle");
    if (auto read = read_endpoints(); !read) return read.error();
    return std::move(config_);
  }

 private:
  Result<std::string> read_one(const char* variable, const char* file) {
    const auto named = environment_.get(variable);
    if (!named && config_.home.empty()) return std::string();
    auto text = files_.read(named ? *named : config_.home + "/.aws/" + file, kFileBytes);
    if (text) return std::move(text).value();
    // Absent is the rule where nobody named it; anything else should be seen.
    const std::string& why = text.error().detail;
    if (named || !why.ends_with("No such file or directory")) config_.warnings.push_back(why + " (counts as empty)");
    return std::string();
  }

  Result<void> read_files() {
    auto config_text = read_one("AWS_CONFIG_FILE", "config");
    auto credentials_text = read_one("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    auto config = parse_profiles(*config_text, "", options_.strictness);
    auto credentials = parse_profiles("", *credentials_text, options_.strictness);
    wipe(*config_text);
    wipe(*credentials_text);
    if (!config) return config.error();
    if (!credentials) return credentials.error();
    config_.files = std::move(config).value();
    for (auto& [name, properties] : credentials->profiles) overlay(config_.files.profiles[name], properties);
    wipe_keys(*credentials);
    auto& warnings = config_.files.warnings;
    std::move(warnings.begin(), warnings.end(), std::back_inserter(config_.warnings));
    std::move(credentials->warnings.begin(), credentials->warnings.end(), std::back_inserter(config_.warnings));
    warnings.clear();
    return {};
  }

  /// Half a pair of one file must not complete half a pair of the other, nor a token go with foreign keys.
  static void overlay(Properties& below, const Properties& above) {
    if (above.contains("aws_access_key_id") || above.contains("aws_secret_access_key")) {
      for (const char* key : {"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_account_id"}) below.erase(key);
    }
    for (const auto& [key, value] : above) below[key] = value;
  }

  Result<void> pick_profile() {
    const auto variable = environment_.get("AWS_PROFILE");
    const auto fallback = environment_.get("AWS_DEFAULT_PROFILE");
    if (options_.profile) {
      config_.profile = *options_.profile;
      config_.profile_origin = ProfileOrigin::option;
    } else if (variable) {
      config_.profile = *variable;
      config_.profile_origin = ProfileOrigin::aws_profile;
    } else {
      config_.profile = fallback.value_or("default");
      config_.profile_origin = fallback ? ProfileOrigin::aws_default_profile : ProfileOrigin::built_in;
    }
    if (config_.find(config_.profile) != nullptr) return {};
    if (config_.profile_origin == ProfileOrigin::option || config_.profile_origin == ProfileOrigin::aws_profile) {
      return bad("failed to get shared config profile, " + escape_for_log(config_.profile) + ": it is in neither shared file" +
                 (variable && !options_.profile ? " (AWS_PROFILE names it)" : ""));
    }
    return {};
  }

  void pick_region() {
    if (options_.region) {
      config_.region = {*options_.region, "option"};
      return;
    }
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
      if (const auto value = environment_.get(name)) {
        config_.region = {*value, name};
        return;
      }
    }
    if (const auto value = config_.get("region")) config_.region = {*value, of_profile("region")};
  }

  [[nodiscard]] std::string of_profile(std::string_view key) const {
    return "profile " + escape_for_log(config_.profile) + ": " + std::string(key);
  }

  [[nodiscard]] std::optional<std::string> first(const char* variable, std::string_view key) const {
    auto value = environment_.get(variable);
    return value ? value : config_.get(key);
  }

  /// Nothing where neither says anything.
  Result<std::optional<bool>> boolean(const char* variable, std::string_view key) const {
    const auto value = first(variable, key);
    if (!value) return std::optional<bool>();
    const std::string word = lower_case(*value);
    if (word != "true" && word != "false") return bad(std::string(variable) + " or " + of_profile(key) + ": need true, false");
    return std::optional(word == "true");
  }

  Result<void> read_booleans() {
    const auto fips = boolean("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    if (!fips) return fips.error();
    const auto dual_stack = boolean("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    if (!dual_stack) return dual_stack.error();
    config_.fips = fips->value_or(false);
    config_.dual_stack = dual_stack->value_or(false);
    return {};
  }

  Result<void> read_retries() {
    if (const auto text = first("AWS_MAX_ATTEMPTS", "max_attempts")) {
      int number = 0;
      const char* end = text->data() + text->size();
      const auto read = std::from_chars(text->data(), end, number);
      if (read.ec != std::errc() || read.ptr != end || number < 0) {
        return bad("AWS_MAX_ATTEMPTS or " + of_profile("max_attempts") + ": need a whole number");
      }
      if (number > 0) config_.retries.attempts = std::min(number, kMostAttempts);  // 0 asks for the default
    }
    const auto mode = first("AWS_RETRY_MODE", "retry_mode");
    if (!mode || *mode == "standard") return {};
    if (*mode != "adaptive") return bad("AWS_RETRY_MODE or " + of_profile("retry_mode") + ": need standard, adaptive");
    config_.warnings.emplace_back("retry mode adaptive is taken as standard");
    return {};
  }

  Result<void> read_imds() {
    const auto disabled = environment_.get("AWS_EC2_METADATA_DISABLED");
    config_.imds.disabled = disabled && lower_case(*disabled) == "true";
    const auto v1_disabled = boolean("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled");
    if (!v1_disabled) return v1_disabled.error();
    config_.imds.allow_v1 = *v1_disabled == std::optional(false);
    if (config_.imds.allow_v1) config_.warnings.emplace_back("AWS_EC2_METADATA_V1_DISABLED=false: IMDSv1 may be used, without a token");
    const std::string mode =
        lower_case(first("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode").value_or("ipv4"));
    if (mode != "ipv4" && mode != "ipv6") {
      return bad("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE or " + of_profile("ec2_metadata_service_endpoint_mode") + ": need IPv4, IPv6");
    }
    if (mode == "ipv6") config_.imds.endpoint = "http://[fd00:ec2::254]";
    if (const auto url = first("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")) {
      if (!url->starts_with("http://") && !url->starts_with("https://")) {
        return bad("AWS_EC2_METADATA_SERVICE_ENDPOINT or " + of_profile("ec2_metadata_service_endpoint") + ": need a URL");
      }
      config_.imds.endpoint = *url;
      while (config_.imds.endpoint.ends_with('/')) config_.imds.endpoint.pop_back();
    }
    return {};
  }

  Result<void> read_endpoints() {
    const auto ignore = boolean("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls");
    if (!ignore) return ignore.error();
    if (ignore->value_or(false)) return {};
    for (std::size_t i = 0; i < kAwsServices; ++i) config_.endpoints[i] = endpoint_of(static_cast<AwsService>(i));
    return {};
  }

  [[nodiscard]] std::optional<SettingFrom> endpoint_of(AwsService service) const {
    const std::string id(endpoint_variable_id(service));
    for (const std::string& name : {"AWS_ENDPOINT_URL_" + id, std::string("AWS_ENDPOINT_URL")}) {
      if (const auto value = environment_.get(name)) return SettingFrom{*value, name};
    }
    if (const auto section_name = config_.get("services")) {
      const auto section = config_.files.services.find(*section_name);
      if (section != config_.files.services.end()) {
        const std::string key = lower_case(id);
        const auto found = section->second.find(key);
        const auto url = found == section->second.end() ? std::nullopt : sub_property(found->second, "endpoint_url");
        if (url && !url->empty()) return SettingFrom{*url, "services " + escape_for_log(*section_name) + ": " + key + ".endpoint_url"};
      }
    }
    if (const auto value = config_.get("endpoint_url")) return SettingFrom{*value, of_profile("endpoint_url")};
    return std::nullopt;
  }

  const Files& files_;
  const Environment& environment_;
  const SharedConfigOptions& options_;
  SharedConfig config_;
};

}  // namespace

std::optional<std::string> property(const Properties& properties, std::string_view key) {
  const auto found = properties.find(key);
  if (found == properties.end() || found->second.find_first_not_of(" \t\r\n") == std::string::npos) return std::nullopt;
  return found->second;
}

Result<SharedConfig> load_shared_config(const Files& files, const Environment& environment, const SharedConfigOptions& options) {
  return Loader(files, environment, options).load();
}

void wipe_keys(ProfileFiles& files) {
  for (auto& [name, properties] : files.profiles) {
    for (const char* key : {"aws_secret_access_key", "aws_session_token"}) {
      const auto found = properties.find(key);
      if (found == properties.end()) continue;
      wipe(found->second);
      properties.erase(found);
    }
  }
}

const Properties* SharedConfig::find(std::string_view name) const {
  const auto found = files.profiles.find(name);
  return found == files.profiles.end() ? nullptr : &found->second;
}

std::optional<std::string> SharedConfig::get(std::string_view key) const {
  const Properties* properties = find(profile);
  return properties == nullptr ? std::nullopt : property(*properties, key);
}

Result<AwsEndpoint> SharedConfig::endpoint(AwsService service, const std::optional<std::string>& region_instead) const {
  const auto& configured = endpoints[static_cast<std::size_t>(service)];
  const std::string found_region = region ? region->value : std::string();
  EndpointQuestion question{.service = service,
                            .region = region_instead.value_or(found_region),
                            .fips = fips,
                            .dual_stack = dual_stack,
                            .configured_url = configured ? std::optional(configured->value) : std::nullopt};
  if (question.region.empty()) return bad("Invalid Configuration: Missing Region: set AWS_REGION or the profile's region");
  auto endpoint = resolve_endpoint(question);
  if (!endpoint && configured) return Error{endpoint.error().reason, configured->origin + ": " + endpoint.error().detail};
  return endpoint;
}

}  // namespace portcullis
