#include "plugin/exchange/upstream_call.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "plugin/http/header_scan.h"
#include "plugin/http/respond.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kConnectTimeout = 5s;
constexpr std::chrono::milliseconds kTimeout = 30s;
constexpr std::size_t kAnswerBytes = 256UL * 1024;
/// The answer's headers share the connection's memory with the request.
constexpr std::size_t kHeaderBytes = 4096;
constexpr std::string_view kService = "service";
constexpr std::array<std::string_view, 2> kSent = {"Accept", "User-Agent"};
constexpr std::array<std::string_view, 4> kReturned = {"Content-Type", "WWW-Authenticate", "Location", "Retry-After"};

bool holds(const FormFields& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(), [name](const auto& field) { return field.first == name; });
}

/// `service` stands once, and is the one that the other endpoint knows.
FormFields for_service(const FormFields& fields, const std::string& service) {
  FormFields kept;
  for (const auto& field : fields) {
    if (field.first != kService) kept.push_back(field);
  }
  kept.emplace_back(kService, service);
  return kept;
}

std::string url_of(const UpstreamTokenEndpointConfig& upstream, const FormFields& asked) {
  const std::size_t mark = upstream.realm.find('?');
  std::string url = upstream.realm.substr(0, mark) + "?";
  std::string own = mark == std::string::npos ? std::string() : upstream.realm.substr(mark + 1);
  // A realm whose own query no form has is sent as it was written.
  if (const auto fields = form_decode(own, own.size()); fields) {
    FormFields kept;
    for (const auto& field : *fields) {
      if (field.first != kService && !holds(asked, field.first)) kept.push_back(field);
    }
    own = form_encode(kept);
  }
  if (!own.empty()) url += own + "&";
  return url + form_encode(for_service(asked, upstream.service));
}

void mark_unstored(HttpAnswer& answer) { answer.headers.emplace_back("Pragma", "no-cache"); }

GateAnswer failed(std::string detail, std::string_view id) {
  HttpAnswer http = respond_error(502, "failed to proxy token request", id);
  mark_unstored(http);
  return {
      .http = std::move(http), .endpoint = Endpoint::exchange, .decision = refuse({Reason::io_failed, std::move(detail)}, std::nullopt)};
}

GateAnswer relayed(Result<IncomingAnswer> brought, std::string_view id) {
  if (!brought) return failed(brought.error().detail, id);
  if (brought->status < 200 || brought->status > 599) return failed("the upstream token endpoint answered with no status of HTTP", id);
  HttpAnswer http;
  http.status = brought->status;
  http.headers.emplace_back("Cache-Control", "no-store");
  mark_unstored(http);
  http.headers.emplace_back("X-Portcullis-Id", id);
  std::size_t bytes = 0;
  for (auto& header : brought->headers) {
    const auto name =
        std::find_if(kReturned.begin(), kReturned.end(), [&](std::string_view one) { return same_header_name(one, header.first); });
    if (name == kReturned.end()) continue;
    bytes += name->size() + header.second.size();
    http.headers.emplace_back(*name, std::move(header.second));
  }
  if (bytes > kHeaderBytes) return failed("the upstream token endpoint answered with headers of more than 4 KiB", id);
  http.body = std::move(brought->body);
  return {.http = std::move(http), .endpoint = Endpoint::exchange, .decision = std::nullopt, .exchange = GateAnswer::Exchange::relayed};
}

}  // namespace

OutgoingRequest upstream_call(const HttpRequest& request, const ExchangeQuestion& question, const UpstreamTokenEndpointConfig& upstream) {
  OutgoingRequest call;
  call.method = request.method;
  call.url = url_of(upstream, question.query);
  if (question.basic) call.headers.emplace_back("Authorization", "Basic " + *question.basic);
  for (const std::string_view name : kSent) {
    const auto found = std::find_if(request.headers.begin(), request.headers.end(),
                                    [&](const auto& header) { return same_header_name(header.first, name); });
    if (found != request.headers.end()) call.headers.emplace_back(name, found->second);
  }
  if (question.form) {
    call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    call.body = form_encode(for_service(*question.form, upstream.service));
  }
  call.connect_timeout = kConnectTimeout;
  call.timeout = kTimeout;
  call.body_limit = kAnswerBytes;
  call.reachable = upstream.allow_insecure_http ? ReachableHosts::with_plain_http : ReachableHosts::public_only;
  return call;
}

GateAnswer upstream_busy(const State& state, std::string_view id) {
  Decision decision = refuse({Reason::overloaded, "too many requests wait for the upstream token endpoint"}, std::nullopt);
  HttpAnswer http = respond(decision, state.rules, Endpoint::exchange, id);
  mark_unstored(http);
  return {.http = std::move(http), .endpoint = Endpoint::exchange, .decision = std::move(decision)};
}

GateAnswer upstream_answer(Result<IncomingAnswer> brought, std::string_view id) noexcept {
  try {
    return relayed(std::move(brought), id);
  } catch (...) {
    return bare_refusal();
  }
}

}  // namespace portcullis
