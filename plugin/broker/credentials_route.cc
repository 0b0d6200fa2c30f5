#include "plugin/broker/credentials_route.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "aws/ecr_host.h"
#include "aws/sts.h"
#include "base/codec/json_writer.h"
#include "base/digest.h"
#include "base/report/log.h"
#include "broker/authenticator.h"
#include "broker/registry_choice.h"
#include "broker/session_policy.h"
#include "plugin/broker/caller_reach.h"
#include "plugin/broker/credentials_policy.h"
#include "plugin/broker/credentials_question.h"
#include "plugin/broker/login_answer.h"
#include "plugin/decisions/original.h"
#include "plugin/http/header_scan.h"
#include "plugin/http/respond.h"
#include "plugin/http/verify_route.h"
#include "plugin/rights.h"

namespace portcullis {
namespace {

constexpr Endpoint kEndpoint = Endpoint::credentials;

using Token = std::shared_ptr<const VerifiedToken>;
using Grant = CredentialsPolicy::Grant;

/// One question on its way to a wish. Lives on the stack of `answer_credentials`.
class Asking {
 public:
  Asking(const HttpRequest& request, const CredentialsQuestion& question, const State& state, Token token, TimePoint now)
      : request_(request), question_(question), state_(state), token_(std::move(token)), now_(now) {}

  /// `Reason::bad_request` is for the client to read; every other refusal has a text of its own there.
  Result<LoginTarget> target() {
    // Judged by its form alone, before anything that is configured: the answer tells nobody which roles there are.
    if (const auto good = check_form(); !good) return good.error();
    const auto& broker = state_.config.broker;
    const RegistryLoginConfig* registry = broker == nullptr ? nullptr : registry_that_opens(*broker, question_.registry);
    if (registry == nullptr) return denied("portcullis.broker.registries has no login of that registry");
    if (state_.rules.credentials == nullptr) return denied("portcullis.broker.policy is empty: nobody is given a login");
    const HeaderScan headers = scan_headers(request_, state_.rules);
    const RequestFacts facts = original_facts(request_, headers, kEndpoint, {});
    const Grant grant = state_.rules.credentials->decide(bearer_of(*token_).caller, registry->host, facts, now_);
    if (grant == Grant::none) return denied("portcullis.broker.policy does not grant " + registry->host);
    if (question_.role_arn) return of_caller(broker, *registry);
    return of_ours(broker, *registry, grant, facts);
  }

 private:
  static Error denied(std::string why) { return {Reason::policy_denied, std::move(why)}; }

  [[nodiscard]] Result<void> check_form() const {
    if (!question_.role_arn) return {};
    if (!is_role_arn(*question_.role_arn))
      return Error{Reason::bad_request, "username is not a role's ARN: arn:aws:iam::<12 digits>:role/<name>"};
    if (is_external_id(question_.external_id.reveal())) return {};
    return Error{Reason::bad_request, "password is not an external id: 2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -"};
  }

  /// Wave's form: the external id proves to AWS that the role is the caller's.
  Result<LoginTarget> of_caller(const std::shared_ptr<const BrokerConfig>& broker, const RegistryLoginConfig& registry) const {
    const auto* ecr = std::get_if<EcrLoginConfig>(&registry.login);
    if (ecr == nullptr) return denied("a role opens ECR alone, and " + registry.host + " is none");
    const auto& listed = broker->caller_roles;
    if (std::find(listed.begin(), listed.end(), *question_.role_arn) == listed.end() || is_our_own(*broker)) {
      return denied("the role is not in portcullis.broker.callerRoles");
    }
    RegistryLoginConfig theirs{.host = registry.host, .login = EcrLoginConfig{}};
    auto& login = std::get<EcrLoginConfig>(theirs.login);
    login.ecr = ecr->ecr;
    login.identity.role_arn = question_.role_arn;
    login.identity.external_id = std::string(question_.external_id.reveal());
    return login_target(broker, std::make_shared<const RegistryLoginConfig>(std::move(theirs)));
  }

  /// A role of ours is given with the limits that we put on it, whatever `callerRoles` lists.
  [[nodiscard]] bool is_our_own(const BrokerConfig& broker) const {
    return question_.role_arn == broker.jump_role ||
           std::any_of(broker.registries.begin(), broker.registries.end(), [this](const RegistryLoginConfig& one) {
             const auto* ecr = std::get_if<EcrLoginConfig>(&one.login);
             const auto* artifactory = std::get_if<ArtifactoryLoginConfig>(&one.login);
             return (ecr != nullptr && ecr->identity.role_arn == question_.role_arn) ||
                    (artifactory != nullptr && artifactory->identity.role_arn == question_.role_arn);
           });
  }

  Result<LoginTarget> of_ours(const std::shared_ptr<const BrokerConfig>& broker, const RegistryLoginConfig& registry, Grant grant,
                              const RequestFacts& facts) const {
    const std::shared_ptr<const RegistryLoginConfig> shared(broker, &registry);
    const auto* ecr = std::get_if<EcrLoginConfig>(&registry.login);
    const auto host = ecr == nullptr ? std::nullopt : parse_ecr_host(ecr->ecr.value_or(registry.host));
    if (!can_be_limited(registry) || !host) {
      if (grant == Grant::wide) return login_target(broker, shared);
      return denied("a login of " + registry.host + " cannot be limited to the caller's repositories, and the rule is not wide");
    }
    const auto reach = reach_of(*token_, state_, question_.repositories, facts, now_);
    if (!reach) return reach.error();
    if (reach->empty()) return denied("the caller may use no repository that a session policy can name");
    auto policy = session_policy(*host, *reach);
    if (!policy) return policy.error();
    return login_target(broker, shared, std::move(policy).value());
  }

  const HttpRequest& request_;
  const CredentialsQuestion& question_;
  const State& state_;
  const Token token_;
  const TimePoint now_;
};

/// A caller's name as it is remembered; a longer one by its digest.
constexpr std::size_t kCallerBytes = 256;

/// Whose budget of new logins it is: what the policies know the caller by, else what the issuer does.
std::string caller_of(const VerifiedToken& token) {
  std::string name(bearer_of(token).caller.username);
  if (name.empty()) name = token.issuer + ' ' + token.subject;
  return name.size() > kCallerBytes ? to_hex(sha256(name)) : name;
}

GateAnswer refusal(Error error, Token token, const State& state, std::string_view id) {
  Decision decision = refuse(std::move(error), std::nullopt);
  decision.token = std::move(token);
  HttpAnswer http = respond(decision, state.rules, kEndpoint, id);
  return {.http = std::move(http), .endpoint = kEndpoint, .decision = std::move(decision)};
}

GateAnswer malformed(int status, std::string_view text, std::string_view id) {
  return {.http = respond_error(status, text, id), .endpoint = kEndpoint, .decision = std::nullopt};
}

}  // namespace

GateAnswer answer_credentials(const HttpRequest& request, const State& state, TokenCache* cache, std::string_view id, TimePoint now,
                              Deferral* deferral) {
  if (const auto peer = check_peer(request, state.rules); !peer) return refusal(peer.error(), nullptr, state, id);
  if (request.body.size() > kVerifyBodyBytes) return malformed(413, "the body is larger than 64 KiB", id);
  const auto question = read_credentials_question(request);
  if (!question) return malformed(400, question.error().detail, id);
  if (question->token.empty()) return refusal({Reason::token_missing, {}}, nullptr, state, id);
  // A token is good where the base route would let it in.
  auto base = requested_access("GET", "/v2/", {}, state.rules.route_limits);
  Decision decision = authorize_access(std::move(base), question->token, state, cache, now, nullptr, deferral);
  if (decision.allowed() && decision.token == nullptr) return refusal({Reason::token_missing, {}}, nullptr, state, id);
  if (!decision.allowed()) return refusal(*decision.refusal, decision.token, state, id);
  auto target = Asking(request, *question, state, decision.token, now).target();
  if (!target && target.error().reason == Reason::bad_request) return malformed(400, target.error().detail, id);
  if (!target) return refusal(target.error(), decision.token, state, id);
  GateAnswer given{.http = {.status = 503, .headers = {}, .body = {}}, .endpoint = kEndpoint, .decision = std::move(decision)};
  given.credentials = std::make_shared<const CredentialsWish>(
      CredentialsWish{std::move(target).value(), question->fresh, caller_of(*given.decision->token)});
  return given;
}

GateAnswer credentials_answer(const GateAnswer& given, const Result<SharedLogin>& brought, const GateRules& rules, std::string_view id) {
  if (!brought) return refuse_without_login(given, brought.error(), rules, "POST", id);
  JsonWriter json;
  json.begin_object().key("username").string((*brought)->user).key("password").string((*brought)->password.text().reveal());
  if ((*brought)->expires) json.key("expiresAt").string(to_rfc3339(*(*brought)->expires));
  return {.http = respond_json(std::move(json.end_object()).text(), true, id), .endpoint = kEndpoint, .decision = given.decision};
}

}  // namespace portcullis
