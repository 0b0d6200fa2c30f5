#include "tests/fake_aws/script.h"

#include <algorithm>
#include <array>

#include "base/codec/json_writer.h"

namespace portcullis::fake_aws {
namespace {

struct Word {
  std::string_view text;
  FaultKind kind;
};
constexpr std::array<Word, 10> kWords{{{"throttle", FaultKind::throttle},
                                       {"expired-token", FaultKind::expired_token},
                                       {"region-off", FaultKind::region_off},
                                       {"access-denied", FaultKind::access_denied},
                                       {"slow-bytes", FaultKind::slow_bytes},
                                       {"cut", FaultKind::cut},
                                       {"delay", FaultKind::delay},
                                       {"wrong-xml", FaultKind::wrong_xml},
                                       {"wrong-json", FaultKind::wrong_xml},
                                       {"reordered-xml", FaultKind::reordered_xml}}};
constexpr std::int64_t kUsualPause = 1000;  // milliseconds
constexpr std::array<std::string_view, 5> kMembers{"service", "operation", "times", "status", "pauseMs"};

Error bad(std::string_view what) { return {Reason::bad_request, "fault: " + std::string(what)}; }

Refusal refusal_of_status(int status, Protocol protocol) {
  const bool json = protocol == Protocol::json;
  switch (status) {
    case 500: return {500, json ? "InternalServiceError" : "InternalFailure", "We encountered an internal error. Please try again."};
    case 503: return {503, json ? "ServiceUnavailableException" : "ServiceUnavailable", "Service Unavailable"};
    case 429: return {429, json ? "TooManyRequestsException" : "Throttling", "Too many requests"};
    default: return {status, "ScriptedFault", "A fault that a test asked for"};
  }
}

}  // namespace

Result<Fault> read_fault(JsonView given) {
  if (!given.is_object()) return bad("is no object");
  for (const auto& [name, value] : given.members()) {
    if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end()) return bad("has an unknown member " + std::string(name));
  }
  Fault fault{.service = std::string(given.get("service").string().value_or("")),
              .operation = std::string(given.get("operation").string().value_or("")),
              .times = given.get("times").integer()};
  if (fault.service.empty()) return bad("names no service");
  fault.pause = std::chrono::milliseconds(given.get("pauseMs").integer().value_or(kUsualPause));
  if (const auto number = given.get("status").integer()) {
    if (*number < 200 || *number > 599) return bad("status is no HTTP status");
    fault.status = static_cast<int>(*number);
    return fault;
  }
  const auto word = given.get("status").string();
  const auto* const found = std::find_if(kWords.begin(), kWords.end(), [&](const Word& one) { return word == one.text; });
  if (found == kWords.end()) return bad("status is neither a number nor a known word");
  fault.kind = found->kind;
  return fault;
}

std::optional<Fault> Script::take(std::string_view service, std::string_view operation) {
  const auto found = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& fault) {
    return fault.service == service && (fault.operation.empty() || fault.operation == operation) && (!fault.times || *fault.times > 0);
  });
  if (found == faults_.end()) return std::nullopt;
  if (found->times) --*found->times;
  return *found;
}

void Script::count(const std::string& service, const std::string& operation, const std::string& principal, const std::string& code) {
  Count& counted = calls_[{service, operation, principal}];
  ++counted.all;
  if (!code.empty()) ++counted.errors[code];
}

std::string Script::calls_json() const {
  std::int64_t total = 0;
  for (const auto& [call, counted] : calls_) total += counted.all;
  JsonWriter out;
  out.begin_object().key("total").integer(total).key("calls").begin_array();
  for (const auto& [call, counted] : calls_) {
    const auto& [service, operation, principal] = call;
    out.begin_object().key("service").string(service).key("operation").string(operation).key("principal").string(principal);
    out.key("count").integer(counted.all).key("errors").begin_object();
    for (const auto& [code, times] : counted.errors) out.key(code).integer(times);
    out.end_object().end_object();
  }
  return out.end_array().end_object().text();
}

std::optional<Refusal> refusal_of(const Fault& fault, Protocol protocol) {
  const bool json = protocol == Protocol::json;
  switch (fault.kind) {
    case FaultKind::status: return refusal_of_status(fault.status, protocol);
    case FaultKind::throttle: return Refusal{400, json ? "ThrottlingException" : "Throttling", "Rate exceeded"};
    case FaultKind::expired_token:
      return refusal_of(SignatureFault::expired, "The security token included in the request is expired", protocol);
    case FaultKind::region_off: return Refusal{403, "RegionDisabledException", "STS is not activated in this region"};
    case FaultKind::access_denied: return access_denied("A test denied this call", protocol);
    case FaultKind::slow_bytes:
    case FaultKind::cut:
    case FaultKind::delay:
    case FaultKind::wrong_xml:
    case FaultKind::reordered_xml: return std::nullopt;
  }
  return std::nullopt;
}

void spoil(Answer& answer, const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::slow_bytes:
      answer.delivery = Delivery::slow_bytes;
      answer.pause = fault.pause;
      return;
    case FaultKind::cut: answer.delivery = Delivery::cut; return;
    case FaultKind::delay: answer.pause = fault.pause; return;
    case FaultKind::wrong_xml: answer.body.resize(answer.body.size() / 2); return;
    case FaultKind::status:
    case FaultKind::throttle:
    case FaultKind::expired_token:
    case FaultKind::region_off:
    case FaultKind::access_denied:
    case FaultKind::reordered_xml: return;
  }
}

}  // namespace portcullis::fake_aws
