#include "plugin/cli/doctor_registry.h"

#include <optional>
#include <utility>

#include "aws/sts.h"
#include "base/codec/percent.h"
#include "base/report/log.h"
#include "base/secret.h"
#include "broker/ecr_login.h"

namespace portcullis {
namespace {

constexpr const char* kCredentials = "credentials";
constexpr const char* kIdentity = "identity";
constexpr const char* kJump = "jump role";
constexpr const char* kRole = "role";
constexpr const char* kExternalId = "external id";
constexpr const char* kPassword = "password";
constexpr const char* kExchange = "exchange";

std::string ends(const std::optional<TimePoint>& expires) { return expires ? "ends " + to_rfc3339(*expires) : std::string("never ends"); }

std::string described(const EcrHost& host) {
  if (host.kind == EcrHost::Kind::ecr_public) return "the public registry of Amazon, asked in " + host.region;
  return "account " + host.account + " in " + host.region + (host.fips ? ", FIPS" : "");
}

/// One registry on its way. Lives on the stack of `examine_registry`.
class Examination {
 public:
  Examination(const RegistryExam& exam, const RegistryLoginConfig& registry, DoctorReport& report)
      : exam_(exam), registry_(registry), report_(report) {}

  void operator()(const EcrLoginConfig& login) {
    const auto host = ecr_host_of(registry_.host, login);
    if (!host)
      return report_.fail(registry_.host, "host name", host.error().detail, "`portcullis ecr host HOST` says what a host name means");
    report_.ok(registry_.host, "host name", described(*host));
    region_ = host->region;
    const auto session = session_of(login.identity);
    if (!session) return report_.skip(registry_.host, kPassword, "there is nobody to ask for it with");
    const auto password = ecr_login_with(sessions(), registry_.host, *host, *session, who_);
    if (!password) return failed(kPassword, password.error());
    told(kPassword, *password);
  }

  void operator()(const ArtifactoryLoginConfig& login) {
    const std::string configured = login.region.value_or(sessions().configured_region().value_or("*"));
    region_ = configured == "*" ? "aws-global" : configured;
    const bool by_role = login.identity.role_arn || login.identity.access_key;
    if (by_role && !session_of(login.identity)) return report_.skip(registry_.host, kExchange, "there is no session to exchange");
    whole(kExchange);
  }

  void operator()(const StaticLoginConfig& /*login*/) { whole(kPassword); }

  /// The value of `Authorization` that the login makes (RFC 7617); empty where there is no login.
  [[nodiscard]] std::string_view authorization() const noexcept { return authorization_.reveal(); }

 private:
  [[nodiscard]] RoleSessions& sessions() const { return exam_.authenticator.sessions(); }

  void failed(const char* step, const Error& error) {
    report_.fail(registry_.host, step, error.detail, doctor_advice(step, aws_code_in(error.detail), who_, exam_.config_path));
  }
  /// Never the password: whose it is, and until when.
  void told(const char* step, const RegistryLogin& login) {
    if (has_ended(login, exam_.context.clock.now())) return failed(step, ended_login(registry_.host));
    report_.ok(registry_.host, step, "for user " + escape_for_log(login.user) + ", " + ends(login.expires));
    authorization_ = Secret(basic_authorization(login));
  }
  void whole(const char* step) {
    const auto login = exam_.authenticator.log_in(exam_.config, registry_);
    if (!login) return failed(step, login.error());
    told(step, **login);
  }

  [[nodiscard]] Result<AwsSession> open(const AwsIdentityConfig& identity, bool through_jump) const {
    return sessions().open({.identity = identity,
                            .region = region_,
                            .registry = registry_.host,
                            .session_prefix = exam_.config.session_prefix,
                            .jump_role = through_jump ? exam_.config.jump_role : std::nullopt,
                            .jump_external_id = through_jump ? exam_.config.jump_external_id : std::nullopt,
                            .session_policy = {}});
  }

  /// Who signs in the end; nothing where a step before it failed.
  std::optional<AwsSession> session_of(const AwsIdentityConfig& identity) {
    AwsIdentityConfig first;
    if (!identity.role_arn) first = identity;
    auto own = open(first, false);
    if (!own) return failed(kCredentials, own.error()), std::nullopt;
    report_.ok(registry_.host, kCredentials,
               (first.access_key ? "access key " + first.access_key->substr(0, 4) + "[REDACTED]" : "found by the default chain") + ", " +
                   ends(own->expires));
    if (!identify(*own)) return std::nullopt;
    if (!identity.role_arn) return std::move(*own);
    if (exam_.config.jump_role && !jump()) return std::nullopt;
    auto session = open(identity, true);
    if (!session) return failed(kRole, session.error()), std::nullopt;
    report_.ok(registry_.host, kRole,
               *identity.role_arn + (identity.external_id ? ", with its external id, " : ", ") + ends(session->expires));
    if (identity.external_id) without_external_id(identity);
    return std::move(*session);
  }

  bool identify(const AwsSession& own) {
    const auto tools = sessions().aws_tools();
    if (!tools) return failed(kIdentity, tools.error()), false;
    auto endpoint = sessions().endpoint(AwsService::sts, region_);
    if (!endpoint) return failed(kIdentity, endpoint.error()), false;
    const std::string where = endpoint->url;
    AwsClient sts(*tools, std::move(*endpoint), own.source.get());
    const auto identity = get_caller_identity(sts);
    if (!identity)
      return failed(kIdentity, {identity.error().reason, where + " does not say who this is: " + identity.error().detail}), false;
    who_ = identity->arn;
    report_.ok(registry_.host, kIdentity, escape_for_log(who_) + ", says " + where);
    return true;
  }

  bool jump() {
    AwsIdentityConfig identity;
    identity.role_arn = exam_.config.jump_role;
    identity.external_id = exam_.config.jump_external_id;
    const auto session = open(identity, false);
    if (!session) return failed(kJump, session.error()), false;
    report_.ok(registry_.host, kJump, *identity.role_arn + ", " + ends(session->expires));
    who_ = *identity.role_arn;
    return true;
  }

  /// A role that lets us in without it lets in whoever can make us name the role: the confused deputy.
  void without_external_id(AwsIdentityConfig identity) {
    identity.external_id.reset();
    const auto session = open(identity, true);
    if (session) {
      return report_.warn(
          registry_.host, kExternalId, "the role can be assumed without its external id",
          "add the condition sts:ExternalId to its trust policy; `portcullis iam-policy " + exam_.config_path + "` prints it");
    }
    const std::string_view code = aws_code_in(session.error().detail);
    if (code == "AccessDenied") return report_.ok(registry_.host, kExternalId, "the role cannot be assumed without it");
    report_.skip(registry_.host, kExternalId, "whether the role wants it could not be seen: " + session.error().detail);
  }

  const RegistryExam& exam_;
  const RegistryLoginConfig& registry_;
  DoctorReport& report_;
  std::string region_;
  std::string who_ = "the gate's own credentials";
  Secret authorization_;
};

/// What a registry that answers with `status` to a login thinks of it.
void judge_answer(const IncomingAnswer& answer, const std::string& url, bool with_login, const std::string& host, DoctorReport& report) {
  constexpr const char* kStep = "reach";
  const std::string said = url + " answers " + std::to_string(answer.status) + (with_login ? " to the login" : "");
  if (answer.status >= 500) return report.fail(host, kStep, said);
  if (!with_login || answer.status != 401) return report.ok(host, kStep, said);
  const std::string challenge = answer.header("WWW-Authenticate").value_or("");
  if (challenge.starts_with("Bearer ") || challenge.starts_with("bearer "))
    return report.warn(host, kStep, said + " and wants a token of its own realm, which was not asked",
                       "behind the gate it must take a login as it is; docker and the kubelet ask the realm");
  report.fail(host, kStep, said + ": it was refused",
              "the user or the password is another there, or was withdrawn: renew it where it comes from (part of this registry, above)");
}

/// Any answer shows name, route and TLS; with a login it also shows whether that is good. Over TLS alone.
void reach(const RegistryExam& exam, const RegistryLoginConfig& registry, std::string_view authorization, DoctorReport& report) {
  OutgoingRequest request;
  request.method = "GET";
  request.url = "https://" + registry.host + "/v2/";
  request.reachable = ReachableHosts::with_loopback;
  if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
  if (const auto* artifactory = std::get_if<ArtifactoryLoginConfig>(&registry.login))
    request.ca_file = artifactory->certificate_authority_file;
  const auto answer = exam.context.http->send(request);
  for (auto& header : request.headers) wipe(header.second);
  if (!answer)
    return report.fail(registry.host, "reach", answer.error().detail,
                       "look at the name's DNS, the firewall, and the authority that signed the certificate");
  judge_answer(*answer, request.url, !authorization.empty(), registry.host, report);
}

}  // namespace

std::string doctor_advice(std::string_view step, std::string_view code, const std::string& who, const std::string& config_path) {
  if (code == "AccessDenied" && (step == kRole || step == kJump)) {
    return "let " + who + " in by the trust policy (`portcullis iam-policy " + config_path +
           " --principal ARN` prints it), compare the external id to the letter, and allow sts:AssumeRole on the role to who asks";
  }
  if (code == "AccessDeniedException" || (code == "AccessDenied" && step == kPassword))
    return "`portcullis iam-policy " + config_path + "` prints the permissions that the role needs";
  if (code == "RegionDisabledException")
    return "in the account of the role: IAM, Account settings, Security Token Service, activate the region";
  if (code.starts_with("ExpiredToken"))
    return "`portcullis aws credentials --explain` shows where the credentials of Portcullis come from: renew them there";
  if (code == "InvalidClientTokenId" || code == "UnrecognizedClientException")
    return "the access key was deleted, is inactive, or belongs to another partition: `portcullis aws credentials --explain` shows where "
           "it comes from";
  if (code == "SignatureDoesNotMatch" || code == "InvalidSignatureException")
    return "compare the secret key, and the clock of this host (step clock)";
  if (step == kCredentials) return "`portcullis aws credentials --explain` shows every source of the chain, and why it was passed over";
  return {};
}

void examine_registry(const RegistryExam& exam, const RegistryLoginConfig& registry, DoctorReport& report) {
  Examination examination(exam, registry, report);
  std::visit(examination, registry.login);
  if (exam.reach) reach(exam, registry, examination.authorization(), report);
}

}  // namespace portcullis
