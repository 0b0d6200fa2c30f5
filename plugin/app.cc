#include "plugin/app.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/codec/json_writer.h"
#include "config/address.h"
#include "plugin/http/verify_route.h"

namespace portcullis {
namespace {

using namespace std::chrono_literals;

/// All suspended requests are checked in less than this.
constexpr Milliseconds kLongestCheck = 10s;
/// Requests that wait for a signature check or for keys, all listeners together.
constexpr std::size_t kSuspendedRequests = 256;
/// Calls to the upstream token endpoint at once, and requests that wait for one; the same for questions to the registry.
constexpr unsigned kUpstreamCalls = 8;
constexpr std::size_t kUpstreamRequests = 128;
constexpr std::size_t kAdminConnections = 64;
constexpr std::size_t kAdminHeaderBytes = 16UL * 1024;
/// How often the drain looks whether the last request has ended.
constexpr Milliseconds kDrainLook = 10ms;

LogLevel level_called(std::string_view name) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error})
    if (log_level_name(level) == name) return level;
  return LogLevel::info;  // `load` lets no other name through
}

LogForm form_of(const LogOutput& output) { return output.is_terminal() ? LogForm::text : LogForm::json; }

unsigned worker_count(const Config& config) {
  return config.workers > 0 ? config.workers : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

App::App(const AppSetup& setup, LogOutput output, const Config& config)
    : setup_(setup),
      log_output_(std::move(output)),
      log_(setup.clock, log_output_.descriptor(), form_of(log_output_), level_called(config.log.level)),
      notifier_(setup.notify_socket),
      decisions_(log_, metrics_, setup.clock, worker_count(config)),
      cache_(config.limits.cached_tokens),
      admission_(kSuspendedRequests),
      relay_(setup.http, setup.clock, kUpstreamCalls, kUpstreamRequests),
      tags_(setup.http, setup.files, setup.clock, kUpstreamCalls, kUpstreamRequests),
      broker_({.http = setup.http,
               .environment = setup.environment,
               .files = setup.files,
               .clock = setup.clock,
               .entropy = setup.entropy,
               .log = log_}) {
  if (config.broker) broker_.configure(*config.broker);
}

Result<std::unique_ptr<App>> App::start(const AppSetup& setup, Config config, const std::vector<Finding>& findings) {
  Result<LogOutput> output = LogOutput::open(config.log.output);
  if (!output.ok()) return output.error();
  std::unique_ptr<App> app(new App(setup, std::move(output).value(), config));
  for (const Finding& finding : findings)
    app->log_.write(finding.severity == Severity::warning ? LogLevel::warn : LogLevel::info, "configuration",
                    {{"path", finding.path}, {"note", finding.message}});
  if (Result<void> built = app->build(std::move(config)); !built.ok()) return built.error();
  return app;
}

Result<void> App::build(Config config) {
  KeeperSetup keeper_setup{.config_path = setup_.config_path,
                           .overrides = setup_.overrides,
                           .files = setup_.files,
                           .clock = setup_.clock,
                           .log = log_,
                           .metrics = metrics_,
                           .on_config = [this](const Config& reloaded) { apply(reloaded); },
                           .on_status = [this](std::string_view state) { notifier_.send(state); },
                           .on_tick =
                               [this] {
                                 notifier_.send("WATCHDOG=1");
                                 broker_.tick();
                               },
                           .remote_world = {},
                           .room = &room_};
  if (setup_.http != nullptr && setup_.environment != nullptr)
    keeper_setup.remote_world = [this](StopFlag& waits) { return remote_world(waits); };
  Result<std::unique_ptr<Keeper>> keeper = Keeper::make(std::move(keeper_setup), config);
  if (!keeper.ok()) return keeper.error();
  keeper_ = std::move(keeper).value();
  pool_ = std::make_unique<WorkerPool>(std::max(1U, worker_count(config) / 2));
  gate_handler_ = std::make_unique<GateHandler>(GateTools{.live = keeper_->live(),
                                                          .cache = cache_,
                                                          .metrics = metrics_,
                                                          .log = log_,
                                                          .clock = setup_.clock,
                                                          .entropy = setup_.entropy,
                                                          .admission = admission_,
                                                          .pool = *pool_,
                                                          .room = room_,
                                                          .relay = relay_,
                                                          .decisions = decisions_,
                                                          .tags = tags_,
                                                          .broker = broker_,
                                                          .nudge = [this](std::string_view source) { return keeper_->nudge(source); }});
  if (Result<void> logging = decisions_.configure(config.decision_log); !logging.ok()) return logging.error();
  admin_handler_ = std::make_unique<AdminHandler>(keeper_->live(), cache_, metrics_, broker_, setup_.clock, stopping_);
  if (Result<void> opened = open_listeners(config); !opened.ok()) return opened.error();
  keeper_->start();
  log_.write(LogLevel::info, "started", {{"bound", bound_json()}, {"digest", config.digest}});
  notifier_.send("READY=1");
  return {};
}

/// All sockets are bound before the first request is answered.
Result<void> App::open_listeners(const Config& config) {
  std::vector<ListenSocket> sockets;
  for (const ListenAddress& address : config.listen) {
    Result<ListenSocket> socket = ListenSocket::open(address, config.listen_group);
    if (!socket.ok()) return socket.error();
    sockets.push_back(std::move(socket).value());
  }
  if (config.admin) {
    Result<ListenSocket> socket = ListenSocket::open(*config.admin, config.listen_group);
    if (!socket.ok()) return socket.error();
    if (!is_loopback(*config.admin))
      log_.write(LogLevel::warn, "the admin listener is not on this host's own address: whoever reaches it reads metrics and status",
                 {{"admin", socket->text()}});
    const ServerLimits limits{
        .workers = 1, .header_bytes = kAdminHeaderBytes, .connections = kAdminConnections, .idle = config.limits.idle, .body_bytes = 0};
    Result<std::unique_ptr<HttpServer>> server = HttpServer::start(std::move(socket).value(), limits, *admin_handler_);
    if (!server.ok()) return server.error();
    admin_ = std::move(server).value();
  }
  for (ListenSocket& socket : sockets) {
    const ServerLimits limits{.workers = worker_count(config),
                              .header_bytes = config.limits.header_bytes,
                              .connections = config.limits.connections,
                              .idle = config.limits.idle,
                              .body_bytes = kVerifyBodyBytes,
                              .logins = config.broker != nullptr};
    Result<std::unique_ptr<HttpServer>> server = HttpServer::start(std::move(socket), limits, *gate_handler_);
    if (!server.ok()) return server.error();
    gates_.push_back(std::move(server).value());
  }
  return {};
}

App::~App() { end_requests(); }

/// libmicrohttpd ends the process if a daemon is stopped while a connection is suspended: first those who wait go on, then the listeners
/// end. Whoever would wait from now on is answered at once.
void App::end_requests() {
  admission_.close();
  room_.close();
  relay_.stop();
  tags_.stop();
  broker_.stop();
  if (!admission_.wait_until_empty(kLongestCheck) || !relay_.admission().wait_until_empty(kLongestCheck) ||
      !tags_.admission().wait_until_empty(kLongestCheck) || !broker_.admission().wait_until_empty(kLongestCheck) ||
      !broker_.callers().wait_until_empty(kLongestCheck))
    log_.write(LogLevel::error, "requests still wait for their signature check");
  gates_.clear();
  pool_.reset();
}

RemoteWorld App::remote_world(StopFlag& waits) {
  return {.http = *setup_.http,
          .files = setup_.files,
          .environment = *setup_.environment,
          .clock = setup_.clock,
          .entropy = setup_.entropy,
          .pause = [&waits](std::chrono::milliseconds time) { return waits.pause(time); },
          .warn =
              [this](std::string_view text) {
                log_.write(LogLevel::warn, "AWS configuration", {{"note", text}});
              }};
}

std::vector<std::string> App::gate_addresses() const {
  std::vector<std::string> found;
  for (const auto& gate : gates_) found.push_back(gate->address());
  return found;
}

std::string App::admin_address() const { return admin_ ? admin_->address() : std::string(); }

std::string App::bound_json() const {
  JsonWriter json;
  json.begin_object().key("listen").begin_array();
  for (const std::string& address : gate_addresses()) json.string(address);
  json.end_array().key("admin");
  if (admin_)
    json.string(admin_->address());
  else
    json.null();
  json.end_object();
  return std::move(json).text();
}

/// What of a reloaded configuration lies outside the state. On the keeper's thread.
void App::apply(const Config& config) {
  if (config.broker) broker_.configure(*config.broker);
  log_.set_level(level_called(config.log.level));
  if (const Result<void> moved = log_output_.redirect(config.log.output); !moved.ok())
    log_.write(LogLevel::error, "the log stays where it was", {{"fault", moved.error().detail}});
  if (const Result<void> moved = decisions_.configure(config.decision_log); !moved.ok())
    log_.write(LogLevel::error, "the decision log stays where it was", {{"fault", moved.error().detail}});
}

void App::reopen_log() {
  decisions_.reopen();
  const std::optional<std::string> path = keeper_->live().read()->state.config.log.output;
  const Result<void> reopened = log_output_.redirect(path);
  if (reopened.ok())
    log_.write(LogLevel::info, "log opened anew");
  else
    log_.write(LogLevel::error, "the log could not be opened anew", {{"fault", reopened.error().detail}});
}

std::size_t App::active() const {
  std::size_t sum = 0;
  for (const auto& gate : gates_) sum += gate->active();
  return sum;
}

void App::stop(const std::function<bool(Milliseconds)>& pause) {
  const DrainConfig drain = keeper_->live().read()->state.config.drain;
  notifier_.send("STOPPING=1");
  stopping_.store(true);
  log_.write(LogLevel::info, "stopping: not ready any more", {{"delayMs", drain.delay.count()}, {"deadlineMs", drain.deadline.count()}});
  // Connections move elsewhere while there is time.
  for (const auto& gate : gates_) gate->close_after_answers();
  bool hurry = pause(drain.delay);
  for (const auto& gate : gates_) gate->stop_accepting();
  const SteadyPoint deadline = setup_.clock.steady_now() + drain.deadline;
  while (!hurry && active() > 0 && setup_.clock.steady_now() < deadline) hurry = pause(kDrainLook);
  const std::size_t left = active();
  log_.write(left == 0 ? LogLevel::info : LogLevel::warn, "stopped", {{"requestsCut", left}});
  end_requests();
  decisions_.flush();
}

}  // namespace portcullis
