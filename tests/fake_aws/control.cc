// The control address: what a test changes while the cloud runs, and what it may look at.
#include "base/codec/json_writer.h"
#include "tests/fake_aws/cloud.h"
#include "tests/fake_aws/mint.h"

namespace portcullis::fake_aws {
namespace {

constexpr JsonLimits kControlLimits{.bytes = 16UL * 1024 * 1024, .depth = 16, .members = 100000};

Error bad(std::string what) { return {Reason::bad_request, std::move(what)}; }

Answer answer_json(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

Answer said(int status, std::string_view member, std::string_view text) {
  return answer_json(status, JsonWriter().begin_object().key(member).string(text).end_object().text());
}

}  // namespace

/// `{"name":…,"value":…}` creates the secret or rotates it; `{"name":…,"delete":true}` removes it at once.
Result<void> Cloud::change_secret(JsonView given) {
  const auto name = given.get("name").string();
  if (!name) return bad("secret: needs a name");
  const std::string region(given.get("region").string().value_or(world_.regions.front()));
  StoredSecret* secret = world_.secrets.find(*name, world_.account, region);
  if (given.get("delete").boolean().value_or(false)) {
    if (secret == nullptr) return bad("secret: there is none of that name");
    world_.secrets.remove(*secret);
    return {};
  }
  const auto text = given.get("value").string();
  const auto binary = given.get("binary").string();
  if (text.has_value() == binary.has_value()) return bad("secret: needs either value or binary (base64)");
  if (secret == nullptr) secret = &world_.secrets.create(world_.partition, world_.account, region, *name, world_.now());
  secret->put({.id = random_uuid(),
               .value = std::string(text ? *text : *binary),
               .binary = binary.has_value(),
               .stages = {},
               .created = world_.now()},
              {std::string(given.get("stage").string().value_or("AWSCURRENT"))});
  return {};
}

/// `{"name":…,"trust":[…]}` replaces the trust policy; an empty list revokes it.
Result<void> Cloud::change_role(JsonView given) {
  Role* role = world_.find_role(given.get("name").string().value_or(""));
  if (role == nullptr) return bad("role: there is none of that name");
  if (!given.get("trust").is_array()) return bad("role: needs trust, a list");
  auto trust = read_trust(given.get("trust"));
  if (!trust) return std::move(trust).error();
  role->trust = *std::move(trust);
  return {};
}

/// Ends sessions now: of every role for `all`, else of the role of that name or ARN.
Result<void> Cloud::expire_sessions(std::string_view whose) {
  const Role* role = world_.find_role(whose);
  if (role == nullptr && whose != "all") return bad("expire: neither `all` nor a role");
  for (auto& [id, key] : world_.keys) {
    if (key.expires && (role == nullptr || key.principal.role_arn == role->arn)) key.expires = world_.now();
  }
  return {};
}

Result<void> Cloud::change(JsonView wish) {
  for (const auto& [name, value] : wish.members()) {
    Result<void> done;
    if (name == "fault") {
      auto fault = read_fault(value);
      if (!fault) return std::move(fault).error();
      script_.add(*std::move(fault));
    } else if (name == "clearFaults") {
      script_.clear();
    } else if (name == "clearCalls") {
      script_.forget_calls();
    } else if (name == "clockOffsetSeconds") {
      if (!value.integer()) return bad("clockOffsetSeconds: needs an integer");
      world_.clock_offset = std::chrono::seconds(*value.integer());
    } else if (name == "ecrPassword") {
      if (!value.string()) return bad("ecrPassword: needs a text");
      world_.ecr_password = std::string(*value.string());
    } else if (name == "ecrPasswordSeconds") {
      if (!value.integer()) return bad("ecrPasswordSeconds: needs an integer");
      world_.ecr_password_life = std::chrono::seconds(*value.integer());
    } else if (name == "machineSessionSeconds") {
      if (!value.integer()) return bad("machineSessionSeconds: needs an integer");
      world_.machine_session = std::chrono::seconds(*value.integer());
    } else if (name == "secret") {
      done = change_secret(value);
    } else if (name == "role") {
      done = change_role(value);
    } else if (name == "expire") {
      done = expire_sessions(value.string().value_or(""));
    } else {
      return bad("unknown wish: " + std::string(name));
    }
    if (!done) return done;
  }
  return {};
}

/// Every secret key and session token that was ever given out: what a test looks for where none of them may be.
std::string Cloud::secrets_json() const {
  JsonWriter json;
  json.begin_object().key("secrets").begin_array();
  for (const auto& [id, key] : world_.keys) {
    json.string(key.secret);
    if (!key.session_token.empty()) json.string(key.session_token);
  }
  return std::move(json.end_array().end_object()).text();
}

/// The session policies that AssumeRole was given, oldest first.
std::string Cloud::policies_json() const {
  JsonWriter json;
  json.begin_object().key("policies").begin_array();
  for (const std::string& policy : world_.session_policies) json.raw(policy);
  return std::move(json.end_array().end_object()).text();
}

Answer Cloud::control(const Request& request) {
  const MutexLock lock(mutex_);
  if (request.method == "GET" && request.path == "/control/calls") return answer_json(200, script_.calls_json());
  if (request.method == "GET" && request.path == "/control/secrets") return answer_json(200, secrets_json());
  if (request.method == "GET" && request.path == "/control/policies") return answer_json(200, policies_json());
  if (request.method != "POST" || request.path != "/control")
    return said(404, "error", "POST /control, GET /control/calls, /control/secrets and /control/policies alone");
  // Operators of tests write either one service fault or named wishes.
  const auto document = parse_json(request.body, kControlLimits);
  if (!document) return said(400, "error", document.error().detail);
  const JsonView root = document->root();
  if (!root.is_object()) return said(400, "error", "the body is no object");
  if (root.get("service").exists()) {
    auto fault = read_fault(root);
    if (!fault) return said(400, "error", fault.error().detail);
    script_.add(*std::move(fault));
  } else if (const auto done = change(root); !done) {
    return said(400, "error", done.error().detail);
  }
  return said(200, "now", iso_time(world_.now()));
}

}  // namespace portcullis::fake_aws
