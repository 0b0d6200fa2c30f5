// A whole daemon in the test's process: real files in a folder of its own, real sockets, the real clock.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/io/entropy.h"
#include "base/io/environment.h"
#include "base/io/files.h"
#include "plugin/app.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_folder.h"

namespace portcullis::test {

/// Writes `gate.json`, `keys.json` with the Ed25519 key `key_pair("ED25519")` as `k1`, and starts. Listens on 127.0.0.1 (trusted) and on
/// `gate.sock`; logs to `gate.log`; drains for ten seconds at most.
class TestDaemon {
 public:
  /// `portcullis`: more members of the `portcullis` section, without a leading comma. `keys`: text of the keys file; empty: no file.
  /// `http` is where keys come from over the network, where the configuration says so; it outlives the daemon.
  explicit TestDaemon(std::string_view portcullis = {}, const std::string& keys = first_keys(), HttpTransport* http = nullptr);

  /// Why it did not start; empty where it did.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  [[nodiscard]] App& app() { return *app_; }
  [[nodiscard]] const TempFolder& folder() const noexcept { return folder_; }
  [[nodiscard]] std::string tcp() const { return app_->gate_addresses().at(0); }
  [[nodiscard]] std::string unix_socket() const { return app_->gate_addresses().at(1); }
  [[nodiscard]] std::string admin() const { return app_->admin_address(); }
  [[nodiscard]] std::string log() const { return folder_.read("gate.log"); }
  /// Text of the configuration with other members in the `portcullis` section and another service name.
  [[nodiscard]] static std::string config(std::string_view portcullis, std::string_view service = "registry.example");
  /// The secret's JSON of one key.
  static std::string first_keys();
  static std::string second_keys();
  /// Ends the app as a crash would, without a drain.
  void destroy() { app_.reset(); }
  /// Ends the app and starts another from the same files, which are read through `files` where that is given; it outlives the daemon.
  void restart(HttpTransport* http = nullptr, Files* files = nullptr);

  /// What the gate answers to nginx about `GET /v2/team/app/manifests/latest` with this token: 200, 401, 403, 503.
  [[nodiscard]] int status_for(const std::string& token) const;
  /// A token of the first or the second key, good for five minutes from now.
  static std::string first_token();
  static std::string second_token();

 private:
  SystemClock clock_;
  SystemFiles files_;
  SystemEntropy entropy_;
  FakeEnvironment environment_;
  TempFolder folder_;
  std::string fault_;
  std::unique_ptr<App> app_;
};

/// What nginx sends for `GET uri` with this token.
std::string nginx_request(std::string_view uri, std::string_view token);

}  // namespace portcullis::test
