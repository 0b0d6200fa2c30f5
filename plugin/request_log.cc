#include "plugin/request_log.h"

#include <string>

#include "base/codec/percent.h"
#include "plugin/http/header_scan.h"

namespace portcullis {
namespace {

/// The value of a header that came exactly once, escaped; empty otherwise.
std::string only(const FactValue& fact) { return fact.count == 1 ? escape_for_log(fact.value) : std::string(); }

std::string original_method(const HttpRequest& request, const HeaderScan& headers, Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::auth: return only(headers[Fact::original_method]);
    case Endpoint::forward: return only(headers[Fact::forwarded_method]);
    case Endpoint::envoy:
    case Endpoint::verify:
    case Endpoint::introspect:
    case Endpoint::exchange:
    case Endpoint::credentials:
    case Endpoint::unknown: break;
  }
  return escape_for_log(request.method);
}

/// What the token exchange did without a decision; empty where that is not it.
std::string_view exchange_name(GateAnswer::Exchange exchange) noexcept {
  switch (exchange) {
    case GateAnswer::Exchange::none: return {};
    case GateAnswer::Exchange::anonymous: return "anonymous token given";
    case GateAnswer::Exchange::relayed: return "answered by the upstream token endpoint";
    case GateAnswer::Exchange::preflight: return "preflight answered";
  }
  return {};
}

LogLevel level_of(const GateAnswer& answer) noexcept {
  if (answer.exchange != GateAnswer::Exchange::none) return LogLevel::debug;
  if (!answer.decision) return LogLevel::info;
  // The first request of every client comes without a token, to learn the challenge.
  if (answer.decision->allowed() || answer.decision->reason() == Reason::token_missing) return LogLevel::debug;
  return answer.decision->reason() == Reason::internal_error ? LogLevel::error : LogLevel::info;
}

}  // namespace

void RequestLog::note(const HttpRequest& request, const GateAnswer& answer, const GateRules& rules, std::string_view id, SteadyPoint now) {
  const LogLevel level = level_of(answer);
  if (!log_.wants(level)) return;
  const bool allowed = answer.decision && answer.decision->allowed();
  const std::string_view exchanged = exchange_name(answer.exchange);
  if (!allowed && exchanged.empty() && !admit(now)) return;
  const Access* access = answer.decision && answer.decision->access ? &*answer.decision->access : nullptr;
  const Reason why = answer.decision ? answer.decision->reason() : Reason::bad_request;
  const std::string_view reason = exchanged.empty() ? reason_name(why) : std::string_view();
  const std::string detail = answer.decision && answer.decision->refusal ? detail_for_log(answer.decision->refusal->detail) : std::string();
  const HeaderScan headers = scan_headers(request, rules);
  log_.write(level,
             !exchanged.empty() ? exchanged
             : allowed          ? "allowed"
                                : "refused",
             {{"id", id},
              {"endpoint", endpoint_name(answer.endpoint)},
              {"status", answer.http.status},
              {"method", original_method(request, headers, answer.endpoint)},
              {"route", access != nullptr ? access->route : std::string_view()},
              {"repository", access != nullptr ? std::string_view(access->repository) : std::string_view()},
              {"reason", reason},
              {"detail", detail},
              {"peer", request.peer != nullptr ? std::string_view(request.peer->text) : std::string_view()},
              {"client", only(headers[Fact::client_address])}});
}

bool RequestLog::admit(SteadyPoint now) {
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  std::int64_t before = second_.load(std::memory_order_relaxed);
  if (before != second && second_.compare_exchange_strong(before, second, std::memory_order_relaxed)) {
    lines_.store(0, std::memory_order_relaxed);
    const std::uint64_t suppressed = suppressed_.exchange(0, std::memory_order_relaxed);
    if (suppressed > 0)
      log_.write(LogLevel::info, "refusals not logged", {{"count", suppressed}, {"limitPerSecond", std::int64_t{kLinesPerSecond}}});
  }
  if (lines_.fetch_add(1, std::memory_order_relaxed) < kLinesPerSecond) return true;
  suppressed_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

}  // namespace portcullis
