#include "tests/fake_aws/listener.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

namespace portcullis::fake_aws {
namespace {

constexpr std::size_t kLargestBody = 16UL * 1024 * 1024;
constexpr std::size_t kHeaderMemory = 256UL * 1024;

/// One request while it arrives.
struct Arriving {
  Request request;
  bool headers_read = false;
};

/// One body while it leaves, byte by byte or until it is cut.
struct Leaving {
  std::string body;
  Delivery delivery;
  std::chrono::milliseconds pause;
  Patience& patience;
};

ssize_t read_body(void* closure, std::uint64_t position, char* buffer, std::size_t most) noexcept {
  auto& leaving = *static_cast<Leaving*>(closure);
  const std::size_t end = leaving.delivery == Delivery::cut ? leaving.body.size() / 2 : leaving.body.size();
  if (position >= end) return leaving.delivery == Delivery::cut ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
  std::size_t size = std::min<std::size_t>(most, end - position);
  if (leaving.delivery == Delivery::slow_bytes) {
    if (!leaving.patience.wait(leaving.pause)) return MHD_CONTENT_READER_END_WITH_ERROR;
    size = 1;
  }
  std::memcpy(buffer, leaving.body.data() + position, size);
  return static_cast<ssize_t>(size);
}

void free_body(void* closure) noexcept { const std::unique_ptr<Leaving> gone(static_cast<Leaving*>(closure)); }

MHD_Result collect_header(void* closure, MHD_ValueKind /*kind*/, const char* name, const char* value) noexcept {
  static_cast<HeaderList*>(closure)->emplace_back(name, value == nullptr ? "" : value);
  return MHD_YES;
}

MHD_Result deliver(MHD_Connection* connection, const Answer& answer, Patience& patience) {
  MHD_Response* response = nullptr;
  if (answer.delivery == Delivery::whole) {
    if (answer.pause.count() > 0 && !patience.wait(answer.pause)) return MHD_NO;
    response = MHD_create_response_from_buffer(answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY);  // NOLINT
  } else {
    auto leaving = std::make_unique<Leaving>(Leaving{answer.body, answer.delivery, answer.pause, patience});
    response = MHD_create_response_from_callback(answer.body.size(), 4096, &read_body, leaving.get(), &free_body);
    if (response != nullptr) static_cast<void>(leaving.release());
  }
  if (response == nullptr) return MHD_NO;
  for (const auto& [name, value] : answer.headers) MHD_add_response_header(response, name.c_str(), value.c_str());
  const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

struct Listener::Callbacks {
  static void* on_uri(void* /*closure*/, const char* uri, MHD_Connection* /*connection*/) noexcept {
    auto arriving = std::make_unique<Arriving>();
    const std::string_view target(uri);
    const std::size_t mark = target.find('?');
    arriving->request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) arriving->request.query = target.substr(mark + 1);
    return arriving.release();
  }

  static MHD_Result on_request(void* closure, MHD_Connection* connection, const char* /*url*/, const char* method, const char* /*version*/,
                               const char* upload, std::size_t* upload_size, void** context) noexcept {
    auto* arriving = static_cast<Arriving*>(*context);
    if (arriving == nullptr) return MHD_NO;
    if (!arriving->headers_read) {
      arriving->headers_read = true;
      arriving->request.method = method;
      MHD_get_connection_values(connection, MHD_HEADER_KIND, &collect_header, &arriving->request.headers);
      return MHD_YES;
    }
    if (*upload_size != 0) {
      if (arriving->request.body.size() + *upload_size > kLargestBody) return MHD_NO;
      arriving->request.body.append(upload, std::exchange(*upload_size, 0));
      return MHD_YES;
    }
    const auto& listener = *static_cast<Listener*>(closure);
    return deliver(connection, listener.handler_(arriving->request), listener.patience_);
  }

  static void on_completed(void* /*closure*/, MHD_Connection* /*connection*/, void** context,
                           MHD_RequestTerminationCode /*code*/) noexcept {
    const std::unique_ptr<Arriving> gone(static_cast<Arriving*>(*context));
    *context = nullptr;
  }
};

bool Patience::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !ended_.wait_for(lock, time, [this] { return over_; });
}

void Patience::end() {
  const std::lock_guard lock(mutex_);
  over_ = true;
  ended_.notify_all();
}

void stop_daemon(MHD_Daemon* daemon) noexcept { MHD_stop_daemon(daemon); }

Listener::Listener(Handler handler, Patience& patience, std::optional<TlsIdentity> tls)
    : handler_(std::move(handler)), patience_(patience), tls_(std::move(tls)) {}

Listener::~Listener() = default;

Result<std::unique_ptr<Listener>> Listener::start(Handler handler, Patience& patience, std::optional<TlsIdentity> tls) {
  std::unique_ptr<Listener> listener(new Listener(std::move(handler), patience, std::move(tls)));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::vector<MHD_OptionItem> options{
      {MHD_OPTION_URI_LOG_CALLBACK, reinterpret_cast<std::intptr_t>(&Callbacks::on_uri), nullptr},
      {MHD_OPTION_NOTIFY_COMPLETED, reinterpret_cast<std::intptr_t>(&Callbacks::on_completed), nullptr},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, static_cast<std::intptr_t>(kHeaderMemory), nullptr},
  };
  // The clock of this cloud may be skewed: the answer itself brings the date.
  unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_ITC | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
  if (listener->tls_) {
    flags |= MHD_USE_TLS;
    options.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, const_cast<char*>(listener->tls_->key.c_str())});           // NOLINT
    options.push_back({MHD_OPTION_HTTPS_MEM_CERT, 0, const_cast<char*>(listener->tls_->certificate.c_str())});  // NOLINT
  }
  options.push_back({MHD_OPTION_END, 0, nullptr});
  listener->daemon_.reset(MHD_start_daemon(flags, 0, nullptr, nullptr, &Callbacks::on_request, listener.get(), MHD_OPTION_SOCK_ADDR,
                                           reinterpret_cast<sockaddr*>(&address), MHD_OPTION_ARRAY, options.data(), MHD_OPTION_END));
  if (listener->daemon_ == nullptr) return Error{Reason::io_failed, "cannot listen on 127.0.0.1"};
  const MHD_DaemonInfo* info = MHD_get_daemon_info(listener->daemon_.get(), MHD_DAEMON_INFO_BIND_PORT);
  if (info == nullptr || info->port == 0) return Error{Reason::io_failed, "no port"};
  listener->port_ = info->port;
  return listener;
}

}  // namespace portcullis::fake_aws
