// `portcullis.broker.registries`: which kind of login a host has follows from its members, and for Amazon's own hosts from their names.
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "aws/ecr_host.h"
#include "aws/sts.h"
#include "config/read/nearest.h"
#include "config/read/sections.h"
#include "config/url.h"

namespace portcullis {
namespace {

using AuthType = ArtifactoryLoginConfig::AuthType;

constexpr const char* kRoleForm = "a role's ARN looks like arn:aws:iam::123456789012:role/name";
constexpr const char* kExternalIdForm = "must have 2 to 1224 characters of A-Z a-z 0-9 _ + = , . @ : / -";
constexpr std::array<std::string_view, 5> kIdentityKeys = {"assumeRoleArn", "externalId", "accessKey", "secretKey", "secretKeyFile"};
constexpr std::array<std::string_view, 3> kPasswordKeys = {"password", "passwordFile", "passwordVariable"};

constexpr std::array<std::string_view, 2> kOtherKeys = {"username", "ecr"};

/// IAM API reference, AccessKey: 16 to 128 characters.
bool is_access_key(std::string_view text) noexcept {
  return text.size() >= 16 && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

SharedSecret secret_of(std::optional<std::string> text) { return text ? std::make_shared<const Secret>(std::move(*text)) : nullptr; }

bool has_any(Section& section, std::span<const std::string_view> names) {
  bool any = false;
  for (const std::string_view name : names) any = section.has(name) || any;
  return any;
}

void check_identity(Section& section, const AwsIdentityConfig& identity) {
  if (identity.role_arn && !is_role_arn(*identity.role_arn)) section.error("assumeRoleArn", kRoleForm);
  if (identity.external_id && !is_external_id(*identity.external_id)) section.error("externalId", kExternalIdForm);
  if (section.has("externalId") && !section.has("assumeRoleArn")) section.error("externalId", "belongs to a role: set assumeRoleArn too");
  if (identity.access_key && !is_access_key(*identity.access_key))
    section.error("accessKey", "is no access key: 16 to 128 characters of A-Z 0-9");
  const bool secret = section.has("secretKey") || section.has("secretKeyFile");
  if (section.has("accessKey") && !secret) section.error("accessKey", "needs its secret: secretKeyFile, or secretKey");
  if (secret && !section.has("accessKey")) section.error("accessKey", "must be given: the id of the secret key");
  if (section.has("secretKey") && section.has("secretKeyFile")) section.error("secretKey", "and secretKeyFile are two secrets; give one");
  // Wave: a role wins over keys silently. Two answers to one question are a mistake here.
  if (section.has("assumeRoleArn") && section.has("accessKey"))
    section.error("accessKey", "and assumeRoleArn are two identities; give one");
}

AwsIdentityConfig read_identity(Section& section) {
  AwsIdentityConfig identity;
  identity.role_arn = section.text("assumeRoleArn");
  identity.external_id = section.text("externalId");
  identity.access_key = section.text("accessKey");
  identity.secret_key = secret_of(section.text("secretKey"));
  identity.secret_key_file = section.file("secretKeyFile");
  check_identity(section, identity);
  return identity;
}

AuthType auth_type_of(std::string_view word) noexcept {
  if (word == "webIdentity") return AuthType::web_identity;
  if (word == "podIdentity") return AuthType::pod_identity;
  if (word == "assumeRole") return AuthType::assume_role;
  if (word == "oidc") return AuthType::oidc;
  return AuthType::automatic;
}

/// Members that the kind of authentication has no use for.
void check_auth_type(Section& section, const ArtifactoryLoginConfig& config) {
  const bool oidc = config.auth_type == AuthType::oidc;
  const bool role = config.auth_type == AuthType::assume_role || config.auth_type == AuthType::automatic;
  if (!role) {
    for (const std::string_view name : kIdentityKeys)
      if (section.has(name)) section.error(name, "belongs to authType assumeRole or auto");
  }
  if (config.auth_type == AuthType::assume_role && !section.has("assumeRoleArn"))
    section.error("assumeRoleArn", "must be given: authType assumeRole assumes it");
  if (oidc && !section.has("oidcProvider")) section.error("oidcProvider", "must be given: the provider's name in Artifactory");
  if (oidc && section.has("region")) section.error("region", "belongs to AWS; authType oidc asks nobody there");
  if (oidc) return;
  for (const std::string_view name : {"oidcProvider", "oidcTokenFile", "oidcAudience"})
    if (section.has(name)) section.error(name, "belongs to authType oidc");
}

bool is_region(std::string_view text) noexcept {
  return text == "*" ||
         (text.size() <= 63 && !text.empty() && text.front() != '-' && text.back() != '-' &&
          std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }));
}

void check_exchange(Section& section, ArtifactoryLoginConfig& config) {
  if (config.region && !is_region(*config.region))
    section.error("region", in_quotes(*config.region) + " is no region such as \"eu-west-1\"");
  for (std::string& host : config.subdomains) {
    host = lower_case(host);
    if (!is_registry_host(host)) section.error("subdomains", in_quotes(host) + " is no host name with an optional port");
  }
  if (config.url) {
    const auto url = parse_http_url(*config.url);
    if (!url || config.url->find_first_of("?#\\") != std::string::npos || (!url->https && !url->loopback()))
      section.error("url", "must be an https URL, or http on this host, without user, query and fragment");
    while (config.url->ends_with('/')) config.url->pop_back();
  }
}

ArtifactoryLoginConfig read_artifactory(Section& section) {
  ArtifactoryLoginConfig config;
  config.auth_type = auth_type_of(section.word("authType", {"auto", "webIdentity", "podIdentity", "assumeRole", "oidc"}).value_or("auto"));
  config.identity = read_identity(section);
  config.region = section.text("region");
  config.subdomains = section.texts("subdomains").value_or(std::vector<std::string>());
  config.url = section.text("url");
  if (const auto life = section.duration("tokenLife", defaults::kTokenLifeBounds)) {
    if (*life % std::chrono::seconds(1) != Duration(0)) section.error("tokenLife", "must be whole seconds");
    config.token_life = std::chrono::duration_cast<std::chrono::seconds>(*life);
  }
  config.oidc_provider = section.text("oidcProvider");
  config.oidc_token_file = section.file("oidcTokenFile");
  config.oidc_audience = section.text("oidcAudience");
  config.scope = section.text("scope");
  config.certificate_authority_file = section.file("certificateAuthorityFile");
  check_exchange(section, config);
  check_auth_type(section, config);
  return config;
}

/// What `username` and `password` of one registry say, whatever it is.
StaticLoginConfig read_static(Section& login) {
  return {.username = login.text("username").value_or(""),
          .password = secret_of(login.text("password")),
          .password_file = login.file("passwordFile"),
          .password_variable = login.text("passwordVariable")};
}

void check_static(Section& login, const StaticLoginConfig& config) {
  if (config.username.find(':') != std::string::npos) login.error("username", "must not hold a colon (RFC 7617 section 2)");
  // What belongs to AWS would be told to whoever chose a name that looks like Amazon's.
  const bool aws_key = is_access_key(config.username) && (config.username.starts_with("AKIA") || config.username.starts_with("ASIA"));
  if (is_role_arn(config.username) || aws_key)
    login.error("username", "belongs to AWS, and the host is no host name of Amazon ECR; portcullis ecr host explains one");
  int given = 0;
  for (const std::string_view name : kPasswordKeys) given += login.has(name) ? 1 : 0;
  if (given != 1) login.error("passwordFile", "give one of passwordFile, passwordVariable and password");
}

/// Wave's detection: the user name of an ECR host is an access key (then the password is the secret), or a role ARN (then the password is
/// the external id).
AwsIdentityConfig identity_of(Section& login, StaticLoginConfig written) {
  AwsIdentityConfig identity;
  if (login.has("passwordVariable")) login.error("passwordVariable", "an ECR host takes password or passwordFile");
  if (is_role_arn(written.username)) {
    identity.role_arn = std::move(written.username);
    if (login.has("passwordFile")) login.error("passwordFile", "the external id of a role is no secret: write it as externalId");
    if (written.password) identity.external_id = std::string(written.password->reveal());
    if (identity.external_id && !is_external_id(*identity.external_id))
      login.error("password", std::string("the external id ") + kExternalIdForm);
  } else if (is_access_key(written.username)) {
    identity.access_key = std::move(written.username);
    identity.secret_key = std::move(written.password);
    identity.secret_key_file = std::move(written.password_file);
    if (login.has("password") == login.has("passwordFile")) login.error("passwordFile", "give the secret key: passwordFile or password");
  } else {
    login.error("username", std::string("must be an access key or the ARN of a role, for an ECR host; ") + kRoleForm);
  }
  return identity;
}

void refuse_beside(Section& login, std::span<const std::string_view> names, const std::string& kind) {
  for (const std::string_view name : names)
    if (login.has(name)) login.error(name, "does not go with " + kind);
}

EcrLoginConfig ecr_login_of(Section& login, const std::string& host, StaticLoginConfig written, AwsIdentityConfig identity,
                            std::optional<std::string> stands_for) {
  EcrLoginConfig config{.identity = std::move(identity), .ecr = std::move(stands_for)};
  if (config.ecr && !parse_ecr_host(*config.ecr))
    login.error("ecr", in_quotes(*config.ecr) + " is no host name of Amazon ECR; portcullis ecr host explains one");
  if (!config.ecr && !parse_ecr_host(host)) {
    login.error("ecr", "must be given: " + in_quotes(host) + " is no host name of Amazon ECR, and AWS credentials are used for no other");
  }
  if (!login.has("username")) {
    refuse_beside(login, kPasswordKeys, "a login of ECR without username");
  } else if (has_any(login, kIdentityKeys)) {
    login.error("username", "and assumeRoleArn or accessKey are two identities; give one");
  } else {
    config.identity = identity_of(login, std::move(written));
  }
  return config;
}

RegistryLoginConfig read_login(Section& login, std::string host) {
  StaticLoginConfig written = read_static(login);
  AwsIdentityConfig identity = read_identity(login);
  std::optional<std::string> stands_for = login.text("ecr");
  ArtifactoryLoginConfig artifactory;
  login.object("artifactory", [&](Section& section) { artifactory = read_artifactory(section); });
  RegistryLoginConfig config{.host = std::move(host), .login = StaticLoginConfig{}};
  if (login.has("artifactory")) {
    const std::string kind = "artifactory; its own members say who we are";
    refuse_beside(login, kIdentityKeys, kind);
    refuse_beside(login, kPasswordKeys, kind);
    refuse_beside(login, kOtherKeys, kind);
    config.login = std::move(artifactory);
  } else if (parse_ecr_host(config.host) || stands_for || has_any(login, kIdentityKeys)) {
    config.login = ecr_login_of(login, config.host, std::move(written), std::move(identity), std::move(stands_for));
  } else {
    if (login.present() && !login.has("username")) {
      login.error("username", "a registry needs a login: username with passwordFile, artifactory, or ecr with assumeRoleArn");
    } else if (login.present()) {
      check_static(login, written);
    }
    config.login = std::move(written);
  }
  return config;
}

}  // namespace

void read_registry_logins(Section& broker, BrokerConfig& config) {
  broker.map("registries", [&](std::string_view key, Section& login) {
    RegistryLoginConfig read = read_login(login, lower_case(key));
    if (!login.present()) return;
    if (!is_registry_host(read.host)) {
      broker.error("registries", in_quotes(key) + " is no host name with an optional port");
    } else if (std::any_of(config.registries.begin(), config.registries.end(),
                           [&read](const RegistryLoginConfig& other) { return other.host == read.host; })) {
      broker.error("registries", in_quotes(key) + " stands there twice");
    }
    config.registries.push_back(std::move(read));
  });
}

}  // namespace portcullis
