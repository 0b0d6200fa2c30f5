#include "tests/fake_aws/cloud.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/fake_aws/artifactory.h"
#include "tests/fake_aws/mint.h"
#include "tests/fake_aws/signature.h"

namespace portcullis::fake_aws {
namespace {

constexpr JsonLimits kInputLimits{.bytes = 1024UL * 1024, .depth = 16, .members = 10000};
constexpr std::string_view kStsVersion = "2011-06-15";
constexpr std::string_view kIamVersion = "2010-05-08";

struct Target {
  std::string_view prefix;  ///< of X-Amz-Target
  std::string_view service;
};
constexpr std::array<Target, 3> kTargets{
    {{"secretsmanager.", "secretsmanager"}, {"AmazonEC2ContainerRegistry_V20150921.", "ecr"}, {"SpencerFrontendService.", "ecr-public"}}};

std::vector<Operation> all_operations() {
  std::vector<Operation> all = secrets_manager_operations();
  for (auto* more : {&sts_operations, &registry_operations}) {
    for (Operation& operation : more()) all.push_back(operation);
  }
  return all;
}

/// Service and operation as the request names them.
struct Named {
  std::string service;
  std::string operation;
};

Named named_in(const Request& request) {
  if (const auto target = request.one("x-amz-target")) {
    for (const Target& known : kTargets) {
      if (target->starts_with(known.prefix)) return {std::string(known.service), target->substr(known.prefix.size())};
    }
    return {"", *target};
  }
  const Form form(form_of(request.method == "GET" ? request.query : request.body));
  const std::string version = form.get("Version").value_or("");
  return {version == kStsVersion ? "sts" : version == kIamVersion ? "iam" : "", form.get("Action").value_or("")};
}

std::string_view namespace_of(std::string_view service) {
  return service == "iam" ? "https://iam.amazonaws.com/doc/2010-05-08/" : "https://sts.amazonaws.com/doc/2011-06-15/";
}

/// The regions that a scope may have: one for services that are in one place and for the host name of a region, else all of this cloud.
std::vector<std::string> regions_for(std::string_view service, const Request& request, const World& world) {
  if (service == "ecr-public" || service == "iam") return {"us-east-1"};
  const std::string host = request.one("host").value_or("");
  if (host == "sts.amazonaws.com") return {"us-east-1"};
  const std::string prefix = (service == "ecr" ? "api.ecr" : std::string(service)) + ".";
  const std::size_t end = host.find(".amazonaws.");
  if (host.starts_with(prefix) && end != std::string::npos && end > prefix.size()) return {host.substr(prefix.size(), end - prefix.size())};
  return world.regions;
}

std::string claimed_principal(const Request& request, const World& world) {
  const auto key = world.keys.find(claimed_key(request));
  return key == world.keys.end() ? "unknown" : key->second.principal.arn;
}

Outcome run_json(const Operation& operation, World& world, const Caller& caller, const Request& request) {
  const auto document = parse_json(request.body.empty() ? "{}" : request.body, kInputLimits);
  if (!document || !document->root().is_object()) return Outcome::refused(400, "SerializationException", "The body is no JSON object.");
  return operation.json(world, caller, document->root());
}

/// Machines answer in plain HTTP: a fault is a status there.
int status_of(const Fault& fault, std::string_view service) {
  switch (fault.kind) {
    case FaultKind::status: return fault.status;
    case FaultKind::throttle: return service == "container" || service == "sso" ? 429 : 503;
    case FaultKind::expired_token: return 401;
    case FaultKind::region_off:
    case FaultKind::access_denied: return 403;
    case FaultKind::slow_bytes:
    case FaultKind::cut:
    case FaultKind::delay:
    case FaultKind::wrong_xml:
    case FaultKind::reordered_xml: return 0;
  }
  return 0;
}

std::string code_of(int status) { return status < 400 ? "" : std::to_string(status); }

}  // namespace

Cloud::Cloud(World world) : operations_(all_operations()), world_(std::move(world)) {}

Answer Cloud::serve(const Request& request) {
  const MutexLock lock(mutex_);
  Answer answer;
  if (const auto machine = Machines::recognize(world_, request)) {
    answer = serve_machine(*machine, request);
  } else if (request.path == kExchangePath) {
    answer = serve_exchange(request);
  } else {
    const Named named = named_in(request);
    const auto found = std::find_if(operations_.begin(), operations_.end(),
                                    [&](const Operation& one) { return one.service == named.service && one.name == named.operation; });
    if (found != operations_.end()) {
      answer = serve_operation(*found, request);
    } else {
      script_.count(named.service.empty() ? "unknown" : named.service, named.operation, "unknown", "UnknownOperationException");
      const Protocol protocol = request.one("x-amz-target") ? Protocol::json : Protocol::query;
      const bool json = protocol == Protocol::json;
      answer =
          render(Outcome::refused(400, json ? "UnknownOperationException" : "InvalidAction", "Could not find operation " + named.operation),
                 protocol, named.operation, namespace_of("sts"), XmlStyle::plain);
    }
  }
  answer.headers.emplace_back("Date", http_date(world_.now()));
  return answer;
}

Answer Cloud::serve_machine(const MachineCall& call, const Request& request) {
  const auto fault = script_.take(call.service, call.operation);
  const int status = fault ? status_of(*fault, call.service) : 0;
  Answer answer = status != 0 ? Answer{.status = status} : machines_.answer(world_, call, request);
  script_.count(call.service, call.operation, "machine", code_of(answer.status));
  if (fault) spoil(answer, *fault);
  return answer;
}

Answer Cloud::serve_exchange(const Request& request) {
  const auto fault = script_.take("artifactory", "Exchange");
  const int status = fault ? status_of(*fault, "artifactory") : 0;
  std::string who = "unknown";
  Answer answer = status != 0 ? Answer{.status = status} : exchange_identity(world_, request, who);
  script_.count("artifactory", "Exchange", who, code_of(answer.status));
  if (fault) spoil(answer, *fault);
  return answer;
}

Answer Cloud::serve_operation(const Operation& operation, const Request& request) {
  const auto fault = script_.take(operation.service, operation.name);
  std::string who = claimed_principal(request, world_);
  Outcome outcome;
  outcome.refusal = fault ? refusal_of(*fault, operation.protocol) : std::nullopt;
  if (!outcome.refusal) outcome = run(operation, request, who);
  script_.count(std::string(operation.service), std::string(operation.name), who, outcome.refusal ? outcome.refusal->code : "");
  const XmlStyle style = fault && fault->kind == FaultKind::reordered_xml ? XmlStyle::reordered : XmlStyle::plain;
  Answer answer = render(outcome, operation.protocol, operation.name, namespace_of(operation.service), style);
  if (fault) spoil(answer, *fault);
  return answer;
}

Outcome Cloud::run(const Operation& operation, const Request& request, std::string& who) {
  if (request.method != "POST" && operation.protocol == Protocol::json) return Outcome::refused(405, "MethodNotAllowed", "POST alone");
  Caller caller;
  if (operation.is_signed) {
    auto verdict = check_signature(
        request,
        {.service = std::string(operation.service), .regions = regions_for(operation.service, request, world_), .now = world_.now()},
        world_.keys);
    if (auto* bad = std::get_if<BadSignature>(&verdict)) {
      return {.refusal = refusal_of(bad->fault, std::move(bad->message), operation.protocol), .json = {}, .xml = {}};
    }
    auto& good = std::get<Signed>(verdict);
    caller = {.principal = std::move(good.principal), .region = std::move(good.region)};
    who = caller.principal.arn;
    const std::string action = std::string(operation.service) + ":" + std::string(operation.name);
    // GetCallerIdentity needs no permission; AssumeRole and AssumeRoleWithWebIdentity decide by the role's trust too.
    if (operation.service != "sts" && !matches_any(caller.principal.allow, action)) {
      return {.refusal = access_denied("User: " + who + " is not authorized to perform: " + action +
                                           " because no identity-based policy allows the " + action + " action",
                                       operation.protocol),
              .json = {},
              .xml = {}};
    }
  } else {
    who = "anonymous";
  }
  if (operation.protocol == Protocol::json) return run_json(operation, world_, caller, request);
  return operation.query(world_, caller, Form(form_of(request.method == "GET" ? request.query : request.body)));
}

}  // namespace portcullis::fake_aws
