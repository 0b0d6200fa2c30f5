// A broker service with a network and a clock of the test's own.
#pragma once

#include <fcntl.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/io/entropy.h"
#include "plugin/broker/broker_service.h"
#include "tests/broker/broker_world.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {

/// One thread, so that logins are made in the order in which they were asked for.
class ServiceWorld {
 public:
  explicit ServiceWorld(HttpTransport& http, std::size_t queue = 4096) : ServiceWorld(http, own_keys(), queue) {}
  ServiceWorld(HttpTransport& http, Variables variables, std::size_t queue)
      : environment(std::move(variables)),
        log_file(::open(folder.path("log").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)),
        log(clock, log_file, LogForm::json, LogLevel::info),
        service({.http = &http,
                 .environment = &environment,
                 .files = files,
                 .clock = clock,
                 .entropy = entropy,
                 .log = log,
                 .threads = 1,
                 .queue = queue}) {
    config->session_prefix = "portcullis-ecr";
    config->cache_maximum = std::chrono::hours(3);
    config->cache_entries = 10'000;
  }
  ~ServiceWorld() {
    service.stop();
    ::close(log_file);
  }

  LoginTarget target(RegistryLoginConfig registry = role_login("id")) {
    return login_target(config, std::make_shared<const RegistryLoginConfig>(std::move(registry)));
  }
  std::future<Result<SharedLogin>> ask(const LoginTarget& target, bool fresh = false, const std::string& caller = {}) {
    auto promise = std::make_shared<std::promise<Result<SharedLogin>>>();
    service.login(
        target, fresh, [promise](Result<SharedLogin> brought) { promise->set_value(std::move(brought)); }, caller);
    return promise->get_future();
  }
  /// Waits for the login; ends the test program's wait after half a minute.
  Result<SharedLogin> log_in(const LoginTarget& target, bool fresh = false) {
    auto future = ask(target, fresh);
    if (future.wait_for(std::chrono::seconds(30)) != std::future_status::ready) return Error{Reason::internal_error, "no answer"};
    return future.get();
  }
  /// Returns when everything that was asked for so far has been done: the one thread does one more login behind it.
  void settle() {
    StaticLoginConfig last;
    last.username = "settle-" + std::to_string(++settled_);
    last.password = std::make_shared<const Secret>("p");
    (void)log_in(target({.host = "settle.example", .login = std::move(last)}));
  }
  std::string logged() { return folder.read("log"); }

  FakeClock clock;
  FakeFiles files;
  SystemEntropy entropy;
  FakeEnvironment environment;
  TempFolder folder;
  int log_file;
  Log log;
  std::shared_ptr<BrokerConfig> config = std::make_shared<BrokerConfig>();
  BrokerService service;

 private:
  int settled_ = 0;
};

}  // namespace portcullis::test
