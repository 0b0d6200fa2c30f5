#include "plugin/http/admin.h"

#include <algorithm>
#include <string>

#include "keystore/key_text.h"
#include "plugin/http/header_scan.h"
#include "plugin/http/health.h"
#include "plugin/http/metrics_access.h"
#include "plugin/http/status.h"

namespace portcullis {
namespace {

constexpr std::string_view kIndex =
    "Portcullis\n\n"
    "/livez            the process runs\n"
    "/readyz           it should get traffic (?verbose, ?exclude=name); /healthz is the same\n"
    "/startupz         it has started\n"
    "/metrics          for Prometheus\n"
    "/status           sources, keys, configuration, cache, refusals, as JSON\n"
    "/jwks.json        the keys that serve\n";

/// Followers ask again after this many seconds.
constexpr std::string_view kJwksCache = "public, max-age=60";

HttpAnswer make_answer(int status, std::string_view type, std::string body) {
  HttpAnswer answer;
  answer.status = status;
  answer.headers.emplace_back("Content-Type", type);
  answer.headers.emplace_back("Cache-Control", "no-store");
  answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
  answer.body = std::move(body);
  return answer;
}

HttpAnswer text_answer(int status, std::string_view text) { return make_answer(status, "text/plain; charset=utf-8", std::string(text)); }

/// RFC 9110 section 13.1.2, for our own strong tags.
bool has_tag(const HttpRequest& request, const std::string& tag) {
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
    return same_header_name(header.first, "If-None-Match") && (header.second == "*" || header.second.find(tag) != std::string_view::npos);
  });
}

HttpAnswer answer_jwks(const SourceState& source, const HttpRequest& request, TimePoint now) {
  if (source.keys == nullptr || !source.last_success) return text_answer(503, "no keys are loaded\n");
  const std::string tag = "\"" + source.keys->digest() + "\"";
  HttpAnswer answer;
  answer.status = has_tag(request, tag) ? 304 : 200;
  answer.headers.emplace_back("ETag", tag);
  answer.headers.emplace_back("Cache-Control", kJwksCache);
  // The time since the keys were good at their origin (RFC 9111 section 5.1): a follower counts it.
  const auto age = std::max(std::chrono::seconds(0), std::chrono::floor<std::chrono::seconds>(now - *source.last_success));
  answer.headers.emplace_back("Age", std::to_string(age.count()));
  if (answer.status == 304) return answer;
  answer.headers.emplace_back("Content-Type", "application/jwk-set+json");
  answer.body = to_jwks(source.keys->keys());
  return answer;
}

}  // namespace

std::optional<HttpAnswer> AdminHandler::handle(Connection& connection) {
  const HttpRequest& request = connection.request;
  if (request.method != "GET" && request.method != "HEAD") {
    HttpAnswer answer = text_answer(405, "only GET and HEAD\n");
    answer.headers.emplace_back("Allow", "GET, HEAD");
    return answer;
  }
  const std::size_t end = std::min(request.raw_uri.find('?'), request.raw_uri.size());
  return answer_path(request.raw_uri.substr(0, end), request.raw_uri.substr(std::min(end + 1, request.raw_uri.size())), request);
}

/// The broker's families follow the gate's: their names differ.
std::string AdminHandler::metrics_text(const LiveState& live, TimePoint now) const {
  std::string text = metrics_.text(live, cache_, now);
  if (live.state.config.broker == nullptr) return text;
  MetricsText more;
  broker_.add_metrics(more, live.state.config.broker);
  return text + more.text();
}

HttpAnswer AdminHandler::answer_path(std::string_view path, std::string_view query, const HttpRequest& request) const {
  const TimePoint now = clock_.now();
  const LiveState& live = *live_.read();
  const bool stopping = stopping_.load();
  if (path == "/livez") return answer_health("livez", {{"process", true, ""}}, query);
  if (path == "/startupz") return answer_health("startupz", {{"started", true, ""}}, query);
  if (path == "/readyz" || path == "/healthz")
    return answer_health(path.substr(1), readiness(live, metrics_.decision_log_failing(), stopping, now), query);
  if (path == "/metrics" || path == "/status") {
    if (auto refused = refuse_reader(request, live.state, now)) return *std::move(refused);
  }
  if (path == "/metrics") return make_answer(200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(live, now));
  if (path == "/status") return make_answer(200, "application/json", status_json(live, metrics_, cache_, broker_, stopping, now));
  if (path == "/jwks.json") return answer_jwks(live.state.source, request, now);
  if (path == "/") return text_answer(200, kIndex);
  return text_answer(404, "not found; / lists what there is\n");
}

}  // namespace portcullis
