#include "aws/chain_profile.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "aws/container_url.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMostProfiles = 16;
constexpr seconds kShortestSession{900};
constexpr seconds kLongestSession{43'200};
/// STS refuses more for a role that is assumed with the credentials of a role.
constexpr seconds kLongestChainedSession{3600};

constexpr std::array<const char*, 4> kRoleSources = {"source_profile", "credential_source", "credential_process",
                                                     "web_identity_token_file"};

Error bad(std::string detail) { return {Reason::bad_request, std::move(detail)}; }

std::string quoted(std::string_view name) { return "profile " + escape_for_log(name); }

bool is_role_session(const BaseSource& source) {
  return !std::holds_alternative<EnvironmentKeys>(source) && !std::holds_alternative<ProfileKeys>(source) &&
         !std::holds_alternative<CredentialProcess>(source);
}

/// Walks from the selected profile to the one that has credentials, and collects roles on the way back.
class Walk {
 public:
  Walk(const SharedConfig& config, const Environment& environment) : config_(config), environment_(environment) {}

  Result<ProfilePlan> run() {
    if (config_.find(config_.profile) == nullptr) return ProfilePlan{};
    if (auto visited = visit(config_.profile); !visited) return visited.error();
    return std::move(plan_);
  }

 private:
  Result<void> visit(const std::string& name) {
    const bool selected = visited_.empty();
    const Properties* found = config_.find(name);
    if (found == nullptr) return bad(quoted(name) + " does not exist");
    if (std::find(visited_.begin(), visited_.end(), name) != visited_.end()) return bad(circle(name));
    if (visited_.size() == kMostProfiles) return bad("more than 16 profiles refer to each other in a row");
    visited_.push_back(name);
    const Properties& own = *found;
    if (auto whole = check_pair(name, own); !whole) return whole;
    const auto role_arn = property(own, "role_arn");
    if (!selected && has_keys(own)) {
      plan_.base = ProfileKeys{name};
      if (role_arn) plan_.warnings.push_back(quoted(name) + ": its keys are used, and its role_arn is ignored (D-3)");
      return {};
    }
    if (role_arn) {
      if (auto single = check_one_source(name, own); !single) return single;
    }
    if (auto taken = take_source(name, own, role_arn, selected); !taken) return taken;
    const bool by_web_identity = plan_.base && std::holds_alternative<WebIdentityRole>(*plan_.base) && visited_.back() == name;
    return role_arn && !by_web_identity ? add_role(name, own, *role_arn) : Result<void>();
  }

  Result<void> take_source(const std::string& name, const Properties& own, const std::optional<std::string>& role_arn, bool selected) {
    const auto source = property(own, "source_profile");
    if (source && role_arn && *source != name) return take_source_profile(*source, *role_arn);
    auto base = own_source(name, own, role_arn, selected);
    if (!base) return base.error();
    plan_.base = std::move(base).value();
    if (plan_.base) {
      if (source && !role_arn) plan_.warnings.push_back(quoted(name) + ": source_profile is ignored without role_arn");
      return {};
    }
    if (source && *source != name && !selected) return visit(*source);
    for (const char* key : {"source_profile", "credential_source"}) {
      if (property(own, key) && !role_arn) return bad("credential type " + std::string(key) + " requires role_arn, " + quoted(name));
    }
    if (role_arn) {
      return bad(quoted(name) + " has role_arn and no source of credentials: set source_profile, credential_source or " +
                 "web_identity_token_file (D-4)");
    }
    return selected ? Result<void>() : bad(quoted(name) + " did not contain credential information");
  }

  Result<void> take_source_profile(const std::string& source, const std::string& role_arn) {
    auto visited = visit(source);
    if (visited) return visited;
    const std::string& why = visited.error().detail;
    if (why.starts_with("failed to load assume role") || why.find(" in a circle") != std::string::npos) return visited;
    return bad("failed to load assume role " + escape_for_log(role_arn) + ", of " + quoted(source) + ": " + why);
  }

  /// What the profile itself says, without its role; nothing where it says nothing.
  Result<std::optional<BaseSource>> own_source(const std::string& name, const Properties& own, const std::optional<std::string>& role_arn,
                                               bool selected) {
    using Found = std::optional<BaseSource>;
    if (has_keys(own)) return Found(ProfileKeys{name});
    if (const auto word = property(own, "credential_source"); word && (role_arn || !selected)) return named_source(name, *word);
    if (const auto file = property(own, "web_identity_token_file")) {
      if (!role_arn) return bad("credential type web_identity_token_file requires role_arn, " + quoted(name));
      return Found(WebIdentityRole{*role_arn, property(own, "role_session_name"), *file, duration_of(name, own)});
    }
    if (property(own, "sso_session") || property(own, "sso_start_url") || property(own, "sso_account_id") ||
        property(own, "sso_role_name")) {
      return sso_source(name, own);
    }
    if (property(own, "login_session")) {
      return bad(quoted(name) + " uses login_session (`aws login`), which needs a person: use a role, SSO or credential_process instead");
    }
    if (const auto command = property(own, "credential_process"))
      return Found(CredentialProcess{*command, property(own, "aws_account_id")});
    return Found();
  }

  Result<std::optional<BaseSource>> named_source(const std::string& name, const std::string& word) {
    using Found = std::optional<BaseSource>;
    if (word == "Environment") {
      if (environment_keys_are_set()) return Found(EnvironmentKeys{});
      return bad(quoted(name) + ": credential_source is Environment, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set");
    }
    if (word == "Ec2InstanceMetadata") {
      if (config_.imds.disabled)
        return bad(quoted(name) + ": credential_source is Ec2InstanceMetadata, and AWS_EC2_METADATA_DISABLED is true");
      return Found(InstanceRole{});
    }
    if (word == "EcsContainer") {
      auto endpoint = container_endpoint(environment_);
      if (!endpoint) return endpoint.error();
      if (*endpoint) return Found(**endpoint);
      return bad(quoted(name) + ": credential_source is EcsContainer, and neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor " +
                 "AWS_CONTAINER_CREDENTIALS_FULL_URI is set");
    }
    return bad(quoted(name) + ": credential_source must be Environment, Ec2InstanceMetadata or EcsContainer");
  }

  [[nodiscard]] bool environment_keys_are_set() const {
    return (environment_.get("AWS_ACCESS_KEY_ID") || environment_.get("AWS_ACCESS_KEY")) &&
           (environment_.get("AWS_SECRET_ACCESS_KEY") || environment_.get("AWS_SECRET_KEY"));
  }

  Result<std::optional<BaseSource>> sso_source(const std::string& name, const Properties& own) {
    SsoRole sso{.profile = name,
                .session = property(own, "sso_session"),
                .start_url = property(own, "sso_start_url").value_or(""),
                .region = property(own, "sso_region").value_or(""),
                .account_id = property(own, "sso_account_id").value_or(""),
                .role_name = property(own, "sso_role_name").value_or("")};
    if (sso.account_id.empty() != sso.role_name.empty()) {
      return bad(quoted(name) + ": sso_account_id and sso_role_name must both be set");
    }
    if (sso.session) {
      if (auto joined = join_session(name, sso); !joined) return joined.error();
    } else {
      for (const char* key : {"sso_start_url", "sso_region", "sso_account_id", "sso_role_name"}) {
        if (!property(own, key)) return bad(quoted(name) + ": SSO without sso_session needs " + key);
      }
    }
    return std::optional<BaseSource>(std::move(sso));
  }

  Result<void> join_session(const std::string& name, SsoRole& sso) {
    const auto found = config_.files.sso_sessions.find(*sso.session);
    const std::string session = "sso-session " + escape_for_log(*sso.session);
    if (found == config_.files.sso_sessions.end()) return bad(session + " (referenced by " + quoted(name) + ") was not found");
    for (const auto& [key, member] : {std::pair("sso_region", &sso.region), std::pair("sso_start_url", &sso.start_url)}) {
      const auto value = property(found->second, key);
      if (!value) return bad(session + " needs " + key);
      if (!member->empty() && *member != *value) return bad(quoted(name) + ": " + key + " differs from that of " + session);
      *member = *value;
    }
    return {};
  }

  Result<void> add_role(const std::string& name, const Properties& own, const std::string& role_arn) {
    if (property(own, "mfa_serial")) {
      return bad(quoted(name) + " asks for MFA (mfa_serial), and there is nobody to ask for a code: use a role without MFA");
    }
    RoleStep step{.profile = name,
                  .role_arn = role_arn,
                  .session_name = property(own, "role_session_name"),
                  .external_id = property(own, "external_id"),
                  .duration = duration_of(name, own)};
    const bool chained = !plan_.roles.empty() || (plan_.base && is_role_session(*plan_.base));
    if (chained && step.duration && *step.duration > kLongestChainedSession) {
      step.duration = kLongestChainedSession;
      plan_.warnings.push_back(quoted(name) + ": duration_seconds is cut to 3600, the most for a role assumed with a role (D-8)");
    }
    plan_.roles.push_back(std::move(step));
    return {};
  }

  std::optional<seconds> duration_of(const std::string& name, const Properties& own) {
    const auto text = property(own, "duration_seconds");
    if (!text) return std::nullopt;
    int number = 0;
    const char* end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) {
      plan_.warnings.push_back(quoted(name) + ": duration_seconds is no whole number and is ignored");
      return std::nullopt;
    }
    const seconds asked(number);
    const seconds allowed = std::clamp(asked, kShortestSession, kLongestSession);
    if (allowed != asked) {
      plan_.warnings.push_back(quoted(name) + ": duration_seconds must be 900 to 43200; " + std::to_string(allowed.count()) + " is used");
    }
    return allowed;
  }

  static bool has_keys(const Properties& own) { return property(own, "aws_access_key_id") && property(own, "aws_secret_access_key"); }

  static Result<void> check_pair(const std::string& name, const Properties& own) {
    const bool id = property(own, "aws_access_key_id").has_value();
    const bool secret = property(own, "aws_secret_access_key").has_value();
    if (id == secret) return {};
    return bad("partial credentials found for " + quoted(name) + ": missing " + (id ? "aws_secret_access_key" : "aws_access_key_id"));
  }

  static Result<void> check_one_source(const std::string& name, const Properties& own) {
    const auto count =
        std::count_if(kRoleSources.begin(), kRoleSources.end(), [&own](const char* key) { return property(own, key).has_value(); });
    if (count <= 1) return {};
    return bad("only one of source_profile, credential_source, credential_process and web_identity_token_file may be set in " +
               quoted(name));
  }

  [[nodiscard]] std::string circle(const std::string& name) const {
    std::string text = "profiles refer to each other in a circle: ";
    for (const std::string& one : visited_) text += escape_for_log(one) + " -> ";
    return text + escape_for_log(name);
  }

  const SharedConfig& config_;
  const Environment& environment_;
  std::vector<std::string> visited_;
  ProfilePlan plan_;
};

}  // namespace

Result<ProfilePlan> plan_profile(const SharedConfig& config, const Environment& environment) { return Walk(config, environment).run(); }

Result<std::optional<ContainerEndpoint>> container_endpoint(const Environment& environment) {
  const auto relative = environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const auto full = environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative && !full) return std::optional<ContainerEndpoint>();
  auto url = relative ? relative_container_url(*relative) : full_container_url(*full);
  if (!url) return url.error();
  ContainerEndpoint endpoint{.url = std::move(url).value(), .token_file = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")};
  endpoint.token_in_environment = !endpoint.token_file && environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  return std::optional(std::move(endpoint));
}

}  // namespace portcullis
