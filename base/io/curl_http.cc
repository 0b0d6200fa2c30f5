#include "base/io/curl_http.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/handle.h"
#include "base/io/address_guard.h"

namespace portcullis {
namespace {

constexpr std::size_t kHeaderBytes = 64UL * 1024;

using EasyHandle = Handle<CURL, curl_easy_cleanup>;
using HeaderLines = Handle<curl_slist, curl_slist_free_all>;

/// What curl's callbacks see of one call.
struct Call {
  const OutgoingRequest& request;
  IncomingAnswer answer;
  std::size_t header_bytes = 0;
  const char* fault = nullptr;  ///< why a callback stopped the call
};

/// No exception may pass through curl.
template <class Step>
bool kept(Call& call, Step step) noexcept {
  try {
    step();
    return true;
  } catch (...) {
    call.fault = "out of memory";
    return false;
  }
}

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* data) noexcept {
  auto& call = *static_cast<Call*>(data);
  const std::size_t length = size * count;
  if (length > call.request.body_limit - call.answer.body.size()) {
    call.fault = "the answer is too large";
    return 0;
  }
  return kept(call, [&] { call.answer.body.append(bytes, length); }) ? length : 0;
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* data) noexcept {
  auto& call = *static_cast<Call*>(data);
  const std::size_t length = size * count;
  call.header_bytes += length;
  if (call.header_bytes > kHeaderBytes) {
    call.fault = "the answer's headers are too large";
    return 0;
  }
  const std::string_view line(bytes, length);
  if (line.starts_with("HTTP/")) call.answer.headers.clear();  // a 1xx answer came before
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return length;
  return kept(call, [&] { call.answer.headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1))); }) ? length : 0;
}

/// The address is judged here, where it is certain that no other one is used.
curl_socket_t on_open_socket(void* data, curlsocktype /*purpose*/, curl_sockaddr* address) noexcept {
  auto& call = *static_cast<Call*>(data);
  const bool plain = strncasecmp(call.request.url.c_str(), "http://", 7) == 0;
  if (!may_reach(address->addr, call.request.reachable)) {
    call.fault = "the name leads to an address that this call may not reach";
    return CURL_SOCKET_BAD;
  }
  if (plain && call.request.reachable == ReachableHosts::with_loopback && !is_loopback(address->addr)) {
    call.fault = "http is for loopback addresses only; use https";
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// curl asks about once a second, also while nothing arrives.
int on_progress(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  auto& call = *static_cast<Call*>(data);
  if (call.request.stop == nullptr || !call.request.stop->load(std::memory_order_relaxed)) return 0;
  call.fault = "the call was given up";
  return 1;
}

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return std::string(url.substr(0, url.find_first_of("/?#")));
}

/// These certificate authorities and no others.
bool trust_alone(CURL* easy, const std::string& pem) {
  // curl reads the bytes during the call, in which they stay where they are.
  curl_blob blob{const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_NOCOPY};
  return curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob) == CURLE_OK && curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr) == CURLE_OK;
}

bool set_common(CURL* easy, Call& call, const std::string& user_agent) {
  const OutgoingRequest& request = call.request;
  const bool plain_allowed = request.reachable != ReachableHosts::public_only;
  const bool local = request.reachable == ReachableHosts::credential_hosts || request.reachable == ReachableHosts::metadata_service;
  bool ok = curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str()) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, plain_allowed ? "http,https" : "https") == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED)) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count())) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count())) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent.c_str()) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &call) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEDATA, &call) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK;
  ok = ok && curl_easy_setopt(easy, CURLOPT_HEADERDATA, &call) == CURLE_OK;
  if (request.stop != nullptr) {
    ok = ok && curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &call) == CURLE_OK;
  }
  if (local) ok = ok && curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK;
  if (request.ca_file) {
    ok = ok && curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file->c_str()) == CURLE_OK;
    ok = ok && curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr) == CURLE_OK;
  }
  if (request.ca_pem) ok = ok && trust_alone(easy, *request.ca_pem);
  return ok;
}

bool set_method(CURL* easy, const OutgoingRequest& request) {
  bool ok = true;
  if (request.method == "HEAD") {
    ok = curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
  } else if (request.method != "GET" || !request.body.empty()) {
    ok = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data()) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size())) == CURLE_OK;
  }
  return ok && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str()) == CURLE_OK;
}

/// No line break that would begin another header, no NUL that would end this one.
bool may_travel(std::string_view text) noexcept { return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos; }

/// Null where memory is short or a header could not travel.
HeaderLines header_lines(const OutgoingRequest& request) {
  HeaderLines lines(curl_slist_append(nullptr, "Expect:"));
  bool has_type = false;
  for (const auto& [name, value] : request.headers) {
    if (!may_travel(name) || !may_travel(value)) return nullptr;
    has_type = has_type || strcasecmp(name.c_str(), "Content-Type") == 0;
    std::string line = name;
    line += value.empty() ? ";" : ": ";
    line += value;
    curl_slist* longer = curl_slist_append(lines.get(), line.c_str());
    if (longer == nullptr) return nullptr;
    (void)lines.release();
    lines.reset(longer);
  }
  if (!has_type && !request.body.empty()) {
    if (curl_slist_append(lines.get(), "Content-Type:") == nullptr) return nullptr;  // curl would invent one
  }
  return lines;
}

/// Sets up libcurl before its first use: it costs memory that a process without a network does without. Whether it is there.
bool set_up_curl() {
  static std::mutex mutex;
  static bool done = false;
  const std::scoped_lock lock(mutex);
  if (!done) done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return done;
}

}  // namespace

CurlHttp::CurlHttp(std::string user_agent) : user_agent_(std::move(user_agent)) {}

Result<IncomingAnswer> CurlHttp::send(const OutgoingRequest& request) {
  thread_local EasyHandle easy;
  if (easy == nullptr && set_up_curl()) easy.reset(curl_easy_init());
  const auto failed = [&request](const std::string& why) { return Error{Reason::io_failed, host_of(request.url) + ": " + why}; };
  if (easy == nullptr) return failed("out of memory");
  curl_easy_reset(easy.get());
  Call call{.request = request, .answer = {}, .header_bytes = 0, .fault = nullptr};
  const HeaderLines lines = header_lines(request);
  if (lines == nullptr) return failed("a header of the request holds a line break");
  if (!set_common(easy.get(), call, user_agent_) || !set_method(easy.get(), request) ||
      curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, lines.get()) != CURLE_OK) {
    return failed("the request cannot be set up");
  }
  const CURLcode code = curl_easy_perform(easy.get());
  if (call.fault != nullptr) return failed(call.fault);
  if (code != CURLE_OK) return failed(curl_easy_strerror(code));
  long status = 0;
  if (curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status) != CURLE_OK) return failed("no status");
  call.answer.status = static_cast<int>(status);
  return std::move(call.answer);
}

}  // namespace portcullis
