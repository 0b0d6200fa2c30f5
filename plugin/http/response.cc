#include "plugin/http/response.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "plugin/http/response_cache.h"

namespace portcullis {
namespace {

/// The answer's headers share the connection's memory with the request: identities may take 4 KiB, a challenge and an error about two.
constexpr std::size_t kAnswerBytes = 8192;
constexpr std::size_t kLoginBytes = 8192;

ResponseHandle new_response(const std::string& body) noexcept {
  // libmicrohttpd takes a mutable pointer and writes to neither.
  if (body.empty()) return ResponseHandle(MHD_create_response_from_buffer(0, const_cast<char*>(""), MHD_RESPMEM_PERSISTENT));
  return ResponseHandle(MHD_create_response_from_buffer(body.size(), const_cast<char*>(body.data()), MHD_RESPMEM_MUST_COPY));
}

/// RFC 9110 section 6.6.1: an origin with a clock sends `Date`. Written once a second and thread; libmicrohttpd would convert the time for
/// each answer.
const char* date_now() noexcept {
  struct Cached {
    std::time_t second = -1;
    std::array<char, 32> text{};
  };
  thread_local Cached cached;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (cached.second != now.tv_sec) {
    std::tm parts{};
    ::gmtime_r(&now.tv_sec, &parts);
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // Not strftime: its names follow the locale.
    std::snprintf(cached.text.data(), cached.text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                  days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday, months[static_cast<std::size_t>(parts.tm_mon)],
                  parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    cached.second = now.tv_sec;
  }
  return cached.text.data();
}

HttpAnswer limit_answer(int status, const char* body) {
  HttpAnswer answer;
  answer.status = status;
  answer.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {"X-Portcullis-Decision", "deny"}};
  answer.body = body;
  return answer;
}

}  // namespace

MHD_Result queue_answer(MHD_Connection* connection, const HttpAnswer& answer, bool close) {
  // A refusal that found no memory for words, or an answer that nobody filled in.
  if (answer.headers.empty()) return queue_refusal(connection);
  thread_local ResponseCache ready;
  const char* date = date_now();
  if (MHD_Response* same = close ? nullptr : ready.prepare(answer, date)) return MHD_queue_response(connection, MHD_HTTP_OK, same);
  const ResponseHandle response = new_response(answer.body);
  bool whole = response != nullptr && add_header(response.get(), "Date", date);
  for (const auto& [name, value] : answer.headers) whole = whole && add_header(response.get(), name, value.c_str());
  if (close) whole = whole && add_header(response.get(), "Connection", "close");
  // An allow that lost a header could let a client's own copy of it through.
  if (!whole) return queue_refusal(connection);
  return MHD_queue_response(connection, static_cast<unsigned>(answer.status), response.get());
}

MHD_Result queue_refusal(MHD_Connection* connection) noexcept {
  const ResponseHandle response = new_response({});
  const bool whole = response != nullptr && add_header(response.get(), "Cache-Control", "no-store") &&
                     add_header(response.get(), "X-Portcullis-Decision", "deny") && add_header(response.get(), "Retry-After", "1");
  if (!whole) return MHD_NO;
  return MHD_queue_response(connection, MHD_HTTP_SERVICE_UNAVAILABLE, response.get());
}

HttpAnswer body_too_large() { return limit_answer(413, R"({"error":"body_too_large","message":"The body is larger than 64 KiB."})"); }
HttpAnswer headers_too_large() {
  return limit_answer(431, R"({"error":"headers_too_large","message":"The headers are larger than the limit."})");
}

std::size_t pool_bytes(std::size_t header_bytes, bool logins) noexcept { return header_bytes + kAnswerBytes + (logins ? kLoginBytes : 0); }

}  // namespace portcullis
