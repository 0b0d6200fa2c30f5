#include "plugin/http/respond.h"

#include <utility>

#include "base/codec/json_writer.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

/// What user and groups may take of the answer, which nginx reads into one buffer of 4 KiB.
constexpr std::size_t kIdentityBytes = 3UL * 1024;
/// Seconds after which a client may come back: about as long as a failed key round backs off at first.
constexpr std::string_view kRetryAfter = "5";

struct IdentityHeaders {
  std::string user;
  std::string groups;
};

/// "-" stands for empty, so that the header is always there and a client's own copy never reaches the registry.
IdentityHeaders identity_headers(const Identity& identity) {
  IdentityHeaders headers;
  headers.user = identity.username.empty() ? "-" : header_encode(identity.username, false);
  for (const std::string& group : identity.groups) {
    if (group.empty()) continue;
    if (!headers.groups.empty()) headers.groups += ',';
    headers.groups += header_encode(group, true);
  }
  if (headers.groups.empty()) headers.groups = "-";
  return headers;
}

void add_fixed(HttpAnswer& answer, bool allowed, std::string_view id) {
  answer.headers.reserve(10);
  answer.headers.emplace_back("Cache-Control", "no-store");
  answer.headers.emplace_back("Docker-Distribution-Api-Version", "registry/2.0");
  answer.headers.emplace_back("X-Portcullis-Decision", allowed ? "allow" : "deny");
  answer.headers.emplace_back("X-Portcullis-Id", id);
}

HttpAnswer respond_allow(const Decision& decision, IdentityHeaders identity, std::string_view id) {
  HttpAnswer answer;
  answer.status = http_status(Outcome::allow);
  add_fixed(answer, true, id);
  answer.headers.emplace_back("X-Auth-Request-User", std::move(identity.user));
  answer.headers.emplace_back("X-Auth-Request-Groups", std::move(identity.groups));
  if (decision.drop_mount) answer.headers.emplace_back("X-Portcullis-Drop-Mount", "1");
  return answer;
}

/// A fault is no answer to a request: if one gets here, it is ours.
const ReasonRow& row_of(Reason reason) noexcept {
  const ReasonRow& row = reason_row(reason);
  return row.outcome == Outcome::fault ? reason_row(Reason::internal_error) : row;
}

HttpAnswer respond_refusal(const Decision& decision, const GateRules& rules, std::string_view id) {
  const ReasonRow& row = row_of(decision.reason());
  HttpAnswer answer;
  answer.status = http_status(row.outcome);
  add_fixed(answer, false, id);
  if (row.outcome == Outcome::challenge) answer.headers.emplace_back("WWW-Authenticate", challenge(decision, rules));
  if (row.outcome == Outcome::unavailable) answer.headers.emplace_back("Retry-After", kRetryAfter);
  answer.headers.emplace_back("Content-Type", "application/json");
  answer.body = error_body(decision, id);
  answer.headers.emplace_back("X-Portcullis-Error", answer.body);
  return answer;
}

}  // namespace

std::string challenge(const Decision& decision, const GateRules& rules) {
  const ReasonRow& row = row_of(decision.reason());
  std::string text = rules.challenge_prefix;
  text += ",scope=\"";
  if (decision.access) {
    bool first = true;
    for (const std::string& scope : decision.access->challenge_scope) {
      if (!first) text += ' ';
      text += scope;
      first = false;
    }
  }
  text += '"';
  if (!row.bearer_error.empty()) {
    text.append(",error=\"").append(row.bearer_error).append("\",error_description=\"").append(public_text(row.text)).append("\"");
  }
  return text;
}

std::string error_text(std::string_view code, std::string_view message, std::string_view id, std::string_view reason) {
  JsonWriter json;
  json.begin_object().key("errors").begin_array().begin_object();
  json.key("code").string(code).key("message").string(message);
  json.key("detail").begin_object().key("id").string(id);
  if (!reason.empty()) json.key("reason").string(reason);
  json.end_object().end_object().end_array().end_object();
  return std::move(json).text();
}

std::string error_body(const Decision& decision, std::string_view id) {
  const ReasonRow& row = row_of(decision.reason());
  return error_text(row.oci_code, public_text(row.text), id, decision.policy_message);
}

HttpAnswer respond(Decision& decision, const GateRules& rules, Endpoint /*endpoint*/, std::string_view id) {
  if (decision.allowed() && decision.token == nullptr && decision.anonymous) return respond_allow(decision, identity_headers({}), id);
  if (decision.allowed() && decision.token != nullptr) {
    IdentityHeaders identity = identity_headers(decision.token->identity);
    if (identity.user.size() + identity.groups.size() <= kIdentityBytes) return respond_allow(decision, std::move(identity), id);
    decision.refusal = Error{Reason::claims_too_large, "user and groups do not fit into 3 KiB of headers"};
  } else if (decision.allowed()) {
    decision.refusal = Error{Reason::internal_error, "an allow without a verified token"};
  }
  return respond_refusal(decision, rules, id);
}

HttpAnswer respond_error(int status, std::string_view message, std::string_view id) {
  HttpAnswer answer;
  answer.status = status;
  add_fixed(answer, false, id);
  answer.headers.emplace_back("Content-Type", "application/json");
  answer.body = error_text("UNSUPPORTED", message, id, {});
  return answer;
}

HttpAnswer respond_json(std::string body, bool allowed, std::string_view id) {
  HttpAnswer answer;
  answer.status = http_status(Outcome::allow);
  add_fixed(answer, allowed, id);
  answer.headers.emplace_back("Content-Type", "application/json");
  answer.body = std::move(body);
  return answer;
}

}  // namespace portcullis
