#include "broker/login_target.h"

#include <string_view>
#include <utility>
#include <variant>

#include "broker/ecr_login.h"

namespace portcullis {
namespace {

/// Members one behind the other, each with its length, so that no two lists of members look alike.
class KeyText {
 public:
  KeyText& add(std::string_view member) {
    text_.append(std::to_string(member.size())).append(":").append(member);
    return *this;
  }
  KeyText& add_maybe(const std::optional<std::string>& member) {
    text_ += member ? '+' : '-';
    return member ? add(std::string_view(*member)) : *this;
  }
  /// A secret is in the key by its digest alone.
  KeyText& add_secret(const SharedSecret& secret) {
    text_ += secret ? '+' : '-';
    return secret ? add(std::string_view(to_hex(sha256(secret->reveal())))) : *this;
  }
  [[nodiscard]] Sha256 digest() const { return sha256(text_); }

 private:
  std::string text_;
};

void add_identity(KeyText& key, const AwsIdentityConfig& identity, const BrokerConfig& broker) {
  key.add_maybe(identity.access_key).add_secret(identity.secret_key).add_maybe(identity.secret_key_file);
  key.add_maybe(identity.role_arn).add_maybe(identity.external_id);
  if (identity.role_arn) key.add_maybe(broker.jump_role).add_maybe(broker.jump_external_id);
}

class KeyOfKind {
 public:
  KeyOfKind(KeyText& key, const BrokerConfig& broker, const std::string& host) : key_(key), broker_(broker), host_(host) {}

  /// Not the host: one password opens all registries of a region that the identity may read (Wave, FR-017).
  void operator()(const EcrLoginConfig& login) const {
    key_.add("ecr");
    add_identity(key_, login.identity, broker_);
    const auto registry = ecr_host_of(host_, login);
    if (!registry) {
      key_.add(host_);
      return;
    }
    key_.add(registry->region).add(registry->kind == EcrHost::Kind::ecr_public ? "public" : "private").add(registry->fips ? "fips" : "");
  }
  void operator()(const ArtifactoryLoginConfig& login) const {
    key_.add("artifactory").add(host_).add(std::to_string(static_cast<int>(login.auth_type)));
    add_identity(key_, login.identity, broker_);
    key_.add(std::to_string(login.token_life.value_or(std::chrono::seconds(0)).count()));
    for (const auto* member : {&login.region, &login.url, &login.oidc_provider, &login.oidc_token_file, &login.oidc_audience, &login.scope,
                               &login.certificate_authority_file}) {
      key_.add_maybe(*member);
    }
  }
  void operator()(const StaticLoginConfig& login) const {
    key_.add("static").add(host_).add(login.username).add_secret(login.password);
    key_.add_maybe(login.password_file).add_maybe(login.password_variable);
  }

 private:
  KeyText& key_;
  const BrokerConfig& broker_;
  const std::string& host_;
};

}  // namespace

LoginTarget login_target(std::shared_ptr<const BrokerConfig> config, std::shared_ptr<const RegistryLoginConfig> registry,
                         std::optional<std::string> session_policy) {
  KeyText key;
  std::visit(KeyOfKind(key, *config, registry->host), registry->login);
  key.add_maybe(session_policy);
  return {.config = std::move(config), .registry = std::move(registry), .session_policy = std::move(session_policy), .key = key.digest()};
}

}  // namespace portcullis
